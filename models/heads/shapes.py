"""Draws graphics without photos: banners, wireframes, patterns, flow charts, pages and maps of games."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

Photos = Callable[[Random], Image.Image]
"""It returns one of the photos that may be used, at most 400 pixels wide and high, as a copy."""
Colour = tuple[int, int, int]
Draw = ImageDraw.ImageDraw

LARGE = ((640, 480), (480, 640), (600, 600), (800, 450))
WORDS = [
    "photo",
    "gallery",
    "open",
    "save",
    "settings",
    "2024",
    "user",
    "account",
    "detect",
    "label",
    "model",
    "100",
    "%",
    "price",
    "total",
    "home",
    "search",
    "input",
    "output",
    "server",
    "data",
    "layer",
    "value",
    "result",
    "figure",
    "table",
    "name",
    "date",
    "size",
    "new",
    "all",
    "edit",
    "view",
    "file",
    "help",
    "lorem",
    "ipsum",
    "dolor",
    "sit",
    "amet",
]


def colour(random: Random) -> Colour:
    return random.randrange(256), random.randrange(256), random.randrange(256)


def dark(random: Random) -> Colour:
    return random.randrange(50), random.randrange(50), random.randrange(60)


def pale(random: Random) -> Colour:
    return random.randrange(215, 256), random.randrange(215, 256), random.randrange(215, 256)


def chosen(random: Random, *inks: str | Colour) -> str | Colour:
    return random.choice(inks)


def typeface(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=max(size, 8))


def sentence(random: Random, words: int) -> str:
    return " ".join(random.choice(WORDS) for _ in range(words))


def contrast(board: Image.Image) -> str:
    """Return the ink that can be read on the board's ground."""
    ground = board.convert("L").getpixel((1, board.height - 2))
    return "black" if isinstance(ground, (int, float)) and ground > 128 else "white"


