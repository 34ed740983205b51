"""One page of a listing: keys in their order, in which keys with the same beginning may be shown as one prefix."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote

from emulator.objectstore import xml
from emulator.objectstore.refusals import invalid
from emulator.objectstore.scans import after
from emulator.objectstore.store import ObjectStore
from emulator.objectstore.stored import Listed

BATCH = 100
"""No more rows than this are read at a time where a common prefix may stand for most of them. Behind a common prefix
only one row is read, which is often all that is needed, and then twice as many each time."""

WriteName = Callable[[str, str], str]
"""Returns an element that holds a key, or a part of a key."""


@dataclass(slots=True)
class Page:
    """`last` is the key or the common prefix behind which the next page begins, or None if this is the last page."""

    objects: list[Listed] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    last: str | None = None

    def truncated(self) -> str:
        """The element that tells whether there is another page."""
        return xml.text("IsTruncated", str(self.last is not None).lower())

    def prefix_elements(self, write_name: WriteName) -> list[str]:
        return [xml.element("CommonPrefixes", write_name("Prefix", prefix)) for prefix in self.prefixes]


def page(store: ObjectStore, bucket: str, query: Mapping[str, str], behind: str, limit: int) -> Page:
    """Return at most `limit` objects and common prefixes, behind the key or the common prefix `behind`.

    The query of the request has the prefix and the delimiter.
    """
    stem, cut = raw(query.get("prefix", "")), raw(query.get("delimiter", ""))
    if not cut:
        return _plain_page(store.scan(bucket, stem, raw(behind) + b"\x00" if behind else b"", limit + 1), limit)
    result, cursor = Page(), _begin(raw(behind), stem, cut)
    last, size = "", 1
    while cursor is not None:
        batch = store.scan(bucket, stem, cursor, size)
        size = min(2 * size, BATCH)
        if not batch:
            break
        for stored in batch:
            key = stored.key.encode()
            if cursor is None or key < cursor:
                continue
            if len(result.objects) + len(result.prefixes) == limit:
                result.last = last
                return result
            prefix = group(key, stem, cut)
            if prefix is None:
                result.objects.append(stored)
                last, cursor = stored.key, key + b"\x00"
            else:
                last, cursor = prefix.decode(), after(prefix)
                result.prefixes.append(last)
                size = 1
    return result


def _plain_page(batch: list[Listed], limit: int) -> Page:
    """Return the page of a listing without common prefixes, in which every row is an object of the page."""
    shown = batch[:limit]
    return Page(shown, last=shown[-1].key if len(batch) > limit else None)


def limit_of(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    """Return how many entries the parameter `name` wants on a page. A Refusal if that is not 1 to `most`."""
    text = query.get(name) or str(default)
    number = text.lstrip("0")
    if not re.fullmatch("[0-9]{1,4}", number) or int(number) > most:
        raise invalid(name, text[:100], f"{name} must be 1 to {most}.")
    return int(number)


def raw(value: str) -> bytes:
    """Return the text in UTF-8. Bytes that were not UTF-8 become again what they were."""
    return value.encode("utf-8", "surrogateescape")


def encoding(query: Mapping[str, str]) -> str:
    """Return the encoding that the client wants for names, which is `url` or none."""
    name = query.get("encoding-type", "")
    if name not in ("", "url"):
        raise invalid("encoding-type", name, "encoding-type must be url.")
    return name


def name_writer(query: Mapping[str, str], safe: str) -> WriteName:
    """Return what writes names as the client wants them; `safe` are the characters that are not URL-encoded."""
    if not encoding(query):
        return xml.text
    table = _quoting(safe)
    return lambda element, value: f"<{element}>{raw(value).decode('latin-1').translate(table)}</{element}>"


@lru_cache(4)
def _quoting(safe: str) -> dict[int, str]:
    """Return what stands for each byte of a URL-encoded name.

    With urllib's quote, which is written in Python, a listing of a thousand keys takes half as long again.
    """
    return {byte: quote(bytes([byte]), safe=safe) for byte in range(256)}


def key_elements(query: Mapping[str, str], safe: str, key: str) -> tuple[str, str]:
    """Return the elements EncodingType, which may be nothing, and Key for a document about one key.

    The key is encoded if the client asks for it, and where a parser could not read it otherwise.
    """
    if encoding(query) or not xml.writable(key):
        return xml.text("EncodingType", "url"), xml.text("Key", quote(raw(key), safe=safe))
    return "", xml.text("Key", key)


def _begin(behind: bytes, stem: bytes, cut: bytes) -> bytes | None:
    if not behind:
        return b""
    if behind.startswith(stem) and group(behind, stem, cut) == behind:
        return after(behind)
    return behind + b"\x00"


def group(key: bytes, stem: bytes, cut: bytes) -> bytes | None:
    """Return the common prefix that stands for the key, if one does."""
    at = key.find(cut, len(stem)) if cut else -1
    return key[: at + len(cut)] if at >= 0 else None
