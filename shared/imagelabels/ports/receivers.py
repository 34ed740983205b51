"""Receivers of webhooks, which strangers run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SendResult:
    """What came of one attempt at a delivery."""

    status: int | None
    """The status of the answer; None if there was none in time."""
    why: str
    """A few words for people, which hold no address and no secret."""

    @property
    def is_received(self) -> bool:
        """Whether the receiver has taken the message: no other status than 2xx says so."""
        return self.status is not None and 200 <= self.status < 300


class Receivers(Protocol):
    """Sends messages by the Standard Webhooks specification: https://www.standardwebhooks.com/"""

    def send(self, url: str, secrets: Sequence[str], message_id: str, body: str) -> SendResult:
        """Send one message, signed with each of the secrets. It takes some seconds at most, whatever the receiver does,
        and no failure raises an error."""
