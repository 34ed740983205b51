"""Makes small copies of picture files of this machine."""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image, ImageOps, UnidentifiedImageError

from imagelabels.domain.model import ObjectHead, ObjectRef
from imagelabels.pictures.picture import MAX_BYTES, WINDOW, sniff

MOST_PIXELS = 100_000_000
"""A file that says it has more pixels is not decoded: a small file may unpack to much."""


class LocalThumbnails:
    """This is a Thumbnails. It keeps the copies that were asked for last, at most 20 MB or so."""

    def small(self, ref: ObjectRef, head: ObjectHead, side: int, seconds: int) -> bytes:
        return _small(f"/{ref.key}", head.etag, side)


@lru_cache(maxsize=512)
def _small(path: str, etag: str, side: int) -> bytes:
    """Return the copy. The ETag is only there so that a file that has changed is read again."""
    try:
        with open(path, "rb") as file:
            octets = file.read(MAX_BYTES + 1)
        if len(octets) > MAX_BYTES:
            raise ValueError("the file is too large for a small copy")
        if sniff(octets[:WINDOW]) is None:  # Pillow hands PostScript to the program Ghostscript, for example.
            raise ValueError("no small copy can be made of this file: it does not begin as a picture")
        with Image.open(io.BytesIO(octets)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ValueError("the picture has too many pixels for a small copy")
            picture.draft("RGB", (side, side))
            small = ImageOps.exif_transpose(picture)
            small.thumbnail((side, side))
            copy = io.BytesIO()
            small.convert("RGB").save(copy, "JPEG", quality=80)
            return copy.getvalue()
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError) as error:
        raise ValueError(f"no small copy can be made of this file: {type(error).__name__}") from error
