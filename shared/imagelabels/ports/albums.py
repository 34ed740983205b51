"""Albums and their pins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from imagelabels.domain.albums import Album, Pin, PinKind


class Pins(Protocol):
    """Keeps the pictures that people put into albums or take out by hand. Each read is a strong one."""

    def pin(self, album_id: str, uri: str, kind: PinKind | None, at: int) -> None:
        """Put a picture into the album or take it out by hand; None leaves it to the question again.

        `at` is the time of now. A change of the picture is told too (ports.changes), so that readers look again whether
        the picture is in the album.

        Changed: the album is not there. TooManyPins: it has MOST_PINS others. People who pin at the very same moment
        may pass that limit together.
        """

    def pins(self, album_id: str, after: str = "", limit: int = 1000) -> tuple[Pin, ...]:
        """Return up to `limit` pins of an album, behind the pin of the URI `after`.

        The order is the index's own, and a new pin changes it for no other.
        """

    def pins_of(self, album_id: str, uris: Sequence[str]) -> Mapping[str, Pin]:
        """Return the pins that an album has for these pictures, at most a hundred, by their URIs."""


class Albums(Pins, Protocol):
    """Keeps albums and their pins. Each read is a strong one: it shows what was written before it, by any instance."""

    def get(self, album_id: str) -> Album | None:
        """Return the album, or None if there is none with this id."""

    def list(self, after: str = "", limit: int = 100) -> tuple[Album, ...]:
        """Return up to `limit` albums in the order of their ids, behind the id `after`.

        One that cannot be read is left out, and warned of.
        """

    def put(self, album: Album, expected_version: int | None = None) -> None:
        """Write the album in place of the one with `expected_version`; None: there must be none with its id.

        Changed is raised if that does not hold. ValueError says that the question is longer than LONGEST_QUESTION.
        """

    def delete(self, album_id: str, expected_version: int | None) -> None:
        """Delete the album with its pins. Changed is raised if it has another version or is not there.

        None deletes an album that cannot be read, so that nobody knows its version. Where the answer to a request was
        lost, Changed may be raised although the album is deleted.
        """
