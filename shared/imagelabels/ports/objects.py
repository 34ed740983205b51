"""Objects in a store: what they are, their bytes, their tags, and small copies of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from imagelabels.domain.model import Look, ObjectHead, ObjectRef, Tags

if TYPE_CHECKING:
    from imagelabels.domain.listing import Listed  # No function lists a bucket.


class ObjectStore(Protocol):
    """Objects and their tags. Every method raises Unavailable or Misconfigured when the store is not to be had, and
    Rejected("unsignable_key") for a key that no request can be signed for."""

    def head(self, ref: ObjectRef) -> Look:
        """Return what is there now. For a missing object or bucket, the Look has no head but the store's date."""

    def read(self, ref: ObjectRef, head: ObjectHead, start: int, length: int) -> bytes:
        """Return at most `length` bytes from `start` of exactly the object that `head` saw; Gone if it is another now.

        Rejected("archived"): it must be restored first.
        """

    def tags(self, ref: ObjectRef) -> Tags:
        """Return the tags of the object, or of `ref.version` if that is given.

        Gone means that there is no object, and NoBucket that there is not even a bucket.
        """

    def put_tags(self, ref: ObjectRef, tags: Tags, before: float, until: float) -> None:
        """Replace all tags, once, with a request that the store refuses after `before` (seconds, store clock).

        Where that moment cannot be signed (a fast local clock), it is signed to `until`; if that cannot be either,
        Unavailable. Gone: there is no object, nothing was written. Rejected("tags_refused"): nothing was written.
        Misconfigured: it was forbidden, nothing was written. Any other error: the write may have happened, or may
        still happen until it expires. Never repeated here.
        """

    def list(self, bucket: str, prefix: str = "", after: str = "") -> Iterator[Listed]:
        """Yield what the store tells of each object, in the order of the keys, starting behind the key `after`."""


class Shrinker(Protocol):
    """A store that makes a small copy of a picture by itself."""

    @property
    def name(self) -> str:
        """How the setting of a detector that sees such copies names it."""

    @property
    def formats(self) -> frozenset[str]:
        """The picture formats that it can read, named as in pictures.picture."""

    def shrunk(self, ref: ObjectRef, head: ObjectHead, side: int) -> bytes:
        """Return an upright JPEG of exactly the object that `head` saw.

        The shorter side has `side` pixels, or fewer where the picture had fewer. Rejected: it makes none of this
        picture. Gone, Unavailable and Misconfigured mean what they mean in ObjectStore.
        """
