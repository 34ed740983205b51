"""One page of a listing: keys in order, with those that share a way to the delimiter shown as one."""

from __future__ import annotations

from dataclasses import dataclass, field

from emulator.objectstore.store import Listed, Store, after

BATCH = 100
"""Rows read at a time where a common prefix may stand for most of them."""


@dataclass(slots=True)
class Found:
    """`last` is the key or common prefix that the next page begins behind, if there is one."""

    objects: list[Listed] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    last: str | None = None


def page(store: Store, bucket: str, prefix: str, delimiter: str, behind: str, limit: int) -> Found:
    """At most `limit` objects and common prefixes under `prefix`, behind the key or common prefix `behind`."""
    found, stem, cut = Found(), raw(prefix), raw(delimiter)
    cursor = _begin(raw(behind), stem, cut)
    last = ""
    while cursor is not None:
        batch = store.scan(bucket, stem, cursor, BATCH if cut else limit + 1)
        if not batch:
            break
        for stored in batch:
            key = stored.key.encode()
            if cursor is None or key < cursor:
                continue
            if len(found.objects) + len(found.prefixes) == limit:
                found.last = last
                return found
            group = _group(key, stem, cut)
            if group is None:
                found.objects.append(stored)
                last, cursor = stored.key, key + b"\x00"
            else:
                last, cursor = group.decode(), after(group)
                found.prefixes.append(last)
    return found


def raw(value: str) -> bytes:
    """UTF-8, and the bytes that were not in it as they came."""
    return value.encode("utf-8", "surrogateescape")


def _begin(behind: bytes, stem: bytes, cut: bytes) -> bytes | None:
    if not behind:
        return b""
    if behind.startswith(stem) and _group(behind, stem, cut) == behind:
        return after(behind)
    return behind + b"\x00"


def _group(key: bytes, stem: bytes, cut: bytes) -> bytes | None:
    """The common prefix that stands for the key, if one does."""
    at = key.find(cut, len(stem)) if cut else -1
    return key[: at + len(cut)] if at >= 0 else None
