"""Image processing, by GET ?x-oss-process=image/... and, with a result that is kept, by POST ?x-oss-process.

https://help.aliyun.com/en/oss/user-guide/overview-17 and the pages of the actions beside it. The result has the format
of the source unless an action format is among the others. A moving GIF stays one if the result is a GIF; of other
moving pictures the first frame is taken. EXIF data is not kept. Styles, watermarks and HEIC are refused by their names.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from emulator.aliyun.oss.dialect import OSS, shown_headers
from emulator.aliyun.oss.errors import unprocessed
from emulator.aliyun.oss.image_actions import FORMATS, steps_of
from emulator.core.http_request import read_body
from emulator.core.refusal import Refusal
from emulator.objectstore import conditions, overrides, versioning, writing
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.pictures import facts
from emulator.objectstore.pictures.limits import Limits, PictureError
from emulator.objectstore.pictures.picture import Picture, made
from emulator.objectstore.refusals import invalid, not_built
from emulator.objectstore.reply import Reply
from emulator.objectstore.stored import Stored

LIMITS = Limits(
    largest=20 * 1024 * 1024,
    longest=30_000,
    longest_by_format={"TIFF": 16_384, "AVIF": 10_000},
    most_pixels=250_000_000,
    longest_result=16_384,
    most_result=16_777_216,
    longest_turned=4_096,
)
"""https://help.aliyun.com/en/oss/user-guide/0040-00000014, 0040-00000018, and the pages of the actions."""
NAMES = {pillow: name for name, pillow in FORMATS.items()}
TYPES = {name: f"image/{name}" for name in FORMATS} | {"jpg": "image/jpeg"}
JSON, TEXT = "application/json", "text/plain"
# Unproven largest-process-body: The body of POST ?x-oss-process may have 64 KB.
# Why: no page gives a number.
# Ask: POST ?x-oss-process with a body of 65,537 bytes: status and code.
LARGEST_REQUEST = 64 * 1024
"""The body of POST ?x-oss-process may have so many bytes."""
PARAMETER, SAVE = "x-oss-process=", "sys/saveas"

Result = tuple[bytes, str]
"""The bytes of an answer, and their content type."""


async def processed(context: StoreContext, call: Call) -> Reply:
    actions = actions_of(call.query["x-oss-process"])
    stored = context.readable(call)
    if not conditions.check(call, stored):
        return Reply(304, shown_headers(stored))
    body, content_type = await _result(context, stored, actions)
    headers = shown_headers(stored) | versioning.header(context, stored)
    headers.pop("Content-Encoding", None)
    return Reply(200, headers | {"Content-Type": content_type} | overrides.overriding_headers(call), body)


# Unproven event-of-saved-picture: A result that sys/saveas keeps makes the event ObjectCreated:PutObject.
# Why: the page names no event for it.
# Ask: POST ?x-oss-process with sys/saveas in a bucket with a trigger for ObjectCreated:*, and log the event.
async def saved(context: StoreContext, call: Call) -> Reply:
    """POST ?x-oss-process keeps the result as an object: https://help.aliyun.com/en/oss/user-guide/save-processed-images."""
    if call.query["x-oss-process"]:
        raise not_built(f"POST ?x-oss-process={call.query['x-oss-process']}")
    too_large = invalid("x-oss-process", "", f"The body is larger than {LARGEST_REQUEST} bytes.")
    body = await read_body(call.request, LARGEST_REQUEST, too_large, Refusal("IncompleteBody"))
    text = body.decode(errors="replace")
    if not text.startswith(PARAMETER):
        raise invalid("x-oss-process", "", f"The body must begin with {PARAMETER}.")
    # The vendor's SDK for Node writes the value as browsers write forms: | and the like as %7C.
    process, _, save = unquote(text.removeprefix(PARAMETER).strip()).partition("|")
    if not save:
        raise not_built("POST ?x-oss-process without sys/saveas")
    actions = actions_of(process)
    target = _target(call, save)
    context.bucket(target)
    OSS.keys.check(target.key)
    stored = context.readable(call)
    if actions[0] in DESCRIPTIONS:
        raise not_built(f"x-oss-process=image/{actions[0]} with {SAVE}")
    data, content_type = await _result(context, stored, actions)
    new = await writing.keep(context, target, data, content_type)
    # The bucket is only told if the request names it: the vendor's own tests expect so.
    told = new.bucket if ",b_" in save else ""
    answer = {"bucket": told, "fileSize": new.size, "object": new.key, "status": "OK"}
    return Reply(200, {"Content-Type": JSON} | versioning.header(context, new), json.dumps(answer).encode())


