"""Small pictures for tests of image processing, and what can be seen in its results."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

RED, BLUE = (254, 0, 0), (0, 0, 254)
WHITE, BLACK, GREEN = (255, 255, 255), (0, 0, 0), (0, 200, 0)


def halves(width: int = 400, height: int = 300) -> Image.Image:
    """Return a picture that is red on the left and blue on the right."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def encoded(image: Image.Image, picture_format: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, picture_format, **options)
    return file.getvalue()


def turned(orientation: int, width: int = 400, height: int = 300) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(halves(width, height), exif=exif)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def moving(*frames: Image.Image, **options: Any) -> bytes:
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], **options)


def near(image: Image.Image, at: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    """Tell whether a pixel has a colour, but for what a lossy format may change."""
    pixel: Any = image.convert("RGB").getpixel(at)
    return all(abs(there - wanted) < 40 for there, wanted in zip(pixel, colour, strict=True))


def colours(image: Image.Image) -> dict[str, str]:
    """Return the colours at the middle of each edge."""
    width, height = image.size
    places = {
        "left": (1, height // 2),
        "right": (width - 2, height // 2),
        "above": (width // 2, 1),
        "below": (width // 2, height - 2),
    }
    names = {}
    for place, at in places.items():
        red, _, blue = image.convert("RGB").getpixel(at)  # type: ignore[misc]
        if abs(red - blue) > 100:
            names[place] = "red" if red > blue else "blue"
    return names


def quarters(width: int = 40, height: int = 20) -> Image.Image:
    """Return a picture that is red, blue, green and white, from the upper left to the lower right."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height // 2))
    image.paste(GREEN, (0, height // 2, width // 2, height))
    image.paste(WHITE, (width // 2, height // 2, width, height))
    return image


def corners(image: Image.Image) -> list[str]:
    """Return the colours at the four corners, from the upper left to the lower right."""
    named = {"red": RED, "blue": BLUE, "green": GREEN, "white": WHITE, "black": BLACK}
    width, height = image.size
    places = [(x, y) for y in (0, height - 1) for x in (0, width - 1)]
    return [next(name for name, colour in named.items() if near(image, place, colour)) for place in places]


def table(image: Any) -> int:
    """Return the sum of the first table of a JPEG: the lower it is, the better the quality."""
    return sum(image.quantization[0])
