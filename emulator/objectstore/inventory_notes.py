"""Remembers when an inventory was made last, so that the next one is made in time and tells nothing twice."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from emulator.objectstore.context import StoreContext
from emulator.objectstore.stored import ListedVersion

SETTINGS = {False: "inventory-noted", True: "inventory-noted-incremental"}
"""The names of the notes among the settings of a bucket, by whether they are about incremental inventories."""

Change = tuple[str, str, str]
"""The key, the version and the ETag of what was written."""


@dataclass(frozen=True, slots=True)
class Note:
    """When an inventory was made last, or when its configuration came."""

    at: float
    told: frozenset[Change] = frozenset()
    """What it told of the second in which it was made. More may have been written in that second afterwards."""

    @property
    def begin(self) -> int:
        """The next incremental inventory has what was written from this second on."""
        return math.floor(self.at)


def change(listed: ListedVersion) -> Change:
    return listed.key, listed.version, listed.etag


def begun(context: StoreContext, bucket: str, number: str) -> None:
    """Note that a configuration has come. Its first inventory is due at the end of the period that has begun."""
    for incremental in SETTINGS:
        keep(context, bucket, number, incremental, Note(context.clock()))


def keep(context: StoreContext, bucket: str, number: str, incremental: bool, note: Note) -> None:
    document = json.dumps({"at": note.at, "told": sorted(note.told)})
    context.store.settings.put(bucket, SETTINGS[incremental], number, document)


def find(context: StoreContext, bucket: str, number: str, incremental: bool) -> Note:
    """Return the note. A configuration that an earlier version of the emulator took begins now."""
    kept = context.store.settings.get(bucket, SETTINGS[incremental], number)
    if kept is None:
        begun(context, bucket, number)
        return Note(context.clock())
    document = json.loads(kept)
    return Note(document["at"], frozenset(tuple(told) for told in document["told"]))
