"""ListObjects, ListObjectsV2 and ListObjectVersions.

https://help.aliyun.com/en/oss/developer-reference/listobjectsv2. There are no versions here: every object is its own
only version, which has the id null, as in a bucket where versioning was never on.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from urllib.parse import quote

from emulator.aliyun.oss.owner import OWNER
from emulator.objectstore import times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import Context
from emulator.objectstore.pages import Found, page, raw
from emulator.objectstore.refusal import invalid
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.store import Listed

DEFAULT_KEYS = 100
MOST_KEYS = 1000


async def objects(context: Context, call: Call) -> Reply:
    """GET on a bucket, version 2 if the query says so."""
    context.bucket(call)
    query = call.query
    version = query.get("list-type", "1")
    if version not in ("1", "2"):
        raise invalid("list-type", version, "list-type must be 2.")
    if version == "1":
        return _first(context, call, query)
    token = query.get("continuation-token", "")
    start = _of_token(token) if token else query.get("start-after", "")
    name, shown = _name(query), _shown(query)
    found = _page(context, call, query, start)
    elements = [
        *_common(call, query, shown),
        name("StartAfter", query.get("start-after", "")),
        xml.text("ContinuationToken", token) if token else "",
        xml.text("KeyCount", str(len(found.objects) + len(found.prefixes))),
        xml.text("IsTruncated", str(found.last is not None).lower()),
        xml.text("NextContinuationToken", _token(found.last)) if found.last is not None else "",
    ]
    owner = OWNER if query.get("fetch-owner") == "true" else ""
    return document(xml.document("ListBucketResult", *elements, *_entries(found, name, owner)))


def _first(context: Context, call: Call, query: dict[str, str]) -> Reply:
    name, shown = _name(query), _shown(query)
    marker = query.get("marker", "")
    found = _page(context, call, query, marker)
    elements = [
        *_common(call, query, shown),
        name("Marker", marker),
        xml.text("IsTruncated", str(found.last is not None).lower()),
        name("NextMarker", found.last) if found.last is not None else "",
    ]
    return document(xml.document("ListBucketResult", *elements, *_entries(found, name, OWNER)))


async def versions(context: Context, call: Call) -> Reply:
    context.bucket(call)
    query = call.query
    name, shown = _name(query), _shown(query)
    marker = query.get("key-marker", "")
    found = _page(context, call, query, marker)
    elements = [
        *_common(call, query, shown),
        name("KeyMarker", marker),
        name("VersionIdMarker", query.get("version-id-marker", "")),
        xml.text("IsTruncated", str(found.last is not None).lower()),
    ]
    if found.last is not None:
        elements += [name("NextKeyMarker", found.last), xml.text("NextVersionIdMarker", "null")]
    entries = (
        xml.element(
            "Version",
            name("Key", stored.key),
            xml.text("VersionId", "null"),
            xml.text("IsLatest", "true"),
            _details(stored),
            OWNER,
        )
        for stored in found.objects
    )
    return document(xml.document("ListVersionsResult", *elements, *entries, *_prefixes(found, name)))


def _page(context: Context, call: Call, query: dict[str, str], behind: str) -> Found:
    limit = _limit(query.get("max-keys", ""))
    return page(context.store, call.bucket, query.get("prefix", ""), query.get("delimiter", ""), behind, limit)


def _common(call: Call, query: dict[str, str], shown: str) -> list[str]:
    name = _name(query)
    return [
        xml.text("Name", call.bucket),
        name("Prefix", query.get("prefix", "")),
        xml.text("MaxKeys", str(_limit(query.get("max-keys", "")))),
        name("Delimiter", query.get("delimiter", "")),
        xml.text("EncodingType", shown) if shown else "",
    ]


def _entries(found: Found, name: Callable[[str, str], str], owner: str) -> list[str]:
    contents = [xml.element("Contents", name("Key", stored.key), _details(stored), owner) for stored in found.objects]
    return contents + _prefixes(found, name)


def _details(stored: Listed) -> str:
    """Values that need no escape, so written out: a list has up to a thousand of them."""
    return (
        f'<LastModified>{times.iso(stored.modified)}</LastModified><ETag>"{stored.etag}"</ETag><Type>Normal</Type>'
        f"<Size>{stored.size}</Size><StorageClass>{stored.storage_class}</StorageClass>"
    )


def _prefixes(found: Found, name: Callable[[str, str], str]) -> list[str]:
    return [xml.element("CommonPrefixes", name("Prefix", prefix)) for prefix in found.prefixes]


def _shown(query: dict[str, str]) -> str:
    given = query.get("encoding-type", "")
    if given not in ("", "url"):
        raise invalid("encoding-type", given, "encoding-type must be url.")
    return given


def _name(query: dict[str, str]) -> Callable[[str, str], str]:
    """Writes an element with a key or a part of one in it."""
    if _shown(query):
        return lambda element, value: xml.text(element, quote(raw(value), safe=""))
    return xml.text


def _limit(given: str) -> int:
    if not given:
        return DEFAULT_KEYS
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= MOST_KEYS:
        raise invalid("max-keys", given, f"max-keys must be 1 to {MOST_KEYS}.")
    return int(given)


def _token(last: str) -> str:
    return base64.b64encode(b"k" + last.encode()).decode()


def _of_token(token: str) -> str:
    try:
        key = base64.b64decode(token, validate=True)
        if key[:1] == b"k":
            return key[1:].decode()
    except (binascii.Error, ValueError):
        pass
    raise invalid("continuation-token", token, "The continuation token is invalid.")
