"""Operations on one object that every vendor answers alike."""

from __future__ import annotations

from collections.abc import Collection

from emulator.objectstore import conditions, restoring, retention, versioning
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.reply import FilePart, Reply
from emulator.objectstore.store import Removal
from emulator.objectstore.stored import Stored


async def head(context: StoreContext, call: Call) -> Reply:
    stored = context.seen(call)
    headers = shown_headers(context, stored)
    if not conditions.check(call, stored):
        return Reply(304, headers)
    return Reply(200, headers | {"Content-Length": str(stored.size)})


async def delete(context: StoreContext, call: Call) -> Reply:
    """Remove the object or one version of it. The answer is the same where there was none, but then no event comes."""
    version = call.query.get("versionId", "")
    removal = remove(context, call, call.key, version, context.dialect.events.delete)
    return Reply(204, versioning.removal_headers(context, call, removal))


def remove(context: StoreContext, call: Call, key: str, version: str, event: str) -> Removal:
    """Remove an object or one version of it, and tell of it. `event` is that of a removal for good."""
    retention.check(context, call, key, version)
    removal = context.store.delete(call.bucket, key, version, context.clock())
    if removal.marker is not None:
        context.changed(call, context.dialect.events.marker, None, removal.old or removal.marker)
    elif removal.old is not None:
        context.changed(call, event, None, removal.old)
    return removal


def part_of(stored: Stored, start: int, length: int, headers: dict[str, str]) -> Reply:
    """Answer with `length` bytes of the object from `start` on."""
    content_range = {"Content-Range": f"bytes {start}-{start + length - 1}/{stored.size}"}
    return Reply(206, headers | content_range, FilePart.of(stored.file, start, length))


def whole(stored: Stored, headers: dict[str, str]) -> Reply:
    return Reply(200, headers, FilePart.of(stored.file, 0, stored.size))


def shown_headers(context: StoreContext, stored: Stored) -> dict[str, str]:
    """Return the headers with which GET and HEAD answer for a version, without its length."""
    shown = context.dialect.shown_headers(stored)
    return shown | versioning.header(context, stored) | restoring.header(context, stored)


def shown_kept_headers(stored: Stored, vendor: str, hidden: Collection[str]) -> dict[str, str]:
    """Return the headers that were kept with the object, as it shows them: all but the `hidden` ones.

    Those that begin with the text of the `vendor` stay in lower case.
    """
    kept = ((name, value) for name, value in stored.headers.items() if name not in hidden)
    return {name if name.startswith(vendor) else name.title(): value for name, value in kept}
