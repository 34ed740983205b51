"""Damaged pictures for the head's reader and the decoder: what becomes of 100,000 of them, in how much memory."""

from __future__ import annotations

import faulthandler
import io
import multiprocessing
import os
import random
import resource
import time
import warnings
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from PIL import Image

from imagelabels.domain import picture
from imagelabels.domain.errors import Rejected
from imagelabels.providers.embedded.decode import FORMATS, decode

INPUTS = 100_000
BATCH = 500
SECONDS = 5.0
"""An input that takes longer ends its worker, even inside a library."""
MEMORY = 512 * 1024 * 1024
"""Bytes of a worker's address space, libraries included."""
SIDE = 224
READS = 2
"""Of the head's reader at most."""


def made(number: int) -> bytes:
    """The damaged file of that number, the same on every run."""
    chance = random.Random(number)
    data = bytearray(chance.choice(seeds()))
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        if data:
            chance.choice(_DAMAGES)(data, chance)
    return bytes(data)


def attempt(content: bytes) -> str:
    """`read`, a refusal's reason, or `crash` and the error's name: for any other error than the documented one."""
    reads = 0

    def read(start: int, length: int) -> bytes:
        nonlocal reads
        reads += 1
        return content[start : start + length]

    try:
        head = picture.probe(read, len(content))
        if reads > READS:
            return "crash: too many reads"
        refused = picture.refusal(head, FORMATS)
        decode(content, SIDE)
    except Rejected as error:
        return error.reason
    except Exception as error:
        return f"crash: {type(error).__name__}"
    # A service that goes by the head must not have paid for less than there is.
    return "read" if refused is None else f"read, though its head says {refused}"


def _bits(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 4, 30))):
        data[_place(data, chance)] ^= 1 << chance.randrange(8)


def _bytes(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 4))):
        data[_place(data, chance)] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))


def _length(data: bytearray, chance: random.Random) -> None:
    """A number of two, four or eight bytes, small, at an edge, or far too large."""
    width = chance.choice((2, 4, 4, 8))
    bits = chance.choice((0, 1, 8, 15, 16, 20, 24, 31, 32, 63, 64))
    value = min(max((1 << bits) + chance.choice((-1, 0, 1)), 0), (1 << 8 * width) - 1)
    at = _place(data, chance)
    data[at : at + width] = value.to_bytes(width, chance.choice(("little", "big")))


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def _gap(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    del data[at : at + chance.choice((1, 2, 4, 50))]


def _repeat(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    part = data[at : at + chance.choice((1, 4, 12, 100))]
    data[at:at] = part * chance.choice((1, 2, 100))


def _splice(data: bytearray, chance: random.Random) -> None:
    other = chance.choice(seeds())
    data[_place(data, chance) :] = other[chance.randrange(len(other)) :]


_DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _bits,
    _bytes,
    _length,
    _length,
    _cut,
    _gap,
    _repeat,
    _splice,
)


def _place(data: bytearray, chance: random.Random) -> int:
    """Every other one among the first 200 bytes, where the headers are."""
    return chance.randrange(len(data) if chance.random() < 0.5 else min(len(data), 200))


@lru_cache(maxsize=1)
def seeds() -> tuple[bytes, ...]:
    """Small sound pictures of every format and kind."""
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
    return tuple(_encoded(image, format, options) for image, format, options in kinds)


def _encoded(image: Image.Image, format: str, options: dict[str, object]) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def work(answers: Connection, numbers: range, at: Synchronized[int]) -> None:
    """A worker: counts of the outcomes after each batch. `at` is the input under way, for whoever finds it dead."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warnings.simplefilter("ignore")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libtiff's remarks
    for first in range(numbers.start, numbers.stop, BATCH):
        outcomes: Counter[str] = Counter()
        for number in range(first, min(first + BATCH, numbers.stop)):
            at.value = number
            faulthandler.dump_traceback_later(SECONDS, exit=True)
            outcome = attempt(made(number))
            outcomes[f"{outcome} (input {number})" if outcome.startswith("crash") else outcome] += 1
        faulthandler.cancel_dump_traceback_later()
        answers.send((outcomes, _memory()))


def _memory() -> int:
    """Bytes that this process held at most. Not ru_maxrss, which begins with what the parent held."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def run(inputs: range, workers: int) -> tuple[Counter[str], int]:
    """Counts of the outcomes, and the most bytes that a worker held. One that died is named by its input."""
    outcomes: Counter[str] = Counter()
    most = 0
    share = -(-len(inputs) // workers)
    todo = [inputs[first : first + share] for first in range(0, len(inputs), share)]
    started = []
    spawn = multiprocessing.get_context("spawn")

    def start(numbers: range) -> None:
        answers, theirs = spawn.Pipe(duplex=False)
        at = spawn.Value("q", numbers.start)
        process = spawn.Process(target=work, args=(theirs, numbers, at), daemon=True)
        process.start()
        theirs.close()
        started.append((process, answers, at, numbers))

    for numbers in todo:
        start(numbers)
    while started:
        process, answers, at, numbers = started.pop(0)
        done = numbers.start
        try:
            while True:
                counted, held = answers.recv()
                outcomes += counted
                done += sum(counted.values())
                most = max(most, held)
        except EOFError:
            process.join()
        if process.exitcode != 0:
            outcomes[f"crash: worker ended with {process.exitcode} (input {at.value})"] += 1
            for rest in (range(done, at.value), range(at.value + 1, numbers.stop)):
                if rest:
                    start(rest)
    return outcomes, most


def report() -> list[str]:
    """Lines for people."""
    began = time.perf_counter()
    outcomes, most = run(range(INPUTS), os.cpu_count() or 1)
    crashes = [outcome for outcome in outcomes if outcome.startswith("crash")]
    counted = ", ".join(f"{outcome} {count}" for outcome, count in sorted(outcomes.items()) if outcome not in crashes)
    return [
        f"{INPUTS} damaged pictures in {time.perf_counter() - began:.0f} s: {len(crashes)} crashes or hangs over"
        f" {SECONDS:g} s, at most {most / 2**20:.0f} MB; {counted}",
        *crashes,
    ]
