"""Reads facts from an answer. A fact is a text, so that two of them can be compared and shown.

There are: status, code (of an error), header NAME, xml PATH (all texts there), body, picture size, and picture corner
(the colour of the top left pixel, to the nearest 16).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from PIL import Image, UnidentifiedImageError

LONGEST = 200
"""A fact is shown and compared up to so many characters."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    """The names are in lower case."""
    body: bytes


def fact(reply: Reply, name: str) -> str:
    """Return a fact of an answer. It is empty if the answer does not have it."""
    kind, _, rest = name.partition(" ")
    if kind == "status":
        return str(reply.status)
    if kind == "code":
        return _texts(reply.body, "Code") if reply.status >= 300 else ""
    if kind == "header":
        return reply.headers.get(rest.lower(), "")[:LONGEST]
    if kind == "xml":
        return _texts(reply.body, rest)
    if kind == "body":
        return reply.body[:LONGEST].decode("utf-8", "replace")
    if kind == "picture":
        return _picture(reply.body, rest)
    raise ValueError(f"there is no fact {name}")


def _texts(body: bytes, path: str) -> str:
    try:
        tree = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return ""
    for element in tree.iter():
        element.tag = element.tag.rpartition("}")[2]
    return ", ".join(element.text or "" for element in tree.iterfind(path))[:LONGEST]


def _picture(body: bytes, what: str) -> str:
    try:
        with Image.open(io.BytesIO(body)) as picture:
            if what == "size":
                return f"{picture.format} {picture.width}x{picture.height}"
            red, green, blue = (
                min(round(value / 16) * 16, 255) for value in picture.convert("RGB").resize((2, 2), 0).getpixel((0, 0))
            )
            return f"{red} {green} {blue}"
    except (UnidentifiedImageError, OSError):
        return "no picture"
