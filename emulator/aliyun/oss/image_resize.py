"""The action resize of image processing: https://help.aliyun.com/en/oss/user-guide/resize-images-4."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from emulator.aliyun.oss.errors import OssRefusal
from emulator.core.refusal import Refusal
from emulator.objectstore.pictures import steps
from emulator.objectstore.pictures.picture import Picture, Step
from emulator.objectstore.pictures.steps import Size, rounded
from emulator.objectstore.refusals import not_built

LONGEST = 16_384
MODES = ("lfit", "mfit", "fill", "pad", "fixed")
PERCENT_EC = "0040-00000317"
"""https://help.aliyun.com/en/oss/user-guide/0040-00000317."""
TAKES = "resize takes m_, w_, h_, l_ and s_ with 1 to 16384, p_ with 1 to 1000, limit_0, limit_1 and color_RRGGBB."


def resize(params: Sequence[str]) -> Step:
    mode, sides, percent, enlarge, colour = "lfit", dict[str, int](), 0, False, (255, 255, 255)
    for param in params:
        name, _, value = param.partition("_")
        if name in ("w", "h", "l", "s"):
            sides[name] = _number(param, value, LONGEST)
        elif name == "p":
            percent = _number(param, value, 1000, PERCENT_EC)
        elif name == "limit" and value in ("0", "1"):
            enlarge = value == "0"
        elif name == "color" and re.fullmatch("[0-9a-fA-F]{6}", value):
            red, green, blue = bytes.fromhex(value)
            colour = red, green, blue
        elif name == "m" and value in MODES:
            mode = value
        else:
            raise _wrong(param, TAKES)
    if percent and sides:
        raise not_built("x-oss-process=image/resize with p_ and sides together")
    if percent:
        return steps.resize(lambda size: rounded(size[0] * percent / 100, size[1] * percent / 100))
    if not sides:
        raise _wrong(",".join(params), "resize needs one of w_, h_, l_, s_ and p_.")
    return _to_sides(mode, sides, enlarge, colour)


def _to_sides(mode: str, sides: Mapping[str, int], enlarge: bool, colour: tuple[int, int, int]) -> Step:
    def step(picture: Picture) -> None:
        width, height = _asked(sides, *picture.size)
        if width is None or height is None or mode in ("lfit", "mfit"):
            _keep_ratio(picture, width, height, max if mode == "mfit" else min, enlarge)
        elif mode == "fixed":
            # Unproven larger-by-pixels: A fixed size that changes the ratio counts as larger, and is not
            #   made, if it has more pixels.
            # Why: no page says when such a size counts as larger.
            # Ask: GET a picture of 4x4 with image/resize,m_fixed,w_8,h_1: the size of the answer.
            if enlarge or width * height <= picture.size[0] * picture.size[1]:
                steps.resize(lambda size: (width, height))(picture)
        elif _keep_ratio(picture, width, height, max if mode == "fill" else min, enlarge):
            _fit(picture, mode, (width, height), colour)

    return step


def _asked(sides: Mapping[str, int], width: int, height: int) -> tuple[int | None, int | None]:
    """Return the width and the height that are asked for. If neither is, l and s count, for the longer and shorter."""
    if not sides.keys() & {"w", "h"}:
        names = ("l", "s") if width >= height else ("s", "l")
        return sides.get(names[0]), sides.get(names[1])
    return sides.get("w"), sides.get("h")


def _keep_ratio(
    picture: Picture, width: int | None, height: int | None, choose: Callable[[list[float]], float], enlarge: bool
) -> bool:
    """Scale the picture to the sides that are given. Return False if it would grow and must not."""
    sides = ((width, picture.size[0]), (height, picture.size[1]))
    scale = choose([wanted / side for wanted, side in sides if wanted is not None])
    if scale > 1 and not enlarge:
        return False
    steps.resize(lambda size: rounded(size[0] * scale, size[1] * scale))(picture)
    return True


def _fit(picture: Picture, mode: str, size: Size, colour: tuple[int, int, int]) -> None:
    """Cut off what is outside the size, from the middle, or fill up what is missing."""
    if mode == "pad":
        steps.pad(size, colour)(picture)
        return
    left, upper = steps.offset(picture.size, size, "center")
    steps.crop(lambda _: (left, upper, left + size[0], upper + size[1]))(picture)


def _number(param: str, value: str, highest: int, ec: str = "") -> int:
    if not re.fullmatch("[0-9]{1,5}", value) or not 1 <= int(value) <= highest:
        raise _wrong(param, TAKES, ec)
    return int(value)


def _wrong(value: str, message: str, ec: str = "") -> Refusal:
    details = {"ArgumentName": "x-oss-process", "ArgumentValue": value}
    return OssRefusal("InvalidArgument", message, ec=ec, details=details)
