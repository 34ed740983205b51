"""Pic-Operations: an upload whose picture is processed at once, and the results kept as objects.

https://cloud.tencent.com/document/product/436/40592.
"""

from __future__ import annotations

import asyncio
import json
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from emulator.objectstore import writing, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.pictures import facts
from emulator.objectstore.pictures.limits import PictureError
from emulator.objectstore.refusals import invalid, not_built
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.stored import Stored
from emulator.tencent.cos import image_rules, images, names
from emulator.tencent.cos.dialect import COS
from emulator.tencent.cos.errors import unprocessed

MOST_RULES = 5
FIELDS = frozenset({"is_pic_info", "rules"})
RULE_FIELDS = frozenset({"bucket", "fileid", "rule"})
NO_JPEG = 100
"""The samples of the page show this quality also for pictures that are no JPEGs."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an upload asks for. A rule has the call that would put its result, and the operation."""

    describes: bool
    rules: Sequence[tuple[Call, str]]


def wanted(context: StoreContext, call: Call) -> Wanted:
    """Return what the header asks for. What is not built is refused by its name."""
    text = call.header(names.PROCESSING)
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise invalid(names.PROCESSING, text[:100], "Pic-Operations must be a JSON object.")
    if unknown := asked.keys() - FIELDS:
        raise not_built(f"Pic-Operations with {min(unknown)}")
    rules = asked.get("rules", [])
    if asked.get("is_pic_info", 0) not in (0, 1) or not isinstance(rules, list) or len(rules) > MOST_RULES:
        raise invalid(
            names.PROCESSING, text[:100], f"is_pic_info must be 0 or 1, and rules a list of {MOST_RULES} at most."
        )
    return Wanted(asked.get("is_pic_info") == 1, [_rule(context, call, rule) for rule in rules])


def _rule(context: StoreContext, call: Call, rule: object) -> tuple[Call, str]:
    if not isinstance(rule, dict) or not all(isinstance(value, str) for value in rule.values()):
        raise invalid("rules", "", "A rule is a JSON object of texts.")
    if unknown := rule.keys() - RULE_FIELDS:
        raise not_built(f"a rule of Pic-Operations with {min(unknown)}")
    name, operation = rule.get("fileid", ""), rule.get("rule", "")
    if not name.strip("/") or name.endswith("/"):
        raise invalid("fileid", name, "fileid must be the name of an object.")
    image_rules.steps_of(operation)
    key = name[1:] if name.startswith("/") else posixpath.join(posixpath.dirname(call.key), name)
    COS.keys.check(key)
    target = replace(call, bucket=rule.get("bucket", call.bucket), key=key)
    context.bucket(target)
    return target, operation


# Unproven upload-that-cannot-be-processed: The answer is that of a GET with the same rule, and the upload stays.
# Why: no page says what becomes of an upload whose picture cannot be processed.
# Ask: PUT an object that is no picture with Pic-Operations: status and code, and whether the object is there then.
async def reply(context: StoreContext, call: Call, new: Stored, asked: Wanted, headers: Mapping[str, str]) -> Reply:
    """Process the object `new`, which the upload has made, and answer with the description of it and of the results."""
    try:
        about = [xml.element("ImageInfo", *await _description(context, new))] if asked.describes else []
        results = [await _processed(context, target, new, operation) for target, operation in asked.rules]
    except PictureError as error:
        raise unprocessed(error.reason) from None
    original = xml.element("OriginalInfo", *_place(call, new), xml.text("ETag", f'"{new.etag}"'), *about)
    return document(xml.document("UploadResult", original, xml.element("ProcessResults", *results)), **headers)


# Unproven event-of-processed-upload: Each result of Pic-Operations makes the event ObjectCreated:Put.
# Why: no page names an event for it.
# Ask: PUT a picture with Pic-Operations in a bucket with a trigger for ObjectCreated:*, and log the events.
async def _processed(context: StoreContext, target: Call, source: Stored, operation: str) -> str:
    data, content_type = await images.result(context, source, operation)
    result = await writing.keep(context, target, data, content_type)
    about = await _facts(context, result)
    values = {
        **_shape(about),
        "Size": str(result.size),
        "Quality": str(about.quality or NO_JPEG),
        "ETag": f'"{result.etag}"',
    }
    return xml.element("Object", *_place(target, result), *(xml.text(name, value) for name, value in values.items()))


async def _description(context: StoreContext, stored: Stored) -> list[str]:
    about = await _facts(context, stored)
    with context.store.pinned(stored) as path:
        colour = await asyncio.to_thread(facts.average, path, images.LIMITS)
    values = {**_shape(about), "Quality": str(about.quality or NO_JPEG), "Ave": colour}
    values["Orientation"] = about.exif.get("Orientation", "1")
    return [xml.text(name, value) for name, value in values.items()]


async def _facts(context: StoreContext, stored: Stored) -> facts.Facts:
    if stored.size > images.LIMITS.largest:
        raise PictureError("too_large")
    with context.store.pinned(stored) as path:
        return await asyncio.to_thread(facts.read, path, images.LIMITS)


def _shape(about: facts.Facts) -> dict[str, str]:
    return {"Format": about.format, "Width": str(about.width), "Height": str(about.height)}


def _place(call: Call, stored: Stored) -> list[str]:
    host = f"{stored.bucket}.{call.endpoint}"
    return [xml.text("Key", stored.key), xml.text("Location", f"{host}/{stored.key}")]
