"""Pages of the listings of uploads that have begun, and of the parts of one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from emulator.objectstore import xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.multipart import MOST_PARTS
from emulator.objectstore.pages import group, limit_of, raw
from emulator.objectstore.refusals import invalid
from emulator.objectstore.scans import after
from emulator.objectstore.upload_store import Part, Upload, UploadStore

MOST_LISTED = 1000


@dataclass(frozen=True, slots=True)
class PartPage:
    """One page of a listing of parts. `marker` is the number behind which it begins."""

    upload: Upload
    parts: Sequence[Part]
    marker: int
    limit: int
    truncated: bool

    def elements(self) -> list[str]:
        """The elements that tell which page this is."""
        last = self.parts[-1].number if self.parts else self.marker
        return [
            xml.text("PartNumberMarker", str(self.marker)),
            xml.text("NextPartNumberMarker", str(last)),
            xml.text("MaxParts", str(self.limit)),
            xml.text("IsTruncated", str(self.truncated).lower()),
        ]


def part_page(context: StoreContext, call: Call) -> PartPage:
    upload = context.upload(call)
    limit = limit_of(call.query, "max-parts", MOST_LISTED, MOST_LISTED)
    marker = call.query.get("part-number-marker") or "0"
    if not re.fullmatch("[0-9]{1,5}", marker):
        raise invalid("part-number-marker", marker, f"part-number-marker must be 0 to {MOST_PARTS}.")
    parts = context.store.uploads.parts(upload, int(marker), limit + 1)
    return PartPage(upload, parts[:limit], int(marker), limit, len(parts) > limit)


@dataclass(slots=True)
class UploadPage:
    """One page of a listing of uploads. `last` is the key and the id behind which the next page begins, or None.

    The id is empty where the key is a common prefix.
    """

    limit: int
    uploads: list[Upload] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    last: tuple[str, str] | None = None


def upload_page(context: StoreContext, call: Call) -> UploadPage:
    """Return the uploads behind the markers of the query, with common prefixes where it has a delimiter."""
    query, store = call.query, context.store.uploads
    page = UploadPage(limit_of(call.query, "max-uploads", MOST_LISTED, MOST_LISTED))
    stem, cut = raw(query.get("prefix", "")), raw(query.get("delimiter", ""))
    last = ("", "")
    position = _begin(raw(query.get("key-marker", "")), query.get("upload-id-marker", ""), stem, cut)
    while position is not None and (upload := _next(store, call.bucket, stem, position)) is not None:
        if len(page.uploads) + len(page.prefixes) == page.limit:
            page.last = last
            return page
        key = upload.key.encode()
        prefix = group(key, stem, cut)
        if prefix is None:
            page.uploads.append(upload)
            last, position = (upload.key, upload.id), (key, upload.id)
        else:
            page.prefixes.append(prefix.decode())
            beyond = after(prefix)
            last, position = (prefix.decode(), ""), None if beyond is None else (beyond, "")
    return page


def _begin(marker: bytes, upload: str, stem: bytes, cut: bytes) -> tuple[bytes, str] | None:
    if not marker:
        return b"", ""
    if marker.startswith(stem) and group(marker, stem, cut) == marker:
        beyond = after(marker)
        return None if beyond is None else (beyond, "")
    return (marker, upload) if upload else (marker + b"\x00", "")


def _next(store: UploadStore, bucket: str, stem: bytes, position: tuple[bytes, str]) -> Upload | None:
    """Return the first upload behind a position whose key begins with `stem`."""
    start, behind = position if position[0] >= stem else (stem, "")
    uploads = store.scan(bucket, start, behind, 1)
    return uploads[0] if uploads and uploads[0].key.encode().startswith(stem) else None
