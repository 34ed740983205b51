"""The actions of x-oss-process=image/..., each with its parameters after commas, become the steps that the pixels need.

https://help.aliyun.com/en/oss/user-guide/overview-17 lists the actions, which are done in the order of the request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from emulator.aliyun.oss.errors import OssRefusal
from emulator.aliyun.oss.image_resize import resize
from emulator.core.refusal import Refusal
from emulator.objectstore.pictures import steps
from emulator.objectstore.pictures.limits import MOST_STEPS, PictureError
from emulator.objectstore.pictures.picture import Picture, Step
from emulator.objectstore.refusals import not_built

FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "bmp": "BMP", "gif": "GIF", "tiff": "TIFF", "avif": "AVIF"}
"""https://help.aliyun.com/en/oss/user-guide/convert-image-formats-2. Pillow cannot write HEIC."""
UNBUILT_FORMATS = ("heic", "heif")
GRAVITIES = dict(
    zip(("nw", "north", "ne", "west", "center", "east", "sw", "south", "se"), steps.GRAVITIES, strict=True)
)
# Unproven quality-of-png: The relative quality of a picture without one of its own, such as a PNG, is relative to 100.
# Why: no page says to what it is relative.
# Ask: GET a PNG with image/format,jpg/quality,q_50 and with image/format,jpg/quality,Q_50: whether the answers are
#   equal.
DEFAULT_SOURCE_QUALITY = 100
"""The relative quality of a source that tells none, such as a PNG, is relative to this."""
EC_NUMBERS = {
    ("blur", "r"): "0040-00000241",
    ("crop", "h"): "0040-00000226",
    ("crop", "w"): "0040-00000225",
    ("indexcrop", "x"): "0040-00000230",
    ("indexcrop", "y"): "0040-00000230",
    ("quality", "Q"): "0040-00000308",
    ("quality", "q"): "0040-00000309",
    ("quality", ""): "0040-00000310",
}
"""The EC number of a wrong parameter. Each has a page, such as https://help.aliyun.com/en/oss/user-guide/0040-00000225."""


def steps_of(actions: Sequence[str]) -> list[Step]:
    """Return the steps for the actions. Actions that are not built, and wrong values, are refused."""
    if len(actions) > MOST_STEPS:
        raise not_built(f"image processing of more than {MOST_STEPS} actions")
    found: list[Step] = []
    for action in actions:
        name, *params = action.split(",")
        if name not in ACTIONS:
            raise not_built(f"x-oss-process=image/{name}")
        found.append(ACTIONS[name](params))
    return found


def wrong(action: str, parameter: str, value: str, message: str) -> Refusal:
    details = {"ArgumentName": "x-oss-process", "ArgumentValue": value}
    ec = EC_NUMBERS.get((action, parameter), "")
    return OssRefusal("InvalidArgument", message, ec=ec, details=details)


