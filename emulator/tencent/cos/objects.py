"""Reading and removing objects: GetObject, HeadObject, GetObjectACL, DeleteObject."""

from __future__ import annotations

from emulator.objectstore import conditions, overrides, ranges, times
from emulator.objectstore.call import Call
from emulator.objectstore.context import Context
from emulator.objectstore.reply import FilePart, Reply, document
from emulator.objectstore.store import Stored
from emulator.tencent.cos import acl as grants

ACL = "x-cos-acl"
"""Held with an object's headers, but told by GetObjectACL only."""


async def get(context: Context, call: Call) -> Reply:
    """https://cloud.tencent.com/document/product/436/7753; part of a range that reaches beyond the object is sent."""
    stored = context.readable(call)
    headers = headers_of(stored)
    if not conditions.check(call, stored):
        return Reply(304, headers)
    headers |= overrides.asked(call)
    part = ranges.read(call.header("range"), stored.size, standard=True) if call.header("range") else None
    if part is None:
        return Reply(200, headers, FilePart.of(stored.file, 0, stored.size))
    start, length = part
    headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{stored.size}"
    return Reply(206, headers, FilePart.of(stored.file, start, length))


async def head(context: Context, call: Call) -> Reply:
    stored = context.object(call)
    if not conditions.check(call, stored):
        return Reply(304, headers_of(stored))
    return Reply(200, headers_of(stored) | {"Content-Length": str(stored.size)})


async def acl(context: Context, call: Call) -> Reply:
    """An object that was given no ACL of its own follows its bucket, which is private."""
    stored = context.object(call)
    return document(grants.PRIVATE, **{ACL: stored.headers.get(ACL, "default")})


async def delete(context: Context, call: Call) -> Reply:
    """The same answer whether there was an object or not; only a removal is an event."""
    gone = context.store.delete(call.bucket, call.key)
    context.changed(call, "ObjectRemove:Delete", None, gone)
    return Reply(204)


def headers_of(stored: Stored) -> dict[str, str]:
    """What GET and HEAD say of an object, without its length; the storage class only where it is not the usual one."""
    headers = {
        "ETag": f'"{stored.etag}"',
        "Last-Modified": times.http(stored.modified),
        "Accept-Ranges": "bytes",
        "x-cos-hash-crc64ecma": stored.crc64,
    }
    if stored.storage_class != "STANDARD":
        headers["x-cos-storage-class"] = stored.storage_class
    if stored.tags:
        headers["x-cos-tagging-count"] = str(len(stored.tags))
    for name, value in stored.headers.items():
        if name != ACL:
            headers[name if name.startswith("x-cos-") else name.title()] = value
    return headers
