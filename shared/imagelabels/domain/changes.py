"""Changes: which pictures came, changed or went, in the order in which readers get them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from imagelabels.domain.model import ObjectRef

KEPT_DAYS = 30
"""A change is kept for so many days. A reader that comes back later starts from an export."""

LIMIT = 1000
"""One answer has at most so many changes."""


class CursorTooOld(Exception):
    """Changes behind this cursor have been removed, so a reader would miss them: it starts again from an export."""

    def __init__(self) -> None:
        super().__init__(
            f"the cursor is older than {KEPT_DAYS} days, and changes behind it have been removed: start from an export"
        )


@dataclass(frozen=True, slots=True)
class Change:
    """The row of a picture was written or removed.

    It does not say whether the picture came or changed: a reader that must know remembers the pictures that it has
    seen. The last change of a picture says what has become of its row. An earlier one may say so already, and a change
    may be told although the row stayed as it was.
    """

    ref: ObjectRef
    picture: str
    """The picture's id in addresses, which is the primary key of its row."""
    kind: Literal["written", "removed"]
    at: int
    """Milliseconds since 1970, by the clock of the delivery that wrote the row. The order of changes is not by it."""


def named(uri: str) -> ObjectRef:
    """Return the object with this URI. No name of a bucket has a slash in it."""
    store, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    return ObjectRef(store, bucket, key)
