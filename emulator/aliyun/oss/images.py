"""GET ?x-oss-process=image/...: a picture is resized, turned upright and made a JPEG, in the order of the request.

https://www.alibabacloud.com/help/en/oss/user-guide/overview-17, and resize-images-4, auto-rotate-4 and
convert-image-formats-2 beside it. Built are resize and auto-orient, with format,jpg at the end. Other actions
are refused as not built.
"""

from __future__ import annotations

import asyncio
import io
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from emulator.aliyun.oss.dialect import shown_headers
from emulator.aliyun.oss.errors import unprocessed
from emulator.objectstore import conditions, versioning
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid, not_built
from emulator.objectstore.reply import Reply

LARGEST = 20 * 1024 * 1024
"""A source may have so many bytes."""
FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "AVIF")
"""The vendor reads HEIC too, which Pillow does not."""
LONGEST, LONGEST_BY_FORMAT = 30_000, {"TIFF": 16_384, "AVIF": 10_000}
"""A side of a source may have so many pixels: https://help.aliyun.com/en/oss/user-guide/0040-00000014 and
0040-00000018."""
MOST_PIXELS = 250_000_000
"""A source may have so many pixels over all of its frames."""
MOST_HELD = 50_000_000
"""The emulator decodes pictures of so many pixels, one at a time, which takes up to some 700 MB of memory."""
LONGEST_TURNED = 4_096
"""A picture can be turned if its sides have at most so many pixels."""
LONGEST_RESULT, MOST_RESULT = 16_384, 16_777_216
"""A resized picture has sides of at most so many pixels, and at most so many pixels in all."""

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""These turns make a picture upright, by its EXIF orientation."""

_ONE_AT_A_TIME = threading.Lock()

Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit is below the vendor's


@dataclass(slots=True)
class _Picture:
    image: Image.Image
    turn: Image.Transpose | None
    """This turn makes the picture upright. It is None if the picture is upright or its orientation is not known."""


Step = Callable[[_Picture], None]


async def processed(context: StoreContext, call: Call) -> Reply:
    steps = steps_of(call.query["x-oss-process"])
    stored = context.readable(call)
    if not conditions.check(call, stored):
        return Reply(304, shown_headers(stored))
    if stored.size > LARGEST:
        raise unprocessed("too_large")
    with context.store.pinned(stored) as path:
        jpeg = await asyncio.to_thread(_jpeg_alone, path, steps)
    headers = shown_headers(stored) | versioning.header(context, stored)
    headers.pop("Content-Encoding", None)
    return Reply(200, headers | {"Content-Type": "image/jpeg"}, jpeg)


def steps_of(process: str) -> Sequence[Step]:
    """Return the steps before the picture is made a JPEG. Actions that are not built, and wrong values, are refused."""
    kind, *actions = process.split("/")
    if kind != "image" or not actions or actions[-1] != "format,jpg":
        raise not_built(f"x-oss-process={process}")
    steps: list[Step] = []
    for action in actions[:-1]:
        name, *params = action.split(",")
        if name not in ("resize", "auto-orient"):
            raise not_built(f"x-oss-process={process}")
        steps.append(_resize(params) if name == "resize" else _orient(params))
    return steps


def _resize(params: Sequence[str]) -> Step:
    sides: dict[str, int] = {}
    enlarge = False
    for param in params:
        name, _, value = param.partition("_")
        if name in ("w", "h", "l", "s") and re.fullmatch("[0-9]{1,5}", value) and 1 <= int(value) <= LONGEST_RESULT:
            sides[name] = int(value)
        elif name == "limit" and value in ("0", "1"):
            enlarge = value == "0"
        elif name == "p" or param in ("m_mfit", "m_fill", "m_pad", "m_fixed"):
            raise not_built(f"resize,{param}")
        elif param != "m_lfit":
            raise invalid("x-oss-process", param, "resize takes w_, h_, l_, s_ with 1 to 16384, limit_0 and limit_1.")
    if not sides:
        raise invalid("x-oss-process", ",".join(params), "resize needs one of w_, h_, l_ and s_.")

    def resize(picture: _Picture) -> None:
        width, height = picture.image.size
        scale = _scale(sides, width, height)
        if scale > 1 and not enlarge:
            scale = 1.0
        size = max(1, round(width * scale)), max(1, round(height * scale))
        if max(size) > LONGEST_RESULT or size[0] * size[1] > MOST_RESULT:
            raise unprocessed("made_too_large")
        picture.image = picture.image.resize(size, Image.Resampling.LANCZOS)

    return resize


def _scale(sides: Mapping[str, int], width: int, height: int) -> float:
    """Return the scale at which the picture just fits into w and h.

    If neither is given, l and s count, which limit the longer and the shorter side.
    """
    actual = {"w": width, "h": height}
    if not sides.keys() & actual.keys():
        actual = {"l": max(width, height), "s": min(width, height)}
    return min(sides[name] / side for name, side in actual.items() if name in sides)


def _orient(params: Sequence[str]) -> Step:
    if params not in (["0"], ["1"]):
        raise invalid("x-oss-process", ",".join(params), "auto-orient takes 0 or 1.")

    def orient(picture: _Picture) -> None:
        if picture.turn is None or params == ["0"]:
            return
        if max(picture.image.size) > LONGEST_TURNED:
            raise unprocessed("turned_too_large")
        picture.image, picture.turn = picture.image.transpose(picture.turn), None

    return orient


def _jpeg_alone(path: Path, steps: Sequence[Step]) -> bytes:
    with _ONE_AT_A_TIME:
        return _jpeg(path, steps)


def _jpeg(path: Path, steps: Sequence[Step]) -> bytes:
    picture = _opened(path)
    for step in steps:
        step(picture)
    file = io.BytesIO()
    picture.image.save(file, "JPEG")
    return file.getvalue()


def _opened(path: Path) -> _Picture:
    """Open the first frame of a picture, in RGB."""
    try:
        with Image.open(path, formats=FORMATS) as source:
            pixels = source.width * source.height * getattr(source, "n_frames", 1)
            if max(source.size) > LONGEST_BY_FORMAT.get(str(source.format), LONGEST) or pixels > MOST_PIXELS:
                raise unprocessed("too_many_pixels")
            if source.width * source.height > MOST_HELD:
                raise not_built(f"image processing of more than {MOST_HELD} pixels")
            turn = _TURNS.get(source.getexif().get(_ORIENTATION, 1))
            source.load()
            return _Picture(_on_white(source), turn)
    except UnidentifiedImageError:
        raise unprocessed("unsupported_format") from None
    except (OSError, SyntaxError, ValueError):
        raise unprocessed("corrupt") from None


def _on_white(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        clear = image if image.mode == "RGBA" else image.convert("RGBA")
        image = Image.new("RGB", clear.size, "white")
        image.paste(clear, mask=clear.getchannel("A"))
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    rgb.info = {}
    return rgb
