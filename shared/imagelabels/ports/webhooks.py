"""Webhooks, the messages that wait for their receivers, and what each receiver has been told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from imagelabels.domain.webhooks import Delivery, Hook


@dataclass(frozen=True, slots=True)
class Told:
    """The last thing that a receiver was told about a picture."""

    picture: str
    uri: str
    number: int
    """The number of the delivery. The picture is in the album for the receiver if it is odd."""


class Hooks(Protocol):
    """Keeps webhooks. Each read is a strong one."""

    def get(self, hook_id: str) -> Hook | None:
        """Return the webhook, or None if there is none with this id."""

    def list(self, after: str = "", limit: int = 100) -> tuple[Hook, ...]:
        """Return up to `limit` webhooks of all albums in the order of their ids, behind the id `after`.

        One that cannot be read is left out, and warned of.
        """

    def put(self, hook: Hook, expected_version: int | None = None) -> None:
        """Write the webhook in place of the one with `expected_version`; None: there must be none with its id.

        albums.Changed is raised if that does not hold.
        """

    def delete(self, hook_id: str) -> None:
        """Delete a webhook. One that is not there counts as deleted."""


class Outbox(Protocol):
    """Keeps the deliveries of webhooks that wait or have failed."""

    def add(self, deliveries: Sequence[Delivery]) -> None:
        """Write new deliveries of one webhook, at most a hundred. One that is there already stays as it is."""

    def list(self, hook_id: str, limit: int) -> tuple[Delivery, ...]:
        """Return up to `limit` deliveries of a webhook in the order of their keys.

        One that cannot be read is left out, and warned of. The next change of its picture makes it anew.
        """

    def write(self, delivery: Delivery) -> None:
        """Write a delivery in place of the one with its key."""

    def remove(self, deliveries: Sequence[Delivery]) -> None:
        """Remove deliveries of one webhook, at most a hundred. What is not there counts as removed."""


class Known(Protocol):
    """Keeps what each receiver has been told about pictures."""

    def numbers(self, hook_id: str, pictures: Sequence[str]) -> Mapping[str, int]:
        """Return the number of the last thing that the receiver was told, for those pictures that it was told of.

        At most five hundred pictures are asked for. Each read is a strong one.
        """

    def note(self, hook_id: str, told: Iterable[Told]) -> None:
        """Note what the receiver was told. A number never becomes smaller."""

    def list(self, hook_id: str, after: str = "", limit: int = 100) -> tuple[Told, ...]:
        """Return up to `limit` things that the receiver was told, in the order of the pictures' ids behind `after`."""

    def forget(self, hook_id: str, pictures: Sequence[str]) -> None:
        """Remove what is noted about some pictures, at most a hundred, because the webhook is deleted."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The three places where an index keeps webhooks."""

    hooks: Hooks
    outbox: Outbox
    known: Known
