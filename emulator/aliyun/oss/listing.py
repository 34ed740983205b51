"""ListObjects, ListObjectsV2 and ListObjectVersions.

https://help.aliyun.com/en/oss/developer-reference/listobjectsv2. In a bucket that has never kept versions every object
is its own only version, which has the id null.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence

from emulator.aliyun.oss.names import ARCHIVED
from emulator.aliyun.oss.owner import OWNER
from emulator.objectstore import restoring, times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.pages import Page, WriteName, encoding, limit_of, name_writer, page
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.restore_store import Restoration
from emulator.objectstore.stored import Listed, ListedVersion
from emulator.objectstore.version_lists import version_page

DEFAULT_KEYS = 100
MOST_KEYS = 1000
LONGEST_MARKER = 1024


async def objects(context: StoreContext, call: Call) -> Reply:
    """List the objects of a bucket, in version 2 of the operation if the query says so."""
    context.bucket(call)
    query = call.query
    _check_markers(query)
    version = query.get("list-type", "1")
    if version not in ("1", "2"):
        raise invalid("list-type", version, "list-type must be 2.")
    if version == "1":
        return _version_1(context, call, query)
    token = query.get("continuation-token", "")
    start = _of_token(token) if token else query.get("start-after", "")
    name = name_writer(query, safe="")
    listed = _page(context, call, query, start)
    elements = [
        *_common(call, query, name),
        name("StartAfter", query.get("start-after", "")),
        xml.text("ContinuationToken", token) if token else "",
        xml.text("KeyCount", str(len(listed.objects) + len(listed.prefixes))),
        listed.truncated(),
        xml.text("NextContinuationToken", _token(listed.last)) if listed.last is not None else "",
    ]
    owner = OWNER if query.get("fetch-owner") == "true" else ""
    return document(xml.document("ListBucketResult", *elements, *_entries(context, call, listed, name, owner)))


def _version_1(context: StoreContext, call: Call, query: dict[str, str]) -> Reply:
    name = name_writer(query, safe="")
    marker = query.get("marker", "")
    listed = _page(context, call, query, marker)
    elements = [
        *_common(call, query, name),
        name("Marker", marker),
        listed.truncated(),
        name("NextMarker", listed.last) if listed.last is not None else "",
    ]
    return document(xml.document("ListBucketResult", *elements, *_entries(context, call, listed, name, OWNER)))


async def versions(context: StoreContext, call: Call) -> Reply:
    """https://help.aliyun.com/en/oss/developer-reference/listobjectversions."""
    context.bucket(call)
    query = call.query
    _check_markers(query)
    name = name_writer(query, safe="")
    page = version_page(context.store, call, _limit(query))
    elements = [
        *_common(call, query, name),
        name("KeyMarker", query.get("key-marker", "")),
        name("VersionIdMarker", query.get("version-id-marker", "")),
        xml.text("IsTruncated", str(page.last is not None).lower()),
    ]
    if page.last is not None:
        elements += [name("NextKeyMarker", page.last[0]), xml.text("NextVersionIdMarker", page.last[1])]
    restored = _restored(context, call, [listed for listed, _ in page.versions])
    entries = (_version(listed, newest, name, restored) for listed, newest in page.versions)
    prefixes = (xml.element("CommonPrefixes", name("Prefix", prefix)) for prefix in page.prefixes)
    return document(xml.document("ListVersionsResult", *elements, *entries, *prefixes))


def _version(listed: ListedVersion, newest: bool, name: WriteName, restored: Mapping[tuple[str, str], str]) -> str:
    facts = [
        name("Key", listed.key),
        xml.text("VersionId", listed.version),
        xml.text("IsLatest", str(newest).lower()),
    ]
    if listed.marker:
        return xml.element("DeleteMarker", *facts, xml.text("LastModified", times.iso(listed.modified)), OWNER)
    return xml.element("Version", *facts, _details(listed), restored.get((listed.key, listed.version), ""), OWNER)


def _page(context: StoreContext, call: Call, query: dict[str, str], behind: str) -> Page:
    return page(context.store, call.bucket, query, behind, _limit(query))


def _common(call: Call, query: dict[str, str], name: WriteName) -> list[str]:
    encoded = encoding(query)
    return [
        xml.text("Name", call.bucket),
        name("Prefix", query.get("prefix", "")),
        xml.text("MaxKeys", str(_limit(query))),
        name("Delimiter", query.get("delimiter", "")),
        xml.text("EncodingType", encoded) if encoded else "",
    ]


def _entries(context: StoreContext, call: Call, listed: Page, name: WriteName, owner: str) -> list[str]:
    restored: dict[str, str] = {}
    if any(stored.storage_class in ARCHIVED for stored in listed.objects):
        now = context.clock()
        restorations = context.store.restores.of_objects(
            call.bucket, listed.objects[0].key, listed.objects[-1].key, now
        )
        restored = {key: _restore_info(restoration, now) for key, restoration in restorations.items()}
    contents = [
        xml.element("Contents", name("Key", stored.key), _details(stored), restored.get(stored.key, ""), owner)
        for stored in listed.objects
    ]
    return contents + listed.prefix_elements(name)


def _restored(context: StoreContext, call: Call, listed: Sequence[ListedVersion]) -> dict[tuple[str, str], str]:
    """Return the element RestoreInfo of those versions that are restored or will be, by key and version."""
    if not any(version.storage_class in ARCHIVED for version in listed):
        return {}
    now = context.clock()
    restorations = context.store.restores.of_versions(call.bucket, listed[0].key, listed[-1].key, now)
    return {version: _restore_info(restoration, now) for version, restoration in restorations.items()}


def _restore_info(restoration: Restoration, now: float) -> str:
    """https://www.alibabacloud.com/help/en/oss/user-guide/how-do-i-check-whether-the-oss-file-is-unfrozen."""
    return xml.text("RestoreInfo", restoring.state(restoration, now))


def _details(stored: Listed | ListedVersion) -> str:
    """Return the elements whose values need no escape as one text, since a listing has up to a thousand of them."""
    return (
        f'<LastModified>{times.iso(stored.modified)}</LastModified><ETag>"{stored.etag}"</ETag><Type>{stored.kind}</Type>'
        f"<Size>{stored.size}</Size><StorageClass>{stored.storage_class}</StorageClass>"
    )


def _check_markers(query: Mapping[str, str]) -> None:
    """https://help.aliyun.com/en/oss/developer-reference/listobjectversions: each has 1,024 bytes at most."""
    for name in ("delimiter", "key-marker", "marker", "prefix", "start-after", "version-id-marker"):
        if len(query.get(name, "").encode("utf-8", "surrogateescape")) > LONGEST_MARKER:
            raise invalid(name, query[name], f"{name} has {LONGEST_MARKER} bytes at most.")


def _limit(query: Mapping[str, str]) -> int:
    return limit_of(query, "max-keys", DEFAULT_KEYS, MOST_KEYS)


def _token(last: str) -> str:
    return base64.b64encode(b"k" + last.encode()).decode()


def _of_token(token: str) -> str:
    """Return the key or the common prefix that a continuation token stands for."""
    try:
        key = base64.b64decode(token, validate=True)
        if key[:1] == b"k":
            return key[1:].decode()
    except (binascii.Error, ValueError):
        pass
    raise invalid("continuation-token", token, "The continuation token is invalid.")
