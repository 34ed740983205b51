"""The objects that a backfill walks over: those that the store lists, or those that an inventory names."""

from __future__ import annotations

from collections.abc import Iterator

from imagelabels import clouds
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import ObjectRef
from imagelabels.ports import ObjectStore
from imagelabels.usecases.inventory import read_inventory
from imagelabels.usecases.walk import Place, Share, listed
from imagelabels.usecases.walking import Source


def source(place: Place, inventory: ObjectRef | None, share: Share | None, objects: ObjectStore) -> Source:
    """Return the source of a walk over a place, or over the part of it that belongs to a share."""
    whole = listed(objects, place) if inventory is None else _inventoried(inventory, place, objects)
    return whole if share is None else share.of(whole)


def _inventoried(manifest: ObjectRef, place: Place, objects: ObjectStore) -> Source:
    def entries(position: str) -> Iterator[tuple[str, Listed]]:
        file, _, row = position.partition(":")
        after = (int(file), int(row)) if position else None
        dialect = clouds.inventory_of(place.store)
        for (number, line), found in read_inventory(objects, manifest, dialect, place.bucket, place.prefix, after):
            yield f"{number}:{line}", found

    return entries
