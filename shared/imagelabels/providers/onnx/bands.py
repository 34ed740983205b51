"""Shrinks a large picture band by band, so that what it is converted to on the way is never there as a whole."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

LARGE = 8_000_000
"""A picture of more pixels is shrunk so. As many pixels take 128 MB, with all that is made of them."""
SPARE = 2
"""The outcome is at least so many times larger than wanted. The last step then still has pixels to mix."""
_ROWS = 256


def shrunk(image: Image.Image, short_side: float, prepare: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Return `image` after `prepare`, which works on each pixel alone; a large one comes a whole number of times
    smaller.

    Pixels of the outcome are averages; its short side keeps at least SPARE times `short_side`, or is halved once.
    """
    short = min(image.size)
    times = max(int(short / (SPARE * short_side)), min(2, int(short / short_side)))
    if times < 2 or image.width * image.height <= LARGE:
        return prepare(image)
    made: Image.Image | None = None
    rows = _ROWS // times * times or times
    for top in range(0, image.height, rows):
        band = prepare(image.crop((0, top, image.width, min(top + rows, image.height)))).reduce(times)
        if made is None:
            made = Image.new(band.mode, (band.width, -(-image.height // times)))
        made.paste(band, (0, top // times))
    assert made is not None
    return made
