"""Reading and removing objects: GetObject, HeadObject, GetObjectMeta, GetObjectACL, DeleteObject."""

from __future__ import annotations

from emulator.aliyun.oss.owner import OWNER
from emulator.objectstore import conditions, overrides, ranges, times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import Context
from emulator.objectstore.reply import FilePart, Reply, document
from emulator.objectstore.store import Stored

_COMPRESSED_WORDS = (
    "application/javascript application/json application/rss+xml application/x-javascript text/cache-manifest "
    "text/css text/json text/plain text/xml"
)
COMPRESSED = frozenset(_COMPRESSED_WORDS.split())
"""Content types that are sent gzipped to who accepts it: https://help.aliyun.com/en/oss/developer-reference/getobject."""
COMPRESSED_FROM = 1024
"""Bytes."""
ACL = "x-oss-object-acl"
"""Held with an object's headers, but told by GetObjectACL only."""


async def get(context: Context, call: Call) -> Reply:
    stored = context.readable(call)
    headers = headers_of(stored)
    if not conditions.check(call, stored):
        return Reply(304, headers)
    headers |= overrides.asked(call)
    if call.header("range"):
        part = ranges.read(call.header("range"), stored.size, call.header("x-oss-range-behavior") == "standard")
        if part is not None:
            start, length = part
            headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{stored.size}"
            return Reply(206, headers, FilePart.of(stored.file, start, length))
    elif _to_gzip(call, headers, stored.size):
        del headers["ETag"]
        headers["Vary"] = "Accept-Encoding"
        return Reply(200, headers, FilePart.of(stored.file, 0, stored.size), chunked=True, gzipped=True)
    return Reply(200, headers, FilePart.of(stored.file, 0, stored.size))


async def head(context: Context, call: Call) -> Reply:
    stored = context.object(call)
    if not conditions.check(call, stored):
        return Reply(304, headers_of(stored))
    return Reply(200, headers_of(stored) | {"Content-Length": str(stored.size)})


async def meta(context: Context, call: Call) -> Reply:
    """HEAD ?objectMeta: https://help.aliyun.com/en/oss/developer-reference/getobjectmeta."""
    stored = context.object(call)
    shown = headers_of(stored)
    names = ("ETag", "Last-Modified", "x-oss-hash-crc64ecma")
    return Reply(200, {name: shown[name] for name in names} | {"Content-Length": str(stored.size)})


async def acl(context: Context, call: Call) -> Reply:
    """An object that was given no ACL of its own follows its bucket, which is private."""
    stored = context.object(call)
    grant = xml.element("AccessControlList", xml.text("Grant", stored.headers.get(ACL, "default")))
    return document(xml.document("AccessControlPolicy", OWNER, grant))


async def delete(context: Context, call: Call) -> Reply:
    """The same answer whether there was an object or not; only a removal is an event."""
    gone = context.store.delete(call.bucket, call.key)
    context.changed(call, "ObjectRemoved:DeleteObject", None, gone)
    return Reply(204)


def headers_of(stored: Stored) -> dict[str, str]:
    """What GET and HEAD say of an object, without its length."""
    headers = {
        "ETag": f'"{stored.etag}"',
        "Last-Modified": times.http(stored.modified),
        "Accept-Ranges": "bytes",
        "x-oss-object-type": "Normal",
        "x-oss-hash-crc64ecma": stored.crc64,
        "x-oss-storage-class": stored.storage_class,
    }
    if stored.tags:
        headers["x-oss-tagging-count"] = str(len(stored.tags))
    for name, value in stored.headers.items():
        if name != ACL:
            headers[name if name.startswith("x-oss-") else name.title()] = value
    return headers


def accepts_gzip(call: Call) -> bool:
    offered = (one.strip().partition(";") for one in call.header("accept-encoding").lower().split(","))
    return any(name.strip() == "gzip" and rest.replace(" ", "") not in ("q=0", "q=0.0") for name, _, rest in offered)


def _to_gzip(call: Call, headers: dict[str, str], size: int) -> bool:
    kind = headers["Content-Type"].partition(";")[0].strip().lower()
    return size >= COMPRESSED_FROM and kind in COMPRESSED and "Content-Encoding" not in headers and accepts_gzip(call)
