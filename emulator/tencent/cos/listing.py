"""GetBucket and GetBucketObjectVersions: https://cloud.tencent.com/document/product/436/7734.

There are no versions here: every object is its own only version, as in a bucket where versioning was never on.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from emulator.objectstore import times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import Context
from emulator.objectstore.pages import Found, page, raw
from emulator.objectstore.refusal import invalid
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.store import Listed
from emulator.tencent.cos.owner import LISTED_OWNER

MOST_KEYS = 1000


async def objects(context: Context, call: Call) -> Reply:
    name, found = _name(call.query), _found(context, call, "marker")
    contents = [xml.element("Contents", name("Key", one.key), *_details(one)) for one in found.objects]
    elements = [
        *_common(call, name),
        name("Marker", call.query.get("marker", "")),
        xml.text("IsTruncated", str(found.last is not None).lower()),
        name("NextMarker", found.last) if found.last is not None else "",
    ]
    return document(xml.document("ListBucketResult", *elements, *contents, *_prefixes(found, name)))


async def versions(context: Context, call: Call) -> Reply:
    name, found = _name(call.query), _found(context, call, "key-marker")
    state = [xml.text("VersionId", ""), xml.text("IsLatest", "true")]
    entries = [xml.element("Version", name("Key", one.key), *state, *_details(one)) for one in found.objects]
    elements = [
        *_common(call, name),
        name("KeyMarker", call.query.get("key-marker", "")),
        name("VersionIdMarker", call.query.get("version-id-marker", "")),
        xml.text("IsTruncated", str(found.last is not None).lower()),
        name("NextKeyMarker", found.last) if found.last is not None else "",
    ]
    return document(xml.document("ListVersionsResult", *elements, *entries, *_prefixes(found, name)))


def _found(context: Context, call: Call, marker: str) -> Found:
    query = call.query
    prefix, delimiter, behind = (query.get(name, "") for name in ("prefix", "delimiter", marker))
    return page(context.store, call.bucket, prefix, delimiter, behind, _limit(query))


def _common(call: Call, name: Callable[[str, str], str]) -> list[str]:
    query = call.query
    return [
        xml.text("Name", call.bucket),
        xml.text("EncodingType", "url") if query.get("encoding-type") else "",
        name("Prefix", query.get("prefix", "")),
        name("Delimiter", query.get("delimiter", "")),
        xml.text("MaxKeys", str(_limit(query))),
    ]


def _details(stored: Listed) -> list[str]:
    return [
        xml.text("LastModified", times.iso(stored.modified)),
        xml.text("ETag", f'"{stored.etag}"'),
        xml.text("Size", str(stored.size)),
        LISTED_OWNER,
        xml.text("StorageClass", stored.storage_class),
    ]


def _prefixes(found: Found, name: Callable[[str, str], str]) -> list[str]:
    return [xml.element("CommonPrefixes", name("Prefix", prefix)) for prefix in found.prefixes]


def _name(query: dict[str, str]) -> Callable[[str, str], str]:
    """Writes an element with a key or a part of one in it."""
    given = query.get("encoding-type", "")
    if given not in ("", "url"):
        raise invalid("encoding-type", given, "encoding-type must be url.")
    return (lambda element, value: xml.text(element, quote(raw(value)))) if given else xml.text


def _limit(query: dict[str, str]) -> int:
    given = query.get("max-keys", "")
    if given and (not given.isascii() or not given.isdigit() or int(given) == 0):
        raise invalid("max-keys", given, f"max-keys must be 1 to {MOST_KEYS}.")
    return min(int(given), MOST_KEYS) if given else MOST_KEYS
