"""The objects that a batch deletion names."""

from __future__ import annotations

from collections.abc import Callable

from emulator.objectstore.call import Call
from emulator.objectstore.refusal import Refusal, not_built

MOST_DELETED = 1000


async def doomed(call: Call, check_key: Callable[[str], None]) -> tuple[list[str], bool]:
    """Their keys, and whether the answer is to be empty."""
    tree = await call.document("Delete")
    keys = []
    for node in tree.findall("Object"):
        key = node.findtext("Key") or ""
        if node.findtext("VersionId") not in (None, "", "null"):
            raise not_built("deleting a version of an object")
        check_key(key)
        keys.append(key)
    if not 1 <= len(keys) <= MOST_DELETED:
        raise Refusal("MalformedXML", f"A batch deletion names 1 to {MOST_DELETED} objects.")
    return keys, (tree.findtext("Quiet") or "").lower() == "true"
