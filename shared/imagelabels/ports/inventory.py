"""How a store writes inventories of its buckets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from imagelabels.domain.inventory import Manifest
from imagelabels.domain.listing import Listed


class InventoryDialect(Protocol):
    """One store's form of inventories. Misconfigured says what is wrong with an inventory that cannot be read."""

    def parse(self, manifest: bytes) -> Manifest:
        """Read a manifest."""

    def rows(self, manifest: Manifest, lines: Iterable[bytes]) -> Iterator[Listed | None]:
        """Read the rows of an unpacked data file, whose lines have a bounded length.

        None stands for a row that is no present object: a delete marker, an older version or a removal. Misconfigured
        names the row that cannot be read.
        """
