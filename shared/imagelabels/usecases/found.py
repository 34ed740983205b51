"""An answer on its way into a row: where it came from, and what is still to be done with it."""

from __future__ import annotations

from dataclasses import dataclass

from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import Answer
from imagelabels.ports import Answers, Clock, Proof
from imagelabels.usecases.waiting import FIRST_PAUSE, LEAVE, LONGEST_PAUSE


@dataclass(frozen=True, slots=True)
class Found:
    """An answer and where it came from."""

    answer: Answer
    setting: str | None = None
    """The detector setting that it was given under; None for that of now."""
    new: bool = False
    """The answer is of now and not stored yet; `proof` names the claim that it is to be stored under."""
    kept: bool = False
    """The answer was there already: this content has been through here before."""
    proof: Proof | None = None
    """Set while the answer is unconfirmed: whoever has seen the object unchanged after the call confirms it by this."""
    to_void: bool = False
    """A look at our own object that shows another head says that the unconfirmed answer is void."""
    gone: bool = False
    """The object changed while it was asked about; the answer says nothing."""


def store(answers: Answers, found: Found, clock: Clock, deadline: float) -> bool:
    """Store a new answer as unconfirmed, again and again until the deadline, since it was paid.

    True: it had to be repeated, so that time has passed.
    """
    if not found.new or found.proof is None:
        return False
    repeated, pause = False, FIRST_PAUSE
    while True:
        try:
            answers.store(found.proof.answer_id, found.proof.nonce, found.answer)
            return repeated
        except Unavailable:
            if clock.monotonic() + pause > deadline - LEAVE:
                raise
        clock.sleep(pause)
        repeated, pause = True, min(2 * pause, LONGEST_PAUSE)


def void(answers: Answers, found: Found) -> None:
    """Take back an answer that may describe another picture than the one we saw."""
    if found.to_void and found.proof is not None:
        answers.give_back(found.proof.answer_id, found.proof.nonce)
