"""XML as OSS writes and reads it: no namespaces, and keys with characters that XML does not know."""

from __future__ import annotations

import re
import secrets
from xml.etree import ElementTree

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f]")


def text(name: str, value: str) -> str:
    """An element with a value. A carriage return is written as a reference: readers would make it a newline."""
    return f"<{name}>{value.translate(ESCAPED)}</{name}>"


def readable(value: str) -> str:
    """The value without what no parser takes; for people, never for keys."""
    return re.sub("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]", "?", value)


def element(name: str, *children: str) -> str:
    """An element around elements that are XML already."""
    return f"<{name}>{''.join(children)}</{name}>"


def document(name: str, *children: str) -> bytes:
    return HEAD + element(name, *children).encode("utf-8", "replace")


def parse(body: bytes, root: str) -> ElementTree.Element:
    """The root element; ValueError if it is not well-formed, not `root`, or brings a document type.

    The SDK writes control characters of a key as they are, which no XML parser takes: they go through in a disguise.
    """
    if b"<!" in body:
        raise ValueError("document types are not read")
    disguise = secrets.token_hex(8) if CONTROL.search(body) else ""
    if disguise:
        body = CONTROL.sub(lambda found: f"{disguise}{found[0][0]:02x}".encode(), body)
    try:
        tree = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError) as error:
        raise ValueError(str(error)) from error
    if tree.tag != root:
        raise ValueError(f"the root element is not {root}")
    if disguise:
        shown = re.compile(disguise + "([0-9a-f]{2})")
        for node in tree.iter():
            if node.text:
                node.text = shown.sub(lambda found: chr(int(found[1], 16)), node.text)
    return tree
