"""Reading objects: GetObject, GetObjectMeta, GetObjectACL."""

from __future__ import annotations

from emulator.aliyun.oss import last_access
from emulator.aliyun.oss.dialect import ACL, shown_headers
from emulator.aliyun.oss.owner import OWNER
from emulator.objectstore import access, conditions, objects, overrides, ranges, versioning, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.objects import part_of, whole
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import FilePart, Reply, document

_COMPRESSED_WORDS = (
    "application/javascript application/json application/rss+xml application/x-javascript text/cache-manifest "
    "text/css text/json text/plain text/xml"
)
COMPRESSED = frozenset(_COMPRESSED_WORDS.split())
"""The content types that are gzipped for a client that accepts it:
https://help.aliyun.com/en/oss/developer-reference/getobject."""
COMPRESSED_FROM = 1024
"""An object is gzipped if it has at least so many bytes."""


async def get(context: StoreContext, call: Call) -> Reply:
    stored = context.readable(call)
    headers = objects.shown_headers(context, stored)
    if not conditions.check(call, stored):
        return Reply(304, headers)
    last_access.note(context, call, stored)
    headers |= overrides.overriding_headers(call)
    if wanted := conditions.wanted_range(call, stored):
        part = ranges.read(wanted, stored.size, call.header("x-oss-range-behavior") == "standard")
        if part is not None:
            return part_of(stored, *part, headers)
    elif _to_gzip(call, headers, stored.size):
        del headers["ETag"]
        headers["Vary"] = "Accept-Encoding"
        return Reply(200, headers, FilePart.of(stored.file, 0, stored.size), chunked=True, gzipped=True)
    return whole(stored, headers)


async def meta(context: StoreContext, call: Call) -> Reply:
    """HEAD ?objectMeta: https://help.aliyun.com/en/oss/developer-reference/getobjectmeta."""
    stored = context.object(call)
    headers = shown_headers(stored)
    names = ("ETag", "Last-Modified", "x-oss-hash-crc64ecma")
    shown = {name: headers[name] for name in names} | versioning.header(context, stored)
    shown |= last_access.header(context, stored)
    return Reply(200, shown | {"Content-Length": str(stored.size)})


async def acl(context: StoreContext, call: Call) -> Reply:
    """Answer with the ACL. An object without an ACL of its own follows its bucket."""
    stored = context.object(call)
    grant = xml.element("AccessControlList", xml.text("Grant", stored.headers.get(ACL, access.DEFAULT)))
    return document(xml.document("AccessControlPolicy", OWNER, grant), **versioning.header(context, stored))


async def put_acl(context: StoreContext, call: Call) -> Reply:
    """https://help.aliyun.com/en/oss/developer-reference/putobjectacl."""
    if not access.chosen(call, ACL, access.OBJECT_ACLS):
        raise invalid(ACL, "", f"The header {ACL} is missing.")
    stored = access.changed(context, call, access.kept(call, ACL))
    last_access.note(context, call, stored)
    return Reply(200, versioning.header(context, stored))


def accepts_gzip(call: Call) -> bool:
    offers = (offer.strip().partition(";") for offer in call.header("accept-encoding").lower().split(","))
    return any(name.strip() == "gzip" and rest.replace(" ", "") not in ("q=0", "q=0.0") for name, _, rest in offers)


def _to_gzip(call: Call, headers: dict[str, str], size: int) -> bool:
    kind = headers["Content-Type"].partition(";")[0].strip().lower()
    return size >= COMPRESSED_FROM and kind in COMPRESSED and "Content-Encoding" not in headers and accepts_gzip(call)
