"""The sizes that thumbnails and views of Cloud Infinite have.

https://www.tencentcloud.com/document/product/1045/33713, https://cloud.tencent.com/document/product/460/6929.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from emulator.objectstore.pictures import steps
from emulator.objectstore.pictures.picture import Picture, Step
from emulator.objectstore.pictures.steps import Size, rounded

SizeOf = Callable[[Size], Size]
_SIDE = "([0-9]{1,5})"
_AREA = "([0-9]{1,9})"


def thumbnail(form: str) -> SizeOf | None:
    """Return what computes the size of a thumbnail from that of its source, or None if it has no known form."""
    for pattern, make in FORMS.items():
        match = re.fullmatch(pattern, form)
        if match is not None:
            numbers = [int(text) for text in match.groups()]
            return make(*numbers) if all(numbers) else None
    return None


def sides(form: str) -> tuple[int, int] | None:
    """Return the sides in <Width>x<Height>, of which one may be absent and is then 0, or None for another form."""
    match = re.fullmatch(f"{_SIDE}?x{_SIDE}?", form)
    if match is None or not any(match.groups()) or "0" in match.groups():
        return None
    return int(match[1] or 0), int(match[2] or 0)


def _scaled(scale: float, size: Size) -> Size:
    return rounded(size[0] * scale, size[1] * scale)


def _inside(width: int, height: int) -> SizeOf:
    return lambda size: _scaled(min(width / size[0], height / size[1]), size)


def _only_smaller(width: int, height: int) -> SizeOf:
    return lambda size: _scaled(min(1.0, width / size[0], height / size[1]), size)


def _only_larger(width: int, height: int) -> SizeOf:
    return lambda size: _scaled(max(1.0, min(width / size[0], height / size[1])), size)


def _around(width: int, height: int) -> SizeOf:
    return lambda size: _scaled(max(width / size[0], height / size[1]), size)


def _at_most(area: int) -> SizeOf:
    """The picture shrinks until it has at most so many pixels. It does not grow."""

    def size_of(size: Size) -> Size:
        scale = min(1.0, math.sqrt(area / (size[0] * size[1])))
        return max(1, math.floor(size[0] * scale)), max(1, math.floor(size[1] * scale))

    return size_of


FORMS: Mapping[str, Callable[..., SizeOf]] = {
    f"!{_SIDE}p": lambda percent: lambda size: rounded(size[0] * percent / 100, size[1] * percent / 100),
    f"!{_SIDE}px": lambda percent: lambda size: rounded(size[0] * percent / 100, size[1]),
    f"!x{_SIDE}p": lambda percent: lambda size: rounded(size[0], size[1] * percent / 100),
    f"{_SIDE}x": lambda width: lambda size: _scaled(width / size[0], size),
    f"x{_SIDE}": lambda height: lambda size: _scaled(height / size[1], size),
    f"{_SIDE}x{_SIDE}": _inside,
    f"{_SIDE}x{_SIDE}>": _only_smaller,
    f"{_SIDE}x{_SIDE}<": _only_larger,
    f"!{_SIDE}x{_SIDE}r": _around,
    f"{_SIDE}x{_SIDE}!": lambda width, height: lambda size: (width, height),
    f"{_AREA}@": _at_most,
}


def filled(size_of: SizeOf, gravity: str) -> Step:
    """Return the step that makes a picture as small as it can be around a size, and cuts that size out of it.

    The picture does not grow: a size that is larger is cut to the picture.
    """

    def step(picture: Picture) -> None:
        width, height = size_of(picture.size)
        scale = min(1.0, max(width / picture.size[0], height / picture.size[1]))
        steps.resize(lambda size: _scaled(scale, size))(picture)
        inner = min(width, picture.size[0]), min(height, picture.size[1])
        left, upper = steps.offset(picture.size, inner, gravity)
        steps.crop(lambda _: (left, upper, left + inner[0], upper + inner[1]))(picture)

    return step


def _by_edges(long: int, short: int) -> SizeOf:
    return lambda size: (long, short) if size[0] >= size[1] else (short, long)


def _shrunk_around(asked: SizeOf) -> Step:
    def size_of(size: Size) -> Size:
        width, height = asked(size)
        return _scaled(min(1.0, max(width / size[0], height / size[1])), size)

    return steps.resize(size_of)


def _shrunk_inside(width: int, height: int) -> Step:
    far = 100_000
    return steps.resize(_only_smaller(width or far, height or far))


VIEWS: Mapping[str, Callable[[int, int], Step]] = {
    "1": lambda w, h: filled(lambda size: (w or h, h or w), "center"),
    "2": _shrunk_inside,
    "3": lambda w, h: _shrunk_around(lambda size: (w or h, h or w)),
    "4": lambda w, h: _shrunk_around(_by_edges(w or h, h or w)),
    "5": lambda w, h: filled(_by_edges(w or h, h or w), "center"),
}
"""The modes of imageView2, by width and height, of which one may be 0, or in the last two by the longer and the shorter
edge. All of them only shrink."""
