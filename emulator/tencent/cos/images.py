"""Image processing by Cloud Infinite: GET ?imageMogr2/..., imageView2/..., imageInfo, exif and imageAve.

https://cloud.tencent.com/document/product/460/36540 and the pages beside it. An operation stands in the query as the
name of a parameter without a value. Several may follow each other with | between them. A moving GIF stays one if the
result is a GIF; of other moving pictures the first frame is taken. EXIF data stays unless it is stripped. Watermarks
and all that looks at what a picture shows are refused by their names.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from emulator.core.refusal import Refusal
from emulator.objectstore import conditions, objects, overrides, versioning
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.pictures import facts
from emulator.objectstore.pictures.limits import Limits, PictureError
from emulator.objectstore.pictures.picture import Step, made
from emulator.objectstore.refusals import invalid, not_built
from emulator.objectstore.reply import Reply
from emulator.tencent.cos.dialect import shown_headers
from emulator.tencent.cos.errors import unprocessed
from emulator.tencent.cos.image_rules import FORMATS, Rules, rules_of

LIMITS = Limits(
    largest=32 * 1024 * 1024,
    longest=30_000,
    longest_by_format={"WEBP": 16_383},
    most_pixels=250_000_000,
    longest_result=9_999,
    most_result=9_999 * 9_999,
    longest_turned=30_000,
)
"""https://cloud.tencent.com/document/product/460/36620. Newer pages allow sides of 50,000 pixels."""
NAMES = {pillow: name for name, pillow in FORMATS.items()} | {"JPEG": "jpeg"}
JSON = "application/json"
CHANGES = frozenset({"imageMogr2", "imageView2"})

Result = tuple[bytes, str]
"""The bytes of an answer, and their content type."""


async def processed(context: StoreContext, call: Call) -> Reply:
    operation = operation_of(call)
    stored = context.readable(call)
    headers = shown_headers(stored) | versioning.header(context, stored)
    if not conditions.check(call, stored):
        return Reply(304, headers)
    changed, make = _maker(operation)
    try:
        if stored.size > LIMITS.largest:
            raise PictureError("too_large")
        if isinstance(make, Refusal):
            raise make
        with context.store.pinned(stored) as path:
            body, content_type = await asyncio.to_thread(make, path)
    except (PictureError, Refusal) as error:
        if changed.ignores_errors and not _is_not_built(error):
            return objects.whole(stored, headers | overrides.overriding_headers(call))
        raise unprocessed(error.reason) if isinstance(error, PictureError) else error from None
    headers.pop("Content-Encoding", None)
    return Reply(200, headers | {"Content-Type": content_type} | overrides.overriding_headers(call), body)
