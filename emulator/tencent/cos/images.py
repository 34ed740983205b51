"""Image processing by Cloud Infinite: GET ?imageMogr2/..., imageView2/..., imageInfo, exif and imageAve.

https://www.tencentcloud.com/document/product/1045/33713 and the pages beside it. An operation stands in the query as
the name of a parameter without a value. A moving GIF stays one if the result is a GIF; of other moving pictures the
first frame is taken. EXIF data stays unless it is stripped. Watermarks, and all that looks at what a picture shows,
are refused by their names.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from emulator.core.refusal import Refusal
from emulator.objectstore import conditions, objects, overrides, versioning
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.pictures import facts
from emulator.objectstore.pictures.limits import Limits, PictureError
from emulator.objectstore.pictures.picture import Step, made
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply
from emulator.objectstore.stored import Stored
from emulator.tencent.cos import image_rules, names
from emulator.tencent.cos.dialect import shown_headers
from emulator.tencent.cos.errors import unprocessed
from emulator.tencent.cos.image_operations import FORMATS

LIMITS = Limits(
    largest=32 * 1024 * 1024,
    longest=30_000,
    longest_by_format={"WEBP": 16_383},
    most_pixels=250_000_000,
    longest_result=9_999,
    most_result=9_999 * 9_999,
    longest_turned=30_000,
)
"""https://www.tencentcloud.com/document/product/1045/33714. The newest
edition of some pages allows sides of 50,000 pixels."""
NAMES = {pillow: name for name, pillow in FORMATS.items()} | {"JPEG": "jpeg"}
JSON = "application/json"

Result = tuple[bytes, str]
"""The bytes of an answer, and their content type."""


async def processed(context: StoreContext, call: Call) -> Reply:
    operation = _operation(call)
    stored = context.readable(call)
    headers = shown_headers(stored) | versioning.header(context, stored)
    if not conditions.check(call, stored):
        return Reply(304, headers)
    try:
        body, content_type = await result(context, stored, operation)
    except (PictureError, Refusal) as error:
        refusal = unprocessed(error.reason) if isinstance(error, PictureError) else error
        if not image_rules.ignores_errors(operation) or refusal.code == "NotImplemented":
            raise refusal from None
        return objects.whole(stored, headers | overrides.overriding_headers(call))
    headers.pop("Content-Encoding", None)
    return Reply(200, headers | {"Content-Type": content_type} | overrides.overriding_headers(call), body)


def _operation(call: Call) -> str:
    """Return the operation, which is the name of a parameter."""
    operations = [(name, value) for name, value in call.params if name.partition("/")[0] in names.IMAGE_OPERATIONS]
    name, value = operations[0]
    if len(operations) > 1 or value:
        raise invalid(name, value, "One operation is allowed, with no value. Others follow it with | between them.")
    return name


async def result(context: StoreContext, stored: Stored, operation: str) -> Result:
    """Return what an operation makes of the object; PictureError if it cannot."""
    make = DESCRIPTIONS.get(operation) or partial(_picture, image_rules.steps_of(operation))
    if stored.size > LIMITS.largest:
        raise PictureError("too_large")
    with context.store.pinned(stored) as path:
        return await asyncio.to_thread(make, path)


def _picture(steps: Sequence[Step], path: Path) -> Result:
    data, picture_format = made(path, LIMITS, steps)
    return data, f"image/{NAMES[picture_format]}"


def _info(path: Path) -> Result:
    """https://www.tencentcloud.com/document/product/1045/33722."""
    about = facts.read(path, LIMITS)
    values = {
        "format": NAMES[about.format],
        "width": str(about.width),
        "height": str(about.height),
        "size": str(path.stat().st_size),
        "md5": hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest(),
        "frame_count": str(about.frames),
        "photo_rgb": facts.average(path, LIMITS),
    }
    return json.dumps(values).encode(), JSON


def _exif(path: Path) -> Result:
    """https://cloud.tencent.com/document/product/460/6926."""
    exif = facts.read(path, LIMITS).exif
    fields = {name: {"val": "sRGB" if (name, value) == ("ColorSpace", "1") else value} for name, value in exif.items()}
    return json.dumps(fields or {"error": "no exif data"}).encode(), JSON


def _average(path: Path) -> Result:
    """https://www.tencentcloud.com/document/product/1045/33724."""
    return json.dumps({"RGB": facts.average(path, LIMITS)}).encode(), JSON


DESCRIPTIONS: dict[str, Callable[[Path], Result]] = {"imageAve": _average, "exif": _exif, "imageInfo": _info}
"""These operations describe a picture and do not change it."""