def numbers(action: str, params: Sequence[str], ranges: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Return the numbers of parameters such as w_100. Other names, and values out of their ranges, are refused."""
    values: dict[str, int] = {}
    for param in params:
        name, _, value = param.partition("_")
        low, high = ranges.get(name, (1, 0))
        if not re.fullmatch("[0-9]{1,5}", value) or not low <= int(value) <= high:
            allowed = ", ".join(f"{known}_ with {low} to {high}" for known, (low, high) in ranges.items())
            parameter = name if "_" in param else ""
            raise wrong(action, parameter, param, f"The action {action} takes {allowed}.")
        values[name] = int(value)
    return values


def number(action: str, params: Sequence[str], low: int, high: int) -> int:
    """Return the only parameter of an action, which is a number without a name."""
    text = params[0] if len(params) == 1 else ""
    if not re.fullmatch("-?[0-9]{1,5}", text) or not low <= int(text) <= high:
        raise wrong(action, "", ",".join(params), f"The action {action} takes a number from {low} to {high}.")
    return int(text)


def _crop(params: Sequence[str]) -> Step:
    """https://help.aliyun.com/en/oss/user-guide/custom-crop. The vendor's own tests send r_ too, which does nothing."""
    gravity = "northwest"
    rest = []
    for param in params:
        name, _, value = param.partition("_")
        if name == "g":
            if value not in GRAVITIES:
                raise wrong("crop", "g", param, f"The place of a crop is one of {', '.join(GRAVITIES)}.")
            gravity = GRAVITIES[value]
        elif name == "p":
            raise not_built("x-oss-process=image/crop with p_")
        else:
            rest.append(param)
    any_side = (0, 30_000)
    values = numbers("crop", rest, dict.fromkeys(("w", "h", "x", "y", "r"), any_side))

    def box(size: steps.Size) -> tuple[int, int, int, int]:
        width = min(values.get("w", 0) or size[0], size[0])
        height = min(values.get("h", 0) or size[1], size[1])
        left, upper = steps.offset(size, (width, height), gravity)
        left, upper = left + values.get("x", 0), upper + values.get("y", 0)
        if left >= size[0] or upper >= size[1]:
            raise PictureError("out_of_image")
        return left, upper, min(left + width, size[0]), min(upper + height, size[1])

    return steps.crop(box)


# Unproven large-piece: indexcrop with pieces larger than the picture leaves the picture as it is.
# Why: no page says so.
# Ask: GET a picture of 4x4 with image/indexcrop,x_100,i_0: the size of the answer.
def _index_crop(params: Sequence[str]) -> Step:
    """https://help.aliyun.com/zh/oss/user-guide/indexed-slice. If x and y are both given, y counts.

    An index behind the last piece leaves the picture as it is, and so does a piece larger than the picture.
    """
    values = numbers("indexcrop", params, {"x": (1, 30_000), "y": (1, 30_000), "i": (0, 99_999)})
    if not values.keys() & {"x", "y"}:
        raise wrong("indexcrop", "x", ",".join(params), "The action indexcrop needs x_ or y_.")
    axis = 1 if "y" in values else 0
    length, index = values["y" if axis else "x"], values.get("i", 0)

    def box(size: steps.Size) -> tuple[int, int, int, int]:
        start = index * length
        if start >= size[axis]:
            return 0, 0, *size
        end = min(start + length, size[axis])
        return (0, start, size[0], end) if axis else (start, 0, end, size[1])

    return steps.crop(box)


def _circle(params: Sequence[str]) -> Step:
    """https://help.aliyun.com/en/oss/user-guide/circle-crop."""
    radius = _radius("circle", params)

    def diameter(size: steps.Size) -> int:
        return 2 * min(radius, (min(size) - 1) // 2) + 1

    return steps.circle(diameter)


def _rounded_corners(params: Sequence[str]) -> Step:
    """https://help.aliyun.com/en/oss/user-guide/rounded-rectangle-4. A GIF cannot have round corners."""
    round_off = steps.rounded_corners(_radius("rounded-corners", params))

    def step(picture: Picture) -> None:
        if picture.source_format == "GIF":
            raise PictureError("unsupported_format")
        round_off(picture)

    return step


def _radius(action: str, params: Sequence[str]) -> int:
    values = numbers(action, params, {"r": (1, 4096)})
    if not values:
        raise wrong(action, "r", "", f"The action {action} needs r_.")
    return values["r"]


def _blur(params: Sequence[str]) -> Step:
    """https://www.alibabacloud.com/help/doc-detail/44701.htm. Here only the standard deviation s_ has an effect."""
    values = numbers("blur", params, {"r": (1, 50), "s": (1, 50)})
    if values.keys() != {"r", "s"}:
        raise wrong("blur", "", ",".join(params), "The action blur needs r_ and s_.")
    return steps.blur(values["s"])


def _orient(params: Sequence[str]) -> Step:
    """https://help.aliyun.com/en/oss/user-guide/auto-rotate-4."""
    return steps.orient if number("auto-orient", params, 0, 1) else _nothing


def _nothing(picture: Picture) -> None:
    """Leave the picture as it is."""


def _format(params: Sequence[str]) -> Step:
    """https://help.aliyun.com/en/oss/user-guide/convert-image-formats-2: only a GIF becomes a GIF."""
    name = ",".join(params)
    if name in UNBUILT_FORMATS:
        raise not_built(f"x-oss-process=image/format,{name}")
    if name not in FORMATS:
        raise wrong("format", "", name, f"The format is one of {', '.join(FORMATS)}.")

    def step(picture: Picture) -> None:
        picture.format = picture.source_format if name == "gif" else FORMATS[name]

    return step


def _quality(params: Sequence[str]) -> Step:
    """https://help.aliyun.com/en/oss/user-guide/adjust-image-quality. It concerns JPG and WebP; AVIF is treated alike.

    A relative quality q_ is absolute unless the source is a JPG. An absolute quality Q_ is never above the source's.
    """
    if len(params) == 1 and re.fullmatch("[0-9]{1,2}|100", params[0]):
        raise not_built("x-oss-process=image/quality with a number that is neither q_ nor Q_")
    values = numbers("quality", params, {"q": (1, 100), "Q": (1, 100)})
    if len(values) != 1:
        raise wrong("quality", "", ",".join(params), "The action quality needs one of q_ and Q_.")
    ((kind, value),) = values.items()

    def step(picture: Picture) -> None:
        source = picture.source_quality or DEFAULT_SOURCE_QUALITY
        picture.quality = max(1, round(source * value / 100)) if kind == "q" else min(source, value)

    return step


def _interlace(params: Sequence[str]) -> Step:
    """https://help.aliyun.com/en/oss/user-guide/gradual-display. It changes nothing where the result is no JPG."""
    progressive = bool(number("interlace", params, 0, 1))

    def step(picture: Picture) -> None:
        picture.progressive = progressive

    return step


ACTIONS: Mapping[str, Callable[[Sequence[str]], Step]] = {
    "auto-orient": _orient,
    "blur": _blur,
    # https://help.aliyun.com/en/oss/user-guide/brightness and sharpen; contrast and rotate stand beside them.
    "bright": lambda params: steps.bright(number("bright", params, -100, 100)),
    "circle": _circle,
    "contrast": lambda params: steps.contrast(number("contrast", params, -100, 100)),
    "crop": _crop,
    "format": _format,
    "indexcrop": _index_crop,
    "interlace": _interlace,
    "quality": _quality,
    "resize": resize,
    "rotate": lambda params: steps.rotate(number("rotate", params, 0, 360)),
    "rounded-corners": _rounded_corners,
    "sharpen": lambda params: steps.sharpen(number("sharpen", params, 50, 399)),
}
