"""XML as object stores write and read it: without namespaces, and with keys whose characters XML does not allow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
"""The characters that no parser takes, and the carriage return, which a parser would turn into a newline."""
UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
DISGUISED = (*range(0x09), *range(0x0B, 0x20), 0xFFFE, 0xFFFF)
REFERENCE = re.compile("&#(?:0*([0-9]{1,5})|x0*([0-9a-fA-F]{1,4}));")
PRIVATE = re.compile("[\U000f0000-\U0010fffd]")
FIRST_BLOCK, LAST_BLOCK = 0xF0000 // len(DISGUISED) + 1, 0x10FFFD // len(DISGUISED)
"""The blocks of private characters. One block is as long as the characters for which its own ones stand in."""
DECLARED = re.compile(r"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"'>]*)")
MOST_TAGS = 20_000
"""One document may have so many tags. A batch deletion of a thousand objects, the largest, has some six thousand."""
PIECE = 65536
"""The parser gets so many characters at a time."""


def text(name: str, value: str) -> str:
    """Return an element with a value. A carriage return is written as a reference, since a parser would change it."""
    return f"<{name}>{value.translate(ESCAPED)}</{name}>"


def writable(value: str) -> bool:
    """Tell whether a parser can read the value back from a document."""
    return not UNREADABLE.search(value)


def readable(value: str) -> str:
    """Return the value with ? for characters that no parser takes. This is for texts that people read, not for keys."""
    return UNREADABLE.sub("?", value)


def element(name: str, *children: str) -> str:
    """Return an element around others, which are XML already."""
    return f"<{name}>{''.join(children)}</{name}>"


def document(name: str, *children: str) -> bytes:
    return HEAD + element(name, *children).encode("utf-8", "replace")


def error_document(values: Mapping[str, str]) -> bytes:
    """Return the document of an error. Characters that no parser takes are replaced in it."""
    return document("Error", *(text(name, readable(value)) for name, value in values.items()))


def parse(body: bytes, root: str, most_tags: int = MOST_TAGS) -> ElementTree.Element:
    """Return the root element. ValueError if the body is not well-formed, has another root or a document type.

    Clients write the control characters of a key as they are or as references, and an XML parser takes neither. So
    private characters stand in for them while the parser reads. The time depends on the length of the body alone.
    """
    text = body.decode("utf-8-sig")
    declared = DECLARED.match(text)
    if declared and declared[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        raise ValueError("only UTF-8 is read")
    if "<!" in text:
        raise ValueError("document types are not read")
    if text.count("<") > most_tags:
        raise ValueError("there are too many elements")
    shown = _disguise(text)
    hidden = {old: new for new, old in shown.items()}
    if hidden:
        text = REFERENCE.sub(lambda reference: _referred(reference, hidden), text)
    tree = _tree(text, hidden)
    if tree.tag != root:
        raise ValueError(f"the root element is not {root}")
    if shown:
        for node in tree.iter():
            if node.text:
                node.text = node.text.translate(shown)
    return tree


def _tree(text: str, hidden: Mapping[int, int]) -> ElementTree.Element:
    """Return the root element, read piece by piece so that other threads can run.

    `hidden` has the character that stands in for each one that the parser does not take.
    """
    parser = ElementTree.XMLParser(encoding="utf-8")
    try:
        for at in range(0, len(text), PIECE):
            piece = text[at : at + PIECE]
            parser.feed((piece.translate(hidden) if hidden else piece).encode())
        return parser.close()
    except (ElementTree.ParseError, ValueError) as error:
        raise ValueError(str(error)) from error


def _disguise(text: str) -> dict[int, int]:
    """Return the original of each private character that stands in for another, or nothing if none is needed."""
    if not FORBIDDEN.search(text) and not REFERENCE.search(text):
        return {}
    used = {ord(char) // len(DISGUISED) for char in set(PRIVATE.findall(text))}
    free = next((block for block in range(FIRST_BLOCK, LAST_BLOCK) if block not in used), None)
    if free is None:
        raise ValueError("the text has all private characters")
    return {free * len(DISGUISED) + number: char for number, char in enumerate(DISGUISED)}


def _referred(reference: re.Match[str], hidden: Mapping[int, int]) -> str:
    char = int(reference[1]) if reference[1] else int(reference[2], 16)
    return chr(hidden[char]) if char in hidden else reference[0]
