"""GetBucket and GetBucketObjectVersions: https://cloud.tencent.com/document/product/436/7734.

In a bucket that has never kept versions every object is its own only version, whose id is shown empty.
"""

from __future__ import annotations

import re

from emulator.objectstore import times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.pages import Page, WriteName, name_writer, page
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.stored import Listed, ListedVersion
from emulator.objectstore.version_lists import version_page
from emulator.tencent.cos.owner import LISTED_OWNER

MOST_KEYS = 1000


async def objects(context: StoreContext, call: Call) -> Reply:
    name, listed = name_writer(call.query, safe="/"), _page(context, call, "marker")
    contents = [xml.element("Contents", name("Key", stored.key), *_details(stored)) for stored in listed.objects]
    elements = [
        *_common(call, name),
        name("Marker", call.query.get("marker", "")),
        listed.truncated(),
        name("NextMarker", listed.last) if listed.last is not None else "",
    ]
    return document(xml.document("ListBucketResult", *elements, *contents, *listed.prefix_elements(name)))


async def versions(context: StoreContext, call: Call) -> Reply:
    """https://cloud.tencent.com/document/product/436/35521."""
    name = name_writer(call.query, safe="/")
    page = version_page(context.store, call, _limit(call.query))
    kept = bool(context.bucket(call).versioning)
    key, version = page.last or ("", "")
    elements = [
        *_common(call, name),
        name("KeyMarker", call.query.get("key-marker", "")),
        name("VersionIdMarker", call.query.get("version-id-marker", "")),
        xml.text("IsTruncated", str(page.last is not None).lower()),
        name("NextKeyMarker", key) if page.last is not None else "",
        xml.text("NextVersionIdMarker", version) if page.last is not None and kept else "",
    ]
    entries = (_version(listed, newest, kept, name) for listed, newest in page.versions)
    prefixes = (xml.element("CommonPrefixes", name("Prefix", prefix)) for prefix in page.prefixes)
    return document(xml.document("ListVersionsResult", *elements, *entries, *prefixes))


def _version(listed: ListedVersion, newest: bool, kept: bool, name: WriteName) -> str:
    facts = [
        name("Key", listed.key),
        xml.text("VersionId", listed.version if kept else ""),
        xml.text("IsLatest", str(newest).lower()),
    ]
    if listed.marker:
        modified = xml.text("LastModified", times.iso(listed.modified))
        return xml.element("DeleteMarker", *facts, modified, LISTED_OWNER)
    return xml.element("Version", *facts, *_details(listed))


def _page(context: StoreContext, call: Call, marker: str) -> Page:
    return page(context.store, call.bucket, call.query, call.query.get(marker, ""), _limit(call.query))


def _common(call: Call, name: WriteName) -> list[str]:
    query = call.query
    return [
        xml.text("Name", call.bucket),
        xml.text("EncodingType", "url") if query.get("encoding-type") else "",
        name("Prefix", query.get("prefix", "")),
        name("Delimiter", query.get("delimiter", "")),
        xml.text("MaxKeys", str(_limit(query))),
    ]


def _details(stored: Listed | ListedVersion) -> list[str]:
    return [
        xml.text("LastModified", times.iso(stored.modified)),
        xml.text("ETag", f'"{stored.etag}"'),
        xml.text("Size", str(stored.size)),
        LISTED_OWNER,
        xml.text("StorageClass", stored.storage_class),
    ]


def _limit(query: dict[str, str]) -> int:
    text = query.get("max-keys") or str(MOST_KEYS)
    number = text.lstrip("0")
    if not re.fullmatch("[0-9]+", number):
        raise invalid("max-keys", text[:100], f"max-keys must be 1 to {MOST_KEYS}.")
    return min(int(number[:9]), MOST_KEYS)
