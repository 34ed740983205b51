"""Fetches the bytes of a picture that are looked at: the object's own, or a small copy that its store makes."""

from __future__ import annotations

from imagelabels.domain.errors import Rejected
from imagelabels.domain.model import Picture
from imagelabels.pictures.picture import Head
from imagelabels.ports import Shrinker
from imagelabels.providers.onnx.decode import FORMATS
from imagelabels.providers.onnx.traits import SIDE

LARGE = 8_000_000
"""A JPEG of so many pixels or more is fetched as a copy. Decoding a smaller one, at an eighth, takes less than 20
ms."""


def fetched(picture: Picture, shrinker: Shrinker | None) -> bytes:
    """Fetch the bytes. Rejected: the picture is in a format that is not read here, and the store makes no copy of
    it."""
    if shrinker is not None and picture.seen is not None and _pays(picture.seen, shrinker.formats):
        try:
            return shrinker.shrunk(picture.ref, picture.head, SIDE)
        except Rejected:
            if picture.seen.format not in FORMATS:
                raise
            # The store's limits are tighter than ours, as for a strip whose copy would be too long: it is read whole.
    return picture.read(0, picture.head.size)


# Unproven copies-of-png: A store's smaller copy of a PNG, GIF or WebP may show something else than the picture, so
#   only JPEG is made smaller there.
# Why: no page says how a store shows transparency, 16 bits and moving pictures.
# Ask: GET a PNG with a transparent half with image/resize,w_100/format,jpg (OSS) and
#   imageMogr2/thumbnail/100x/format/jpg (COS): the colour of that half.
def _pays(seen: Head, shrinkable: frozenset[str]) -> bool:
    """Tell whether a copy shows the same. Of the formats that are read here, only JPEG surely does."""
    if seen.format == "jpeg":
        return (seen.width or 0) * (seen.height or 0) >= LARGE
    return seen.format not in FORMATS and seen.format in shrinkable
