"""Where dropped photos are put."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from imagelabels.domain.model import ObjectRef

DROP = "/drop"
"""The address of the drop zone."""


@dataclass(frozen=True, slots=True)
class Drop:
    """What takes dropped photos. `places` are beginnings of URIs, and `put` stores a new object."""

    places: tuple[str, ...]
    put: Callable[[ObjectRef, bytes], object]


def below(uris: Iterable[str]) -> tuple[str, ...]:
    """Return beginnings of URIs that end in a slash, so that what is dropped lies below them."""
    return tuple(uri if uri.endswith("/") else f"{uri}/" for uri in uris)