def actions_of(process: str) -> list[str]:
    """Return the actions of a process. Processes of other kinds, and styles, are refused by their names."""
    if "|" in process:
        raise not_built(f"GET ?x-oss-process={process}")
    kind, *actions = process.split("/")
    if kind != "image":
        raise not_built(f"x-oss-process={process}")
    if not actions or not all(actions):
        raise invalid("x-oss-process", process, "image/ needs actions with a slash between them.")
    alone = [action for action in actions if action in DESCRIPTIONS]
    if alone and len(actions) > 1:
        raise invalid("x-oss-process", process, f"The action {alone[0]} stands alone.")
    if not alone:
        steps_of(actions)
    return actions


async def _result(context: StoreContext, stored: Stored, actions: list[str]) -> Result:
    make = DESCRIPTIONS.get(actions[0], lambda path: _picture(path, actions))
    try:
        if stored.size > LIMITS.largest:
            raise PictureError("too_large")
        with context.store.pinned(stored) as path:
            return await asyncio.to_thread(make, path)
    except PictureError as error:
        raise unprocessed(error.reason) from None


def _picture(path: Path, actions: list[str]) -> Result:
    data, picture_format = made(path, LIMITS, [_without_exif, *steps_of(actions)])
    return data, TYPES[NAMES[picture_format]]


def _without_exif(picture: Picture) -> None:
    picture.exif = None


def _info(path: Path) -> Result:
    """https://help.aliyun.com/en/oss/user-guide/query-the-exif-data-of-an-image-4."""
    found = facts.read(path, LIMITS)
    unit, across, down = found.density
    resolution = {"ResolutionUnit": str(unit), "XResolution": f"{across}/1", "YResolution": f"{down}/1"}
    values = {
        **resolution,
        **found.exif,
        "FileSize": str(path.stat().st_size),
        "Format": NAMES[found.format],
        "FrameCount": str(found.frames),
        "ImageHeight": str(found.height),
        "ImageWidth": str(found.width),
    }
    return json.dumps({name: {"value": values[name]} for name in sorted(values)}).encode(), JSON


def _average(path: Path) -> Result:
    """https://help.aliyun.com/en/oss/user-guide/query-the-average-tone."""
    return facts.average(path, LIMITS).encode(), TEXT


DESCRIPTIONS = {"average-hue": _average, "info": _info}
"""These actions describe a picture and do not change it."""


def _target(call: Call, save: str) -> Call:
    """Return the call that would put the result where sys/saveas,o_...,b_... says. Both names are in Base64."""
    name, *params = save.split(",")
    values = dict(param.partition("_")[::2] for param in params)
    if name != SAVE or "o" not in values or not values.keys() <= {"o", "b"}:
        raise not_built(f"x-oss-process ...|{save}")
    bucket = _decoded(values["b"]) if "b" in values else call.bucket
    return replace(call, bucket=bucket, key=_decoded(values["o"]))


def _decoded(text: str) -> str:
    try:
        plain = text.rstrip("=").translate(str.maketrans("-_", "+/"))
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        raise invalid("x-oss-process", text, f"{SAVE} needs names in URL-safe Base64.") from None
