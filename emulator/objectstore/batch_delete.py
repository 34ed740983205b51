"""The removal of many objects by one request."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import quote

from emulator.core.refusal import Refusal
from emulator.objectstore import xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.pages import encoding
from emulator.objectstore.refusals import not_built

MOST_DELETED = 1000
AT_A_TIME = 20
"""After so many removals other requests get their turn."""


async def delete(context: StoreContext, call: Call) -> tuple[Sequence[str], bool]:
    """Remove the objects that the document names, with an event for each of them that existed.

    Return their keys, and whether the client wants no list of them in the answer.
    """
    keys, quiet = await _named(context, call)
    for number, key in enumerate(keys):
        if number % AT_A_TIME == AT_A_TIME - 1:
            await asyncio.sleep(0)
        old = context.store.delete(call.bucket, key)
        context.changed(call, context.dialect.events.delete_many, None, old)
    return keys, quiet


async def _named(context: StoreContext, call: Call) -> tuple[list[str], bool]:
    tree = await call.document("Delete")
    nodes = tree.findall("Object")
    if not 1 <= len(nodes) <= MOST_DELETED:
        raise Refusal("MalformedXML", f"A batch deletion names 1 to {MOST_DELETED} objects.")
    keys = []
    for node in nodes:
        key = node.findtext("Key") or ""
        if node.findtext("VersionId") not in (None, "", "null"):
            raise not_built("deleting a version of an object")
        context.dialect.keys.check(key)
        keys.append(key)
    return keys, (tree.findtext("Quiet") or "").lower() == "true"


def answer(call: Call, keys: Sequence[str]) -> bytes:
    """Return the document that lists the removed keys.

    They are URL-encoded if the request asks for it, and where a parser could not read one of them otherwise.
    """
    encoded = encoding(call.query) == "url" or not all(xml.writable(key) for key in keys)
    shown = (quote(key, safe="") for key in keys) if encoded else keys
    head = xml.text("EncodingType", "url") if encoded else ""
    return xml.document("DeleteResult", head, *(xml.element("Deleted", xml.text("Key", key)) for key in shown))
