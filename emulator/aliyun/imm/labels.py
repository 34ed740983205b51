"""DetectImageLabels: the labels of a picture in OSS, which come from the detector.

https://www.alibabacloud.com/help/en/imm/developer-reference/api-imm-2020-09-30-detectimagelabels
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from emulator.aliyun.imm.errors import UNLABELLED, invalid_parameter
from emulator.aliyun.oss import process
from emulator.core.refusal import Refusal
from emulator.objectstore import labelling
from emulator.objectstore.context import StoreContext
from emulator.objectstore.stored import Stored

EXTENSIONS = (".jpg", ".jpeg", ".png")
"""The page wants a path "that has an extension". Which extensions, and in which case, is taken from its formats."""
SOURCE = re.compile(r"oss://([^/]+)/(.+)", re.DOTALL)


async def detect(context: StoreContext, params: Mapping[str, str], request_id: str) -> bytes:
    """Return the answer. Parameters that the service does not take are refused. The project is known to exist."""
    threshold = _threshold(params.get("Threshold", ""))
    stored = _source(context, params.get("SourceURI", ""))
    if stored.size > process.LARGEST:
        raise UNLABELLED.refusal("too_large")
    return process.body(await labelling.labels_of(context, stored, UNLABELLED), threshold, request_id)


def _threshold(text: str) -> float:
    if not text:
        return process.DEFAULT_THRESHOLD
    if not re.fullmatch(r"[0-9](?:\.[0-9]{1,20})?", text) or float(text) > 1:
        raise invalid_parameter("Threshold", "must be a number from 0 to 1")
    return float(text)


def _source(context: StoreContext, uri: str) -> Stored:
    if not uri:
        raise invalid_parameter("SourceURI", "is required but not provided")
    form = SOURCE.fullmatch(uri)
    if form is None:
        raise invalid_parameter("SourceURI", "must be of the form oss://bucket/object")
    bucket, key = form.groups()
    if not key.lower().endswith(EXTENSIONS):
        raise UNLABELLED.refusal("unsupported_format")
    if context.store.bucket(bucket) is None:
        raise Refusal("NoSuchBucket")
    try:
        stored = context.store.object(bucket, key)
    except UnicodeEncodeError:
        raise invalid_parameter("SourceURI", "is not UTF-8") from None
    if stored is None:
        raise Refusal("NoSuchKey")
    if stored.storage_class in context.dialect.archived:
        raise Refusal("InvalidObjectState")
    return stored
