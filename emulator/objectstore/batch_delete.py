"""The removal of many objects by one request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from emulator.core.refusal import ErrorTable, Refusal
from emulator.objectstore import xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.objects import remove
from emulator.objectstore.pages import encoding
from emulator.objectstore.store import Removal

MOST_DELETED = 1000
AT_A_TIME = 20
"""After so many removals other requests get their turn."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """What became of one object that the document names. `version` is empty if it names none."""

    key: str
    version: str
    removal: Removal | Refusal
    """What was removed, or why the object has to stay."""


def _any_version(version: str) -> None:
    """Take any text as the id of a version."""


async def delete(
    context: StoreContext, call: Call, check_version: Callable[[str], None] = _any_version
) -> tuple[Sequence[Deletion], bool]:
    """Remove the objects that the document names, with an event for each of them that existed.

    Return what became of them, and whether the client wants to know only of those that could not be removed.
    `check_version` raises the Refusal of a version id that the vendor does not take.
    """
    named, quiet = await _named(context, call)
    for _, version in named:
        if version:
            check_version(version)
    deletions = []
    for index, (key, version) in enumerate(named):
        if index % AT_A_TIME == AT_A_TIME - 1:
            await asyncio.sleep(0)
        removal: Removal | Refusal
        try:
            removal = remove(context, call, key, version, context.dialect.events.delete_many)
        except Refusal as refusal:
            removal = refusal
        deletions.append(Deletion(key, version, removal))
    return deletions, quiet


async def _named(context: StoreContext, call: Call) -> tuple[list[tuple[str, str]], bool]:
    tree = await call.document("Delete")
    nodes = tree.findall("Object")
    if not 1 <= len(nodes) <= MOST_DELETED:
        raise Refusal("MalformedXML", f"A batch deletion names 1 to {MOST_DELETED} objects.")
    named = []
    for node in nodes:
        key = node.findtext("Key") or ""
        context.dialect.keys.check(key)
        named.append((key, node.findtext("VersionId") or ""))
    return named, (tree.findtext("Quiet") or "").lower() == "true"


def answer(call: Call, deletions: Sequence[Deletion], quiet: bool, errors: ErrorTable) -> bytes:
    """Return the document that lists the removed objects, unless it is to be `quiet`, and those that had to stay.

    Keys are URL-encoded if the request asks for it, and where a parser could not read one of them otherwise. `errors`
    has the messages of the vendor's codes.
    """
    shown = [deletion for deletion in deletions if not quiet or isinstance(deletion.removal, Refusal)]
    encoded = encoding(call.query) == "url" or not all(xml.writable(deletion.key) for deletion in shown)
    head = xml.text("EncodingType", "url") if encoded else ""
    return xml.document("DeleteResult", head, *(_shown(deletion, encoded, errors) for deletion in shown))


def _shown(deletion: Deletion, encoded: bool, errors: ErrorTable) -> str:
    elements = [xml.text("Key", quote(deletion.key, safe="") if encoded else deletion.key)]
    if deletion.version:
        elements.append(xml.text("VersionId", deletion.version))
    if isinstance(deletion.removal, Refusal):
        code, message = deletion.removal.code, errors.message(deletion.removal)
        return xml.element("Error", *elements, xml.text("Code", code), xml.text("Message", message))
    old, marker = deletion.removal.old, deletion.removal.marker
    if marker is None and old is not None and old.marker:
        marker = old
    if marker is not None:
        elements += [xml.text("DeleteMarker", "true"), xml.text("DeleteMarkerVersionId", marker.version)]
    return xml.element("Deleted", *elements)
