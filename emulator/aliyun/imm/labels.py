"""DetectImageLabels: the labels of a picture in OSS, from the detector.

https://www.alibabacloud.com/help/en/imm/developer-reference/api-imm-2020-09-30-detectimagelabels
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from emulator.aliyun.imm.errors import bad, of_picture
from emulator.aliyun.oss import process
from emulator.objectstore import labelling
from emulator.objectstore.context import Context
from emulator.objectstore.refusal import Refusal
from emulator.objectstore.store import Stored

EXTENSIONS = (".jpg", ".jpeg", ".png")
"""The page wants a path "that has an extension"; which, and in which case, is taken from the formats it lists."""
SOURCE = re.compile(r"oss://([^/]+)/(.+)", re.DOTALL)


async def detect(context: Context, params: Mapping[str, str], request_id: str) -> bytes:
    """The answer; Refusal for what the service does not take. The project is known to be there."""
    threshold = _threshold(params.get("Threshold", ""))
    stored = _source(context, params.get("SourceURI", ""))
    if stored.size > process.LARGEST:
        raise of_picture("too_large")
    try:
        found = await labelling.ask(context, stored)
    except labelling.Unlabelled as why:
        raise of_picture(why.reason) from why
    return process.body(found, threshold, request_id)


def _threshold(given: str) -> float:
    if not given:
        return process.DEFAULT_THRESHOLD
    if not re.fullmatch(r"[0-9](?:\.[0-9]{1,20})?", given) or float(given) > 1:
        raise bad("Threshold", "must be a number from 0 to 1")
    return float(given)


def _source(context: Context, uri: str) -> Stored:
    if not uri:
        raise bad("SourceURI", "is required but not provided")
    named = SOURCE.fullmatch(uri)
    if named is None:
        raise bad("SourceURI", "must be of the form oss://bucket/object")
    bucket, key = named.groups()
    if not key.lower().endswith(EXTENSIONS):
        raise of_picture("unsupported_format")
    if context.store.bucket(bucket) is None:
        raise Refusal("NoSuchBucket")
    try:
        stored = context.store.object(bucket, key)
    except UnicodeEncodeError:
        raise bad("SourceURI", "is not UTF-8") from None
    if stored is None:
        raise Refusal("NoSuchKey")
    if stored.storage_class in context.archived:
        raise Refusal("InvalidObjectState")
    return stored
