"""GET ?x-oss-process=image/labels: the labels of a picture, which come from the detector.

https://www.alibabacloud.com/help/en/oss/user-guide/image-label-detection. The pages disagree on `thr`: newer ones say
0 to 1, older ones 0 to 100, and both are taken. The answer's headers are those of the pages' samples. Every other
process is image processing.
"""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from emulator.aliyun.oss.dialect import shown_headers
from emulator.aliyun.oss.errors import UNLABELLED
from emulator.aliyun.oss.objects import accepts_gzip
from emulator.objectstore import conditions, labelling, overrides
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply

LARGEST = 20 * 1024 * 1024
"""A picture may have so many bytes."""
DEFAULT_THRESHOLD = 0.7
FIELDS = ("CentricScore", "Language", "LabelConfidence", "LabelName", "LabelLevel", "ParentLabelName")
"""The fields of a label in the order of the sample. Other fields that the detector gives stay out."""


async def processed(context: StoreContext, call: Call) -> Reply:
    name, _, _ = call.query["x-oss-process"].partition(",")
    if name == "image/labels":
        return await labels(context, call)
    from emulator.aliyun.oss import images  # it loads Pillow, which an idle emulator does without

    return await images.processed(context, call)


async def saved(context: StoreContext, call: Call) -> Reply:
    from emulator.aliyun.oss import images  # it loads Pillow, as above

    return await images.saved(context, call)


async def labels(context: StoreContext, call: Call) -> Reply:
    threshold = threshold_of(call.query["x-oss-process"])
    stored = context.readable(call)
    if not conditions.check(call, stored):
        return Reply(304, shown_headers(stored))
    if stored.size > LARGEST:
        raise UNLABELLED.refusal("too_large")
    detected = await labelling.labels_of(context, stored, UNLABELLED)
    shown = shown_headers(stored)
    kept = ("Last-Modified", "x-oss-object-type", "x-oss-hash-crc64ecma", "x-oss-storage-class")
    headers = {
        "Content-Type": "application/json;charset=utf-8",
        "Vary": "Accept-Encoding",
        **{name: shown[name] for name in kept},
        "x-oss-ec": "0048-00000104",
        "Content-Disposition": "attachment",
        "x-oss-force-download": "true",
    }
    headers |= overrides.overriding_headers(call)
    text = body(detected, threshold, str(uuid.uuid4()).upper())
    return Reply(200, headers, text, chunked=True, gzipped=accepts_gzip(call))


def threshold_of(process: str) -> float:
    """Return the threshold, 0 to 1, of image/labels[,thr_...]. A value out of range is refused."""
    threshold = DEFAULT_THRESHOLD
    for param in process.split(",")[1:]:
        number = re.fullmatch(r"thr_([0-9]{1,3}(?:\.[0-9]{1,10})?)", param)
        if number is None or float(number[1]) > 100:
            raise invalid("x-oss-process", process, "image/labels takes thr_ and a number from 0 to 1, or up to 100.")
        threshold = float(number[1])
    return threshold if threshold <= 1 else threshold / 100


def body(detected: list[dict[str, Any]], threshold: float, request_id: str) -> bytes:
    """Return the answer of IMM, which OSS passes on. It has the detector's labels from `threshold` on."""
    sure = (label for label in detected if label["LabelConfidence"] >= threshold)
    labels = [{name: label[name] for name in FIELDS if name in label} for label in sure]
    return json.dumps({"RequestId": request_id, "Labels": labels}, ensure_ascii=False).encode()
