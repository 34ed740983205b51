"""Draws pictures that the head `graphic` is fitted on: graphics made from photos, shapes and words, and altered photos.

Few openly licensed collages, photos with drawn boxes and wireframes could be found, and a program draws any number in
many styles. Fog, bare walls, white frames, night and printed dates are made of photos too: they are no graphics. The
same seed and the same photos always give the same pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from models.heads import shapes
from models.heads.shapes import LARGE, Photos, chosen, colour, dark, pale, sentence, typeface

Maker = Callable[[Random, Photos], Image.Image]


def grid(random: Random, photos: Photos) -> Image.Image:
    """Draw rows of cells, of many photos or of one photo altered, with or without captions."""
    columns, rows = random.choice([(2, 1), (2, 2), (3, 1), (1, 3), (3, 2), (3, 3), (4, 3), (5, 4), (6, 6)])
    width, gap = random.choice([480, 640]), random.choice([0, 0, 2, 6, 14, 30])
    height = int(width * random.choice([0.5, 0.7, 1, 1.2]))
    board = Image.new("RGB", (width, height), chosen(random, "white", "white", "black", colour(random)))
    draw, one = ImageDraw.Draw(board), photos(random) if random.random() < 0.3 else None
    step = ((width - gap) // columns, (height - gap) // rows)
    caption = random.choice([0, 0, 14, 22])
    for place in range(columns * rows):
        left, top = gap + place % columns * step[0], gap + place // columns * step[1]
        cell = (max(step[0] - gap, 8), max(step[1] - gap - caption, 8))
        board.paste(ImageOps.fit(photos(random) if one is None else altered(random, one), cell), (left, top))
        if caption:
            ink = random.choice(["black", "grey", "red", "white"])
            draw.text((left + 3, top + cell[1]), sentence(random, 2), fill=ink, font=typeface(caption - 4))
        if random.random() < 0.15:
            draw.rectangle((left, top, left + cell[0], top + cell[1]), outline=colour(random), width=4)
    return board


def altered(random: Random, photo: Image.Image) -> Image.Image:
    changes: list[Callable[[], Image.Image]] = [
        lambda: ImageOps.grayscale(photo).convert("RGB"),
        lambda: ImageOps.mirror(photo),
        lambda: photo.rotate(random.randrange(-40, 40)),
        lambda: ImageOps.posterize(photo, 2),
        lambda: photo.filter(ImageFilter.GaussianBlur(6)),
        lambda: ImageOps.invert(photo),
        lambda: photo.filter(ImageFilter.FIND_EDGES),
        lambda: photo,
    ]
    return random.choice(changes)()


def collage(random: Random, photos: Photos) -> Image.Image:
    """Cut a board into cells of different sizes, again and again, and fill each with a photo."""
    board = Image.new("RGB", random.choice(LARGE), chosen(random, "white", "white", "black", colour(random)))
    gap, boxes = random.choice([0, 3, 8, 16]), [(0, 0, *board.size)]
    for _ in range(random.randint(1, 8)):
        left, top, right, bottom = boxes.pop(max(range(len(boxes)), key=lambda at: _area(boxes[at])))
        share = random.choice([0.35, 0.5, 0.5, 0.65])
        if right - left > bottom - top:
            middle = left + int((right - left) * share)
            boxes += [(left, top, middle, bottom), (middle, top, right, bottom)]
        else:
            middle = top + int((bottom - top) * share)
            boxes += [(left, top, right, middle), (left, middle, right, bottom)]
    for left, top, right, bottom in boxes:
        cell = (max(right - left - 2 * gap, 4), max(bottom - top - 2 * gap, 4))
        board.paste(ImageOps.fit(photos(random), cell), (left + gap, top + gap))
    return board


def _area(box: tuple[int, int, int, int]) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def montage(random: Random, photos: Photos) -> Image.Image:
    """Lay photos with white borders across each other on a coloured ground."""
    board = Image.new("RGB", random.choice(LARGE), chosen(random, "white", "black", colour(random), pale(random)))
    for _ in range(random.randint(4, 12)):
        side = random.randint(100, 240)
        photo = ImageOps.fit(photos(random), (side, int(side * random.choice([0.75, 1, 1.3]))))
        framed = ImageOps.expand(photo, random.choice([0, 4, 10]), chosen(random, "white", "white", colour(random)))
        turned = framed.convert("RGBA").rotate(random.randint(-25, 25), expand=True)
        board.paste(turned, (random.randint(-60, board.width - 60), random.randint(-60, board.height - 60)), turned)
    return board


def marked(random: Random, photos: Photos) -> Image.Image:
    """Draw what detectors draw on a photo: boxes with names, coloured areas, joints, or a line of text."""
    photo = photos(random)
    draw = ImageDraw.Draw(photo, "RGBA")
    thick, size = random.choice([2, 3, 4, 6]), random.choice([11, 14, 18, 26])
    filled, one_colour = random.random() < 0.35, colour(random) if random.random() < 0.4 else None
    for _ in range(random.randint(2, 12)):
        left, top = random.randrange(photo.width * 4 // 5), random.randrange(photo.height * 4 // 5)
        ink = one_colour or colour(random)
        box = (left, top, left + random.randint(30, photo.width // 2), top + random.randint(30, photo.height // 2))
        draw.rectangle(box, outline=ink, width=thick, fill=(*ink, random.choice([60, 110])) if filled else None)
        name = f"{sentence(random, 1)} {random.random():.2f}"
        draw.rectangle((left, top - size - 4, left + int(draw.textlength(name, typeface(size))) + 6, top), fill=ink)
        draw.text(
            (left + 3, top - size - 3), name, fill=random.choice(["white", "white", "black"]), font=typeface(size)
        )
    if random.random() < 0.3:
        _joints(random, photo, draw)
    return photo


def _joints(random: Random, photo: Image.Image, draw: ImageDraw.ImageDraw) -> None:
    for _ in range(random.randint(1, 4)):
        at = (random.randrange(photo.width), random.randrange(photo.height))
        for _ in range(12):
            to = (at[0] + random.randint(-70, 70), at[1] + random.randint(-70, 70))
            draw.line((*at, *to), fill=colour(random), width=4)
            draw.ellipse((to[0] - 4, to[1] - 4, to[0] + 4, to[1] + 4), fill=colour(random))
            at = to


def poster(random: Random, photos: Photos) -> Image.Image:
    """Set a photo beside or below a plain field with words."""
    board = Image.new(
        "RGB", random.choice(LARGE), chosen(random, dark(random), dark(random), colour(random), (255, 255, 255))
    )
    width, height = board.size
    part = (width, height // 2) if random.random() < 0.5 else (width // 2, height)
    board.paste(ImageOps.fit(photos(random), part), (width - part[0], height - part[1]))
    space = (20, 20, width - 20, height // 2 - 10) if part[0] == width else (20, 20, width // 2 - 10, height - 20)
    shapes.write(random, ImageDraw.Draw(board), space, shapes.contrast(board), random.choice([16, 24, 34]))
    return board


def screen(random: Random, photos: Photos) -> Image.Image:
    """Draw the window of a program or the screen of a telephone, with photos or with text."""
    board = Image.new(
        "RGB",
        random.choice([(640, 400), (360, 640), (800, 500)]),
        chosen(random, dark(random), pale(random), (255, 255, 255)),
    )
    width, height = board.size
    draw, ink = ImageDraw.Draw(board), shapes.contrast(board)
    draw.rectangle((0, 0, width, random.randint(20, 48)), fill=colour(random))
    left = 12
    if width > 500 and random.random() < 0.7:
        left = random.randint(100, 180)
        draw.rectangle((0, 40, left - 12, height), fill=random.choice([dark(random), pale(random)]))
        shapes.write(random, draw, (10, 60, left - 16, height), random.choice(["grey", ink]), 12)
    if random.random() < 0.35:
        shapes.write(random, draw, (left, 60, width - 10, height), ink, random.choice([11, 14, 18]))
        return board
    columns = random.randint(1, 4)
    side, below = (width - left) // columns, random.choice([8, 34])
    for top in range(60, height, int(side * 0.7) + below):
        for column in range(columns):
            board.paste(ImageOps.fit(photos(random), (side - 10, int(side * 0.7))), (left + column * side, top))
            if below > 20:
                shapes.write(
                    random,
                    draw,
                    (
                        left + column * side,
                        top + int(side * 0.7) + 4,
                        left + (column + 1) * side - 20,
                        top + int(side * 0.7) + 22,
                    ),
                    ink,
                    12,
                )
    return board


def fog(random: Random, photos: Photos) -> Image.Image:
    pixels = _pixels(photos(random))
    share = random.uniform(0.05, 0.3)
    return _image(pixels * share + random.uniform(170, 235) * (1 - share) + _noise(random, pixels, 4))


def wall(random: Random, photos: Photos) -> Image.Image:
    """Enlarge the plainest part of a photo, lit from the middle."""
    photo = photos(random)
    side = min(photo.size) // random.choice([5, 8])
    corners = [(random.randrange(photo.width - side), random.randrange(photo.height - side)) for _ in range(25)]
    parts = [photo.crop((left, top, left + side, top + side)) for left, top in corners]
    plainest = min(parts, key=lambda part: float(_pixels(part).std()))
    pixels = _pixels(plainest.resize((400, 400), Image.Resampling.BICUBIC))
    down, across = np.mgrid[0:400, 0:400] / 400 - 0.5
    light = 1 - random.uniform(0, 0.6) * (across**2 + down**2)
    return _image(pixels * light[..., None] + _noise(random, pixels, 5))


def framed(random: Random, photos: Photos) -> Image.Image:
    photo = photos(random)
    border = int(min(photo.size) * random.uniform(0.02, 0.6))
    return ImageOps.expand(
        photo, border, chosen(random, "white", "white", "black", "black", dark(random), pale(random))
    )


def night(random: Random, photos: Photos) -> Image.Image:
    pixels = _pixels(photos(random))
    return _image(pixels * random.uniform(0.03, 0.2) + _noise(random, pixels, 3))


def near(random: Random, photos: Photos) -> Image.Image:
    """Enlarge a third of a photo, as a close view without sharp edges."""
    photo = photos(random)
    side = min(photo.size) // 3
    left, top = random.randrange(photo.width - side), random.randrange(photo.height - side)
    return photo.crop((left, top, left + side, top + side)).resize((400, 400), Image.Resampling.BICUBIC)


def printed(random: Random, photos: Photos) -> Image.Image:
    """Print a date or a name into a corner of a photo, as cameras and photographers do."""
    photo = photos(random)
    words = random.choice(["2009 08 14", "14.08.2009 18:32", f"© {sentence(random, 2)}"])
    ink, at = (
        random.choice(["orange", "white", "yellow"]),
        (photo.width * random.uniform(0.05, 0.5), photo.height * 0.86),
    )
    ImageDraw.Draw(photo).text(at, words, fill=ink, font=typeface(random.choice([14, 20, 28])))
    return photo


def _pixels(photo: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(photo, np.float64)


def _noise(
    random: Random, like: np.ndarray[tuple[int, ...], np.dtype[np.float64]], most: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.random.default_rng(random.randrange(10**6)).normal(0, random.uniform(1, most), like.shape)


def _image(pixels: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Image.Image:
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


GRAPHICS: dict[str, Maker] = {
    "grid": grid,
    "collage": collage,
    "montage": montage,
    "marked": marked,
    "poster": poster,
    "screen": screen,
    **shapes.GRAPHICS,
}
PHOTOS: dict[str, Maker] = {
    "fog": fog,
    "wall": wall,
    "framed": framed,
    "night": night,
    "near": near,
    "printed": printed,
}


def drawn(photos: Sequence[Image.Image], count: int, seed: int = 17) -> Iterator[tuple[str, bool, Image.Image]]:
    """Yield `count` pictures of each kind: the kind, whether it is a graphic, and the picture."""

    def some(random: Random) -> Image.Image:
        return random.choice(photos).copy()

    for kinds, is_graphic in ((GRAPHICS, True), (PHOTOS, False)):
        for kind, maker in kinds.items():
            random = Random(f"{seed} {kind}")
            for _ in range(count):
                yield kind, is_graphic, maker(random, some)
