"""Kept answers, by content and detector setting, and claims on those that are still to be had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from imagelabels.domain.model import Answer


@dataclass(frozen=True, slots=True)
class Claim:
    """What asking for a content's answer gave: it is ours to get, somebody else is getting it, or here it is.

    A kept answer whose `asked` is set is not confirmed: it may describe another content.
    """

    kind: Literal["mine", "busy", "kept"]
    answer: Answer | None = None
    failures: int = 0
    """If the claim is ours: so many attempts in a row to get this answer failed before it, or their workers died."""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What a strong read shows of a content's answer: the answer, or until when somebody's claim on it is good."""

    answer: Answer | None
    claimed_until: float | None = None


class Answers(Protocol):
    """One answer per content and setting. Every write is atomic; times are seconds of the store's clock."""

    def claim(self, answer_id: str, nonce: str, until: float, now: float) -> Claim:
        """Ask for the answer of a content. A claim whose lease ended before `now` is a dead worker's: it is taken over
        in one step, and counts one failure more than the dead worker's claim did."""

    def store(self, answer_id: str, nonce: str, answer: Answer) -> bool:
        """Keep the answer if the claim is ours; the claim ends. Else return False.

        An answer with `asked` is unconfirmed.
        """

    def answer(self, answer_id: str) -> StoredAnswer | None:
        """Return the answer, or the claim on it, if there is one: a strong read, which claims nothing."""

    def give_back(self, answer_id: str, nonce: str) -> None:
        """Drop the claim, or the unconfirmed answer, of that nonce; a confirmed answer stays."""

    def take_over(self, answer_id: str, old: str, nonce: str, until: float, failures: int = 0) -> bool:
        """Turn the unconfirmed answer of the nonce `old` into a claim of our own, in one step; False if it is gone.
        The claim keeps the count of `failures`, in case this worker dies too."""

    def forget_refusal(self, answer_id: str) -> bool:
        """Delete the answer if it is a confirmed refusal, so that the next delivery asks again; else return False."""
