"""The objects that a batch deletion names, and how the answer names them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from urllib.parse import quote

from emulator.objectstore import xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import Context
from emulator.objectstore.refusal import Refusal, invalid, not_built

MOST_DELETED = 1000
AT_A_TIME = 20
"""Objects removed before other requests get their turn."""


async def delete(
    context: Context, call: Call, event: str, check_key: Callable[[str], None]
) -> tuple[Sequence[str], bool]:
    """Removes what the document names; each object that was there is an event of that name.

    The keys, and whether the answer is to be quiet about them.
    """
    keys, quiet = await _named(call, check_key)
    for number, key in enumerate(keys):
        if number % AT_A_TIME == AT_A_TIME - 1:
            await asyncio.sleep(0)
        gone = context.store.delete(call.bucket, key)
        context.changed(call, event, None, gone)
    return keys, quiet


async def _named(call: Call, check_key: Callable[[str], None]) -> tuple[list[str], bool]:
    """The objects' keys, and whether the answer is to be empty."""
    tree = await call.document("Delete")
    nodes = tree.findall("Object")
    if not 1 <= len(nodes) <= MOST_DELETED:
        raise Refusal("MalformedXML", f"A batch deletion names 1 to {MOST_DELETED} objects.")
    keys = []
    for node in nodes:
        key = node.findtext("Key") or ""
        if node.findtext("VersionId") not in (None, "", "null"):
            raise not_built("deleting a version of an object")
        check_key(key)
        keys.append(key)
    return keys, (tree.findtext("Quiet") or "").lower() == "true"


def answer(call: Call, keys: Sequence[str]) -> bytes:
    """Keys are URL-encoded if the request asks for it, and where a parser could not read one of them otherwise."""
    given = call.query.get("encoding-type", "")
    if given not in ("", "url"):
        raise invalid("encoding-type", given, "encoding-type must be url.")
    encoded = given == "url" or not all(xml.writable(key) for key in keys)
    shown = (quote(key, safe="") for key in keys) if encoded else keys
    head = xml.text("EncodingType", "url") if encoded else ""
    return xml.document("DeleteResult", head, *(xml.element("Deleted", xml.text("Key", key)) for key in shown))
