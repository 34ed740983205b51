"""XML as OSS writes and reads it: no namespaces, and keys with characters that XML does not know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
"""What no parser takes as it is, and the carriage return, which a parser would make a newline."""
UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
DISGUISED = (*range(0x09), *range(0x0B, 0x20), 0xFFFE, 0xFFFF)
REFERENCE = re.compile("&#(?:0*([0-9]{1,5})|x0*([0-9a-fA-F]{1,4}));")
PRIVATE = re.compile("[\U000f0000-\U0010fffd]")
FIRST_BLOCK, LAST_BLOCK = 0xF0000 // len(DISGUISED) + 1, 0x10FFFD // len(DISGUISED)
"""The range of private characters, which may stand for others."""
DECLARED = re.compile(r"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"'>]*)")
MOST_TAGS = 20_000
"""One document may have so many. A batch deletion of a thousand objects, the largest, has some six thousand."""
PIECE = 65536
"""Characters read at a time."""


def text(name: str, value: str) -> str:
    """An element with a value. A carriage return is written as a reference: readers would make it a newline."""
    return f"<{name}>{value.translate(ESCAPED)}</{name}>"


def writable(value: str) -> bool:
    """Whether a parser would read the value back from a document."""
    return not UNREADABLE.search(value)


def readable(value: str) -> str:
    """The value without what no parser takes; for people, never for keys."""
    return UNREADABLE.sub("?", value)


def element(name: str, *children: str) -> str:
    """An element around elements that are XML already."""
    return f"<{name}>{''.join(children)}</{name}>"


def document(name: str, *children: str) -> bytes:
    return HEAD + element(name, *children).encode("utf-8", "replace")


def parse(body: bytes, root: str) -> ElementTree.Element:
    """The root element; ValueError if it is not well-formed, not `root`, or brings a document type.

    Clients write control characters of a key as they are or as references, neither of which an XML parser takes: they
    go through it in a disguise. The time that it takes grows with the length of the body and with nothing else.
    """
    text = body.decode("utf-8-sig")
    declared = DECLARED.match(text)
    if declared and declared[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        raise ValueError("only UTF-8 is read")
    if "<!" in text:
        raise ValueError("document types are not read")
    if text.count("<") > MOST_TAGS:
        raise ValueError("there are too many elements")
    shown = _disguise(text)
    hidden = {old: new for new, old in shown.items()}
    if hidden:
        text = REFERENCE.sub(lambda found: _referred(found, hidden), text)
    tree = _tree(text, hidden)
    if tree.tag != root:
        raise ValueError(f"the root element is not {root}")
    if shown:
        for node in tree.iter():
            if node.text:
                node.text = node.text.translate(shown)
    return tree


def _tree(text: str, hidden: Mapping[int, int]) -> ElementTree.Element:
    """The root element of the text, with characters `hidden`; piece by piece, so that other threads come to run."""
    parser = ElementTree.XMLParser(encoding="utf-8")
    try:
        for at in range(0, len(text), PIECE):
            piece = text[at : at + PIECE]
            parser.feed((piece.translate(hidden) if hidden else piece).encode())
        return parser.close()
    except (ElementTree.ParseError, ValueError) as error:
        raise ValueError(str(error)) from error


def _disguise(text: str) -> dict[int, int]:
    """The character that stands for each one that no parser takes; empty where the text has none of them."""
    if not FORBIDDEN.search(text) and not REFERENCE.search(text):
        return {}
    used = {ord(char) // len(DISGUISED) for char in set(PRIVATE.findall(text))}
    free = next((block for block in range(FIRST_BLOCK, LAST_BLOCK) if block not in used), None)
    if free is None:
        raise ValueError("the text has all private characters")
    return {free * len(DISGUISED) + number: char for number, char in enumerate(DISGUISED)}


def _referred(found: re.Match[str], hidden: Mapping[int, int]) -> str:
    char = int(found[1]) if found[1] else int(found[2], 16)
    return chr(hidden[char]) if char in hidden else found[0]
