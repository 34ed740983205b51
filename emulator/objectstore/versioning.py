"""Buckets that keep versions: their setting, and what answers tell of versions and delete markers."""

from __future__ import annotations

from emulator.core.refusal import Refusal
from emulator.objectstore import xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.store import Removal
from emulator.objectstore.stored import Stored

STATES = ("Enabled", "Suspended")


async def get(context: StoreContext, call: Call) -> Reply:
    """Answer with the setting, which is empty if the bucket has never kept versions."""
    state = context.bucket(call).versioning
    return document(xml.document("VersioningConfiguration", xml.text("Status", state) if state else ""))


async def put(context: StoreContext, call: Call) -> Reply:
    context.bucket(call)
    state = (await call.document("VersioningConfiguration")).findtext("Status") or ""
    if state not in STATES:
        raise Refusal("MalformedXML", f"Status must be one of {' and '.join(STATES)}.")
    context.store.set_versioning(call.bucket, state)
    return Reply(200)


def header(context: StoreContext, stored: Stored) -> dict[str, str]:
    """Return the header that names the version, which no answer has while the bucket has never kept versions."""
    bucket = context.store.bucket(stored.bucket)
    if bucket is None or not bucket.versioning:
        return {}
    return {f"{context.dialect.headers}version-id": stored.version}


def removal_headers(context: StoreContext, call: Call, removal: Removal) -> dict[str, str]:
    """Return the headers of an answer to a deletion. A version that was not there is named all the same."""
    shown = removal.marker or removal.old
    if shown is None:
        version = call.query.get("versionId", "")
        return {f"{context.dialect.headers}version-id": version} if version and context.bucket(call).versioning else {}
    marked = {f"{context.dialect.headers}delete-marker": "true"} if shown.marker else {}
    named = removal.marker is not None or header(context, shown)
    return (marked | {f"{context.dialect.headers}version-id": shown.version}) if named else marked
