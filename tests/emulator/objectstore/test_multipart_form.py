"""Forms are read while they come in: in pieces of any size, and with little memory."""

from __future__ import annotations

import asyncio
import random
import tracemalloc
from collections.abc import AsyncIterator, Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from emulator.core.refusal import Refusal
from emulator.objectstore import multipart_form
from tests.emulator.forms import BOUNDARY, by_hand


def read(pieces: Iterable[bytes], content_type: str = f"multipart/form-data; boundary={BOUNDARY}") -> tuple[Any, int]:
    """Return the form without its content, and how many bytes its file has."""

    async def chunks() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def reading() -> tuple[Any, int]:
        headers = {"content-type": content_type}
        call: Any = SimpleNamespace(chunks=chunks, header=lambda name: headers.get(name, ""))
        form = await multipart_form.read(call, 4096)
        size = 0
        async for block in form.content:
            size += len(block)
        return form, size

    return asyncio.run(reading())


@pytest.mark.parametrize("seed", range(20))
def test_a_form_is_the_same_in_whatever_pieces_it_comes(seed: int) -> None:
    dice = random.Random(seed)
    content = b"".join(dice.choice((b"\r", b"\n", b"-", b"\r\n--", BOUNDARY.encode()[:-1], b"x")) for _ in range(500))
    body = by_hand([("Key", "狗"), ("empty", "")], content) + b"epilogue"
    pieces, at = [], 0
    while at < len(body):
        size = dice.choice((1, 1, 2, 3, 7, 40, 1000))
        pieces.append(body[at : at + size])
        at += size
    form, size = read(pieces)
    assert (form.fields, form.filename, form.file_type) == ({"key": "狗", "empty": ""}, "cat.jpg", "image/jpeg")
    assert size == len(content)


def test_a_large_file_passes_through_little_memory() -> None:
    head, _, tail = by_hand([("key", "a")], b"<file>").partition(b"<file>")
    piece = bytes(65536)

    def pieces() -> Iterable[bytes]:
        yield head
        for _ in range(1600):
            yield piece
        yield tail

    tracemalloc.start()
    try:
        _, size = read(pieces())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == 1600 * 65536
    assert peak < 4 * 1024 * 1024


def test_a_field_that_never_ends_is_refused_before_it_is_held() -> None:
    taken = 0

    def pieces() -> Iterable[bytes]:
        nonlocal taken
        yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="key"\r\n\r\n'.encode()
        while True:
            taken += 1
            yield b"x" * 1000

    with pytest.raises(Refusal, match="FieldItemTooLong"):
        read(pieces())
    assert taken < 10


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('form-data; name="file"; filename="a b.jpg"', "a b.jpg"),
        ("form-data; name=file; filename=a.jpg", "a.jpg"),
        ('form-data; filename="a;name=x.jpg"; name="FILE"', "a;name=x.jpg"),
        ('form-data; name="file"; filename="say %22hi%22.jpg"', 'say "hi".jpg'),
        ('form-data; name="file"; filename="say \\"hi\\".jpg"', 'say "hi".jpg'),
        ('form-data; name="file"; filename="C:\\cat.jpg"', "C:\\cat.jpg"),
        ('form-data; name="file"; filename="狗.jpg"', "狗.jpg"),
        ('Form-Data;name="file"', ""),
    ],
)
def test_a_file_has_the_name_that_its_sender_gives_it(disposition: str, name: str) -> None:
    head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n"
    form, size = read([head.encode(), b"xyz", f"\r\n--{BOUNDARY}--".encode()])
    assert (form.filename, size) == (name, 3)


@pytest.mark.parametrize(
    "kind", [f'multipart/form-data; boundary="{BOUNDARY}"', f"multipart/form-data;Boundary={BOUNDARY}; x=y"]
)
def test_a_boundary_may_be_quoted(kind: str) -> None:
    assert read([by_hand([("key", "a")], b"xyz")], kind)[1] == 3
