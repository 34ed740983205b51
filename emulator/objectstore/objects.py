"""Operations on one object that every vendor answers alike."""

from __future__ import annotations

from emulator.objectstore import conditions
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.reply import FilePart, Reply
from emulator.objectstore.store import Stored


async def head(context: StoreContext, call: Call) -> Reply:
    stored = context.object(call)
    headers = context.dialect.shown_headers(stored)
    if not conditions.check(call, stored):
        return Reply(304, headers)
    return Reply(200, headers | {"Content-Length": str(stored.size)})


async def delete(context: StoreContext, call: Call) -> Reply:
    """Remove the object. The answer is the same where there was none, but then there is no event."""
    old = context.store.delete(call.bucket, call.key)
    context.changed(call, context.dialect.events.delete, None, old)
    return Reply(204)


def part_of(stored: Stored, start: int, length: int, headers: dict[str, str]) -> Reply:
    """Answer with `length` bytes of the object from `start` on."""
    content_range = {"Content-Range": f"bytes {start}-{start + length - 1}/{stored.size}"}
    return Reply(206, headers | content_range, FilePart.of(stored.file, start, length))


def whole(stored: Stored, headers: dict[str, str]) -> Reply:
    return Reply(200, headers, FilePart.of(stored.file, 0, stored.size))


def shown_kept_headers(stored: Stored, vendor: str, acl: str) -> dict[str, str]:
    """Return the headers that were kept with the object, as it shows them: all but its own ACL.

    Those that begin with the text of the `vendor` stay in lower case.
    """
    kept = ((name, value) for name, value in stored.headers.items() if name != acl)
    return {name if name.startswith(vendor) else name.title(): value for name, value in kept}