def write(random: Random, draw: Draw, box: tuple[int, int, int, int], ink: str | Colour, size: int) -> None:
    """Fill a box with lines of words."""
    left, top, right, bottom = box
    most = max(1, (right - left) // (size * 4))
    while top < bottom - size:
        draw.text((left, top), sentence(random, random.randint(1, most)), fill=ink, font=typeface(size))
        top += int(size * 1.6)


def banner(random: Random, _: Photos) -> Image.Image:
    """Let one colour run into another, and set a title and a few shapes on it."""
    width, height = random.choice([(700, 300), (600, 400), (400, 600), (800, 260), (500, 500)])
    first, second = (np.array(random.choice([dark, dark, colour])(random), float) for _ in range(2))
    tilt = random.random()
    share = np.linspace(0, 1, width)[None, :, None] * (1 - tilt) + np.linspace(0, 1, height)[:, None, None] * tilt
    board = Image.fromarray((first + (second - first) * share).astype(np.uint8))
    draw = ImageDraw.Draw(board)
    for _circle in range(random.randint(0, 6)):
        left, top, radius = random.randrange(width), random.randrange(height), random.randint(10, 150)
        ink = tuple(int(min(255, max(0, part + random.randint(-30, 60)))) for part in second)
        shape = random.choice([draw.ellipse, draw.rectangle])
        shape((left - radius, top - radius, left + radius, top + radius), outline=ink, fill=random.choice([None, ink]))
    if random.random() < 0.85:
        at = (width * random.choice([0.1, 0.25, 0.4]), height * random.uniform(0.2, 0.6))
        draw.text(
            at,
            sentence(random, 2).title(),
            fill=chosen(random, "white", "white", pale(random)),
            font=typeface(random.choice([24, 40, 64])),
        )
    if random.random() < 0.4:
        write(random, draw, (width // 10, int(height * 0.7), width * 2 // 3, height - 10), "grey", 14)
    return board


def wireframe(random: Random, _: Photos) -> Image.Image:
    """Draw lines only: a net of points, a bent mesh, boxes of a sketched page, cubes or a rough sketch by hand."""
    ground = chosen(random, "white", "white", pale(random), dark(random), "black")
    board = Image.new("RGB", (500, random.choice([350, 500])), ground)
    ink = chosen(random, contrast(board), contrast(board), colour(random))
    random.choice([_net, _mesh, _sketched_page, _cubes, _scribble])(random, ImageDraw.Draw(board), board.size, ink)
    return board


def _net(random: Random, draw: Draw, size: tuple[int, int], ink: str | Colour) -> None:
    points = [(random.randrange(size[0]), random.randrange(size[1])) for _ in range(random.randint(12, 60))]
    for point in points:
        for other in sorted(points, key=lambda other: math.dist(point, other))[1:4]:
            draw.line((*point, *other), fill=ink, width=random.choice([1, 1, 2]))
        draw.ellipse((point[0] - 3, point[1] - 3, point[0] + 3, point[1] + 3), fill=ink)


def _mesh(random: Random, draw: Draw, size: tuple[int, int], ink: str | Colour) -> None:
    lines, bend, slow = random.choice([16, 30, 44]), random.randint(5, 60), random.randint(40, 90)
    for line in range(lines):
        across, down = line * size[0] / lines, line * size[1] / lines
        draw.line([(across + bend * math.sin(y / slow + line / 5), y) for y in range(0, size[1], 8)], fill=ink)
        draw.line([(x, down + bend * math.sin(x / slow + line / 7)) for x in range(0, size[0], 8)], fill=ink)


def _sketched_page(random: Random, draw: Draw, size: tuple[int, int], ink: str | Colour) -> None:
    for _ in range(random.randint(5, 18)):
        left, top = random.randrange(size[0]), random.randrange(size[1])
        right, bottom = left + random.randint(40, 240), top + random.randint(20, 140)
        draw.rounded_rectangle(
            (left, top, right, bottom), random.choice([0, 0, 8]), outline=ink, width=random.choice([1, 2, 3])
        )
        if random.random() < 0.35:
            draw.line((left, top, right, bottom), fill=ink)
            draw.line((right, top, left, bottom), fill=ink)
        elif random.random() < 0.5:
            write(random, draw, (left + 6, top + 6, right, bottom), ink, 13)


def _cubes(random: Random, draw: Draw, size: tuple[int, int], ink: str | Colour) -> None:
    for _ in range(random.randint(3, 9)):
        left, top, side = random.randrange(size[0]), random.randrange(size[1]), random.randint(40, 160)
        back = side // 3
        for shift in (0, back):
            draw.rectangle((left + shift, top - shift, left + side + shift, top + side - shift), outline=ink)
        for x, y in ((0, 0), (side, 0), (0, side), (side, side)):
            draw.line((left + x, top + y, left + x + back, top + y - back), fill=ink)


def _scribble(random: Random, draw: Draw, size: tuple[int, int], ink: str | Colour) -> None:
    """Draw shapes twice with unsteady corners, as by hand."""
    for _ in range(random.randint(3, 10)):
        middle, radius = (random.randrange(size[0]), random.randrange(size[1])), random.randint(30, 120)
        corners = random.choice([3, 4, 4, 6, 24])
        for _stroke in range(2):
            turns = [turn * 2 * math.pi / corners for turn in range(corners + 1)]
            draw.line(
                [
                    (
                        middle[0] + radius * math.cos(turn) + random.randint(-4, 4),
                        middle[1] + radius * math.sin(turn) + random.randint(-4, 4),
                    )
                    for turn in turns
                ],
                fill=ink,
                width=random.choice([2, 3]),
            )


def pattern(random: Random, _: Photos) -> Image.Image:
    """Draw what is of nothing: soft spots of colour, triangles, or bands between waves."""
    width, height = 480, random.choice([300, 480])
    numbers = np.random.default_rng(random.randrange(10**6))
    few = random.choice([3, 4, 6])
    spots = Image.fromarray((numbers.random((few, few, 3)) * 255).astype(np.uint8))
    board = spots.resize((width, height), Image.Resampling.BICUBIC)
    kind = random.randrange(4)
    if kind == 0:
        return ImageOps.posterize(board, random.choice([1, 2, 3]))
    if kind == 1:
        draw = ImageDraw.Draw(board)
        for _triangle in range(random.randint(10, 60)):
            corners = [(random.randrange(-50, width + 50), random.randrange(-50, height + 50)) for _ in range(3)]
            draw.polygon(corners, fill=colour(random))
    if kind == 2:
        across, down = np.meshgrid(np.linspace(-3, 3, width), np.linspace(-3, 3, height))
        waves = np.sin(across * random.uniform(1, 4) + np.sin(down * random.uniform(1, 4))) * np.cos(
            down * random.uniform(1, 5) + across
        )
        inks = np.array([colour(random) for _ in range(5)], float)
        at = (waves - waves.min()) / (np.ptp(waves) + 1e-9) * 4
        low = at.astype(int).clip(0, 3)
        share = (at - low)[..., None] * random.choice([0, 1])
        return Image.fromarray((inks[low] * (1 - share) + inks[low + 1] * share).astype(np.uint8))
    return board


def flow(random: Random, photos: Photos) -> Image.Image:
    """Draw boxes with words and lines between them, sometimes with a small photo."""
    board = Image.new(
        "RGB", (560, random.choice([240, 420])), chosen(random, "white", "white", pale(random), dark(random))
    )
    draw, ink, before = ImageDraw.Draw(board), contrast(board), None
    for _ in range(random.randint(4, 12)):
        left, top = random.randrange(board.width - 90), random.randrange(board.height - 40)
        if before:
            draw.line((*before, left + 45, top + 17), fill=ink, width=2)
        before = (left + 45, top + 17)
        draw.rounded_rectangle(
            (left, top, left + 90, top + 34),
            random.choice([0, 6]),
            fill=chosen(random, "white", pale(random), colour(random)),
            outline=ink,
        )
        draw.text((left + 8, top + 10), sentence(random, 1), fill="black")
    if random.random() < 0.4:
        side = random.randint(60, 160)
        board.paste(ImageOps.fit(photos(random), (side, side)), (random.randrange(400), random.randrange(80)))
    return board


def page(random: Random, photos: Photos) -> Image.Image:
    """Set words, and sometimes a photo or a few marks, on paper."""
    board = Image.new("RGB", random.choice([(500, 700), (700, 400), (500, 500)]), chosen(random, "white", pale(random)))
    draw = ImageDraw.Draw(board)
    width, height = board.size
    for _ in range(random.choice([0, 0, 3, 12])):
        left, top, side = random.randrange(width), random.randrange(height), random.randint(8, 60)
        shape = random.choice([draw.ellipse, draw.rectangle])
        shape((left, top, left + side, top + side), outline=chosen(random, "black", colour(random)), width=2)
    for column in range(columns := random.choice([1, 1, 2])):
        left = 30 + column * (width - 40) // columns
        space = (left, random.choice([20, 120]), left + (width - 80) // columns, height - random.choice([20, 200]))
        write(random, draw, space, random.choice(["black", "black", "grey"]), random.choice([10, 14, 20]))
    if random.random() < 0.4:
        board.paste(
            ImageOps.fit(photos(random), (width // 2, height // 3)),
            (random.randrange(width // 2), random.randrange(height // 2)),
        )
    return board


def tiles(random: Random, _: Photos) -> Image.Image:
    """Draw the map of a game, of squares in few colours."""
    across, inks = random.choice([8, 14, 24]), [colour(random) for _ in range(random.randint(3, 6))]
    numbers = np.random.default_rng(random.randrange(10**6)).random((across + 1, across + 1))
    smooth = (numbers[1:, 1:] + numbers[:-1, 1:] + numbers[1:, :-1]) / 3
    side = 480 // across
    board = Image.new("RGB", (across * side, across * side))
    draw, line = ImageDraw.Draw(board), random.choice([None, "black", "grey"])
    for place in np.ndindex(smooth.shape):
        left, top = place[1] * side, place[0] * side
        draw.rectangle(
            (left, top, left + side, top + side), fill=inks[int(smooth[place] * len(inks) * 0.999)], outline=line
        )
        if random.random() < 0.06:
            draw.ellipse((left + 3, top + 3, left + side - 3, top + side - 3), fill=colour(random))
    return board


GRAPHICS: dict[str, Callable[[Random, Photos], Image.Image]] = {
    "banner": banner,
    "wireframe": wireframe,
    "pattern": pattern,
    "flow": flow,
    "page": page,
    "tiles": tiles,
}
