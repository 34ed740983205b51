"""Small copies of pictures, for people who look at them."""

from __future__ import annotations

from typing import Protocol

from imagelabels.domain.model import ObjectHead, ObjectRef


class Thumbnails(Protocol):
    """Makes small copies, or tells where the store makes them. Both make one of the present content of the object."""

    def small(self, ref: ObjectRef, head: ObjectHead, side: int, seconds: int) -> str | bytes:
        """Return an address that brings a small copy for so many seconds, or a JPEG where there is no such address.

        The longer side has at most `side` pixels. ValueError says why there is no small copy. Rejected: no request for
        the key can be signed.
        """
