"""Searches below several prefixes as if they were one place: each is asked by itself, and the answers are merged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.query import Counts, LeftOut, Page, Query, summed
from imagelabels.ports import LabelIndex
from imagelabels.records import paging
from imagelabels.records.paging import PagePosition
from imagelabels.records.rows import octets, postings

EVERYTHING = ("",)
"""These prefixes of URIs leave nothing out."""

_URI = re.compile(r"(file://(?=/)|(?!file:)[a-z0-9]+://[^/]+)(?:/(.*))?", re.DOTALL)


def place(prefix: str) -> tuple[str, str]:
    """Return the bucket and the beginning of the key that a prefix of URIs names; ValueError for what is no prefix."""
    parts = _URI.fullmatch(prefix)
    if parts is None:
        raise ValueError(f"{prefix!r} is not the beginning of a picture's URI, such as oss://photos/2026/")
    return parts[1], parts[2] or ""


def is_within(ref: ObjectRef, within: Iterable[str]) -> bool:
    """Return whether an object lies below one of the prefixes."""
    return is_below(ref.uri, within)


def is_below(uri: str, within: Iterable[str]) -> bool:
    """Return whether the object with this URI lies below one of the prefixes."""
    return any(uri.startswith(_whole(prefix)) for prefix in within)


def touches(bucket: str, within: Iterable[str]) -> bool:
    """Return whether something in a bucket, such as oss://photos, lies below one of the prefixes."""
    return any(_overlap(_whole(bucket), _whole(prefix)) for prefix in within)


def covers(within: Iterable[str], prefixes: Iterable[str]) -> bool:
    """Return whether everything below the prefixes lies below one of `within`."""
    wider = [_whole(prefix) for prefix in within]
    return all(any(_whole(prefix).startswith(one) for one in wider) for prefix in prefixes)


def scopes(query: Query, within: Sequence[str]) -> list[Query]:
    """Return the query once for each prefix that it may look at. The queries have no row in common."""
    asked = f"{query.bucket}/{query.prefix}" if query.bucket else ""
    both = {max(asked, prefix, key=len) for prefix in map(_whole, within) if _overlap(asked, prefix)}
    widest = sorted(prefix for prefix in both if not any(prefix != up and prefix.startswith(up) for up in both))
    return [_below(query, prefix) for prefix in widest]


def search(index: LabelIndex, query: Query, within: Sequence[str]) -> Page:
    """Return a page of the rows below the prefixes. A page token belongs to its query together with these prefixes."""
    parts = scopes(query, within)
    if len(parts) < 2:
        return index.search(parts[0]) if parts else _nothing(query)
    start = paging.place(replace(query, reason=_reason(query, parts)))
    pages = [(part, index.search(_from(part, start))) for part in parts]
    return _merged(query, parts, pages)


def behind(index: LabelIndex, query: Query, within: Sequence[str], at: PagePosition) -> list[ImageRecord]:
    """Return the first rows below the prefixes that come behind a place in the order."""
    rows = [row for part in scopes(query, within) for row in index.search(_from(part, at)).records]
    return sorted(rows, key=lambda row: place_key(query, position(query, row)))[: query.limit]


def page_behind(
    index: LabelIndex, query: Query, within: Sequence[str], at: PagePosition | None
) -> tuple[Page, PagePosition | None]:
    """Return the page that comes behind a place in the order, and the place at which it ends. None as the place is the
    beginning, and None as the end says that nothing follows."""
    parts = scopes(query, within)
    if not parts:
        return Page((), None), None
    asked = parts[0] if len(parts) == 1 else replace(query, reason=_reason(query, parts))
    page = search(index, replace(query, page=paging.token(asked, at) if at is not None else None), within)
    end = paging.place(replace(asked, page=page.next)) if page.next is not None else None
    return page, end


def count(index: LabelIndex, query: Query, within: Sequence[str]) -> Counts:
    """Count the rows below the prefixes."""
    return summed(index.count(part) for part in scopes(query, within))


def _merged(query: Query, parts: Sequence[Query], pages: Sequence[tuple[Query, Page]]) -> Page:
    """Merge pages that begin at the same place. What lies behind the end of a page that goes on is not known yet, so
    rows behind the first such end wait for the next page."""
    ends = [paging.place(replace(part, page=page.next)) for part, page in pages if page.next is not None]
    first_end = min((end for end in ends if end is not None), key=lambda end: place_key(query, end), default=None)
    places = [(position(query, row), row) for _, page in pages for row in page.records]
    places.sort(key=lambda pair: place_key(query, pair[0]))
    known = [pair for pair in places if first_end is None or place_key(query, pair[0]) <= place_key(query, first_end)]
    shown = known[: query.limit]
    end = shown[-1][0] if len(known) > query.limit else first_end
    token = paging.token(replace(query, reason=_reason(query, parts)), end) if end is not None else None
    return Page(tuple(row for _, row in shown), token, _left_out(pages))


def _left_out(pages: Iterable[tuple[Query, Page]]) -> tuple[LeftOut, ...]:
    return tuple(row for _, page in pages for row in page.left_out)


def position(query: Query, row: ImageRecord) -> PagePosition:
    """Return the place of a row in the order, as both indexes count it."""
    if query.order == "uri":
        return PagePosition(0, row.ref.uri)
    return PagePosition(_confidence(query, row) if query.order == "confidence" else row.updated_at, row.ref.uri)


def _confidence(query: Query, row: ImageRecord) -> float:
    sure = postings(row)
    terms = (*query.all_of, *query.any_of)
    counting = [sure[name] for term in terms for name in term.ids if sure.get(name, -1.0) >= term.least]
    return max(counting if terms else [label.confidence for label in row.labels], default=0.0)


def place_key(query: Query, at: PagePosition) -> tuple[float, bytes]:
    """Return what places are sorted by: it grows from the first row to the last."""
    return (-at.rank if query.order in ("newest", "confidence") else at.rank), octets(at.uri)


def _from(part: Query, start: PagePosition | None) -> Query:
    return replace(part, page=paging.token(part, start) if start is not None else None)


def _reason(query: Query, parts: Iterable[Query]) -> str:
    """Return a text that makes the page tokens of other prefixes different ones."""
    return "\n".join((query.reason, *(f"{part.bucket}/{part.prefix}" for part in parts)))


def _nothing(query: Query) -> Page:
    paging.place(query)
    return Page((), None)


def _below(query: Query, prefix: str) -> Query:
    bucket, key = place(prefix) if prefix else ("", "")
    return replace(query, bucket=bucket, prefix=key)


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _whole(prefix: str) -> str:
    """Return the prefix, with a slash where it only names a bucket: oss://photos must not mean oss://photos-private."""
    if not prefix:
        return ""
    bucket, key = place(prefix)
    return f"{bucket}/{key}"
