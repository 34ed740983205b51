"""GET ?x-oss-process=image/labels: the labels of a picture, from the detector.

https://www.alibabacloud.com/help/en/oss/user-guide/image-label-detection. The pages disagree on `thr`: newer ones have
0 to 1, older ones 0 to 100; both are taken. The answer's headers are those of the pages' samples.
"""

from __future__ import annotations

import json
import logging
import re
import uuid

from emulator.oss import conditions
from emulator.oss.call import Call
from emulator.oss.context import Context
from emulator.oss.errors import Refusal, invalid, not_built, of_picture
from emulator.oss.objects import accepts_gzip, headers_of
from emulator.oss.reply import Reply

LARGEST = 20 * 1024 * 1024
"""Bytes."""
DEFAULT_THRESHOLD = 0.7
FIELDS = ("CentricScore", "Language", "LabelConfidence", "LabelName", "LabelLevel", "ParentLabelName")
"""Of a label, in the sample's order; what else the detector says of it stays out."""

log = logging.getLogger(__name__)


async def labels(context: Context, call: Call) -> Reply:
    threshold = threshold_of(call.query["x-oss-process"])
    stored = context.readable(call)
    if not conditions.check(call, stored):
        return Reply(304, headers_of(stored))
    if stored.size > LARGEST:
        raise of_picture("too_large")
    if context.detect is None:
        raise Refusal("ServiceUnavailable", "The emulator was started without a detector.")
    with context.store.pinned(stored) as path:
        try:
            answer = await context.detect(path)
        except Exception as error:
            log.exception("the detector failed")
            raise Refusal("InternalError", "The detector failed; the emulator's log says how.") from error
    body = {"RequestId": str(uuid.uuid4()).upper(), "Labels": _labels(answer, threshold)}
    shown = headers_of(stored)
    kept = ("Last-Modified", "x-oss-object-type", "x-oss-hash-crc64ecma", "x-oss-storage-class")
    headers = {
        "Content-Type": "application/json;charset=utf-8",
        "Vary": "Accept-Encoding",
        **{name: shown[name] for name in kept},
        "x-oss-ec": "0048-00000104",
        "Content-Disposition": "attachment",
        "x-oss-force-download": "true",
    }
    text = json.dumps(body, ensure_ascii=False).encode()
    return Reply(200, headers, text, chunked=True, gzipped=accepts_gzip(call))


def threshold_of(process: str) -> float:
    """The threshold, 0 to 1, of image/labels[,thr_...]; Refusal for another action or a value out of range."""
    action, *params = process.split(",")
    if action != "image/labels":
        raise not_built(f"x-oss-process={process}")
    threshold = DEFAULT_THRESHOLD
    for param in params:
        number = re.fullmatch(r"thr_([0-9]{1,3}(?:\.[0-9]{1,10})?)", param)
        if number is None or float(number[1]) > 100:
            raise invalid("x-oss-process", process, "image/labels takes thr_ and a number from 0 to 1, or up to 100.")
        threshold = float(number[1])
    return threshold if threshold <= 1 else threshold / 100


def _labels(answer: dict[str, object], threshold: float) -> list[dict[str, object]]:
    error = answer.get("error")
    if isinstance(error, dict):
        raise of_picture(str(error.get("reason", "")))
    found = answer.get("labels")
    if not isinstance(found, list):
        log.error("the detector gave neither labels nor an error")
        raise Refusal("InternalError", "The detector gave neither labels nor an error.")
    sure = (label for label in found if label["LabelConfidence"] >= threshold)
    return [{name: label[name] for name in FIELDS if name in label} for label in sure]
