"""The undamaged pictures that the fuzz benchmark spoils."""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image


@lru_cache(maxsize=1)
def seeds() -> tuple[bytes, ...]:
    """Return small undamaged pictures of every format and kind."""
    tile = Image.effect_mandelbrot((40, 30), (-2, -1.5, 1, 1.5), 40)
    photo = Image.merge("RGB", (tile, tile.transpose(Image.Transpose.FLIP_LEFT_RIGHT), tile.point(lambda v: 255 - v)))
    clear = photo.copy()
    clear.putalpha(tile)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769).update({0x9003: "2023:07:01 12:34:56", 0x9011: "+08:00"})
    frames = {"save_all": True, "append_images": [photo.rotate(90), photo.rotate(180)]}
    kinds: list[tuple[Image.Image, str, dict[str, object]]] = [
        (photo, "JPEG", {"exif": exif}),
        (photo, "JPEG", {"progressive": True, "icc_profile": b"a" * 200, "comment": b"b"}),
        (photo.convert("CMYK"), "JPEG", {"restart_marker_rows": 1}),
        (tile, "JPEG", {"quality": 20}),
        (photo, "MPO", frames),
        (photo, "PNG", {"exif": exif}),
        (clear, "PNG", {"dpi": (72, 72)}),
        (photo.quantize(16), "PNG", {"transparency": 3}),
        (tile.convert("1"), "PNG", {}),
        (Image.new("I;16", (20, 20), 40_000), "PNG", {}),
        (photo, "PNG", frames),
        (photo, "GIF", {"comment": b"c" * 300}),
        (photo, "GIF", frames),
        (photo, "WEBP", {"exif": exif}),
        (clear, "WEBP", {"lossless": True}),
        (photo, "WEBP", frames),
        (photo, "BMP", {}),
        (tile, "BMP", {}),
        (photo, "TIFF", {}),
        (clear, "TIFF", {"compression": "tiff_lzw"}),
        (photo, "TIFF", {"compression": "jpeg"}),
        (photo, "TIFF", {"compression": "tiff_adobe_deflate", "exif": exif}),
        (tile.convert("1"), "TIFF", {"compression": "group4"}),
        (photo, "TIFF", {"big_tiff": True}),
        (photo, "AVIF", {}),
        (photo, "ICO", {}),
    ]
    return tuple(_encoded(image, file_format, options) for image, file_format, options in kinds)


def _encoded(image: Image.Image, file_format: str, options: dict[str, object]) -> bytes:
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()
