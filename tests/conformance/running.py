"""Asks all questions within the limits, and cleans up whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal

import requests

from tests.conformance import cleaning
from tests.conformance.asking import NOT_ASKED, Finding, compare
from tests.conformance.refusing import Leftovers, Refused
from tests.conformance.side import Side
from tests.conformance.spending import LimitReached, Spending
from tests.conformance.steps import REQUEST, Question

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Need:
    """The most requests and the most money (in CNY) that something takes."""

    requests: int
    money: Decimal


def base(buckets: int) -> Need:
    """What looking takes: before the first question, and twice while cleaning up."""
    requests = 3 * cleaning.LISTS * buckets
    return Need(requests, requests * REQUEST)


def need(question: Question) -> Need:
    """What a question takes, with the removal of what it leaves behind."""
    return Need(len(question.steps) + question.cleaning, question.price + question.cleaning * REQUEST)


def whole(questions: Sequence[Question], throwaway: bool) -> Need:
    """What all questions take that can be asked."""
    needs = [need(question) for question in questions if throwaway or not question.throwaway]
    looks = base(2 if throwaway else 1)
    return Need(
        looks.requests + sum(n.requests for n in needs), looks.money + sum((n.money for n in needs), Decimal(0))
    )


def ask_all(questions: Sequence[Question], real: Side, emulator: Side, say: Say) -> Generator[Finding, None, None]:
    """Yield what becomes of each question. Both sides are cleaned up at the end, also after a failure or Ctrl-C.

    Refused if the prefix is not empty, or if the limits are too low for anything.
    """
    spending = real.spending
    if spending is None:
        raise ValueError("the real side needs limits")
    buckets = 2 if real.throwaway else 1
    looks = base(buckets)
    if not spending.allows(looks.requests, looks.money):
        raise Refused(f"the limits are too low: looking and cleaning up alone take {looks.requests} requests")
    refuse_unless_empty(real)
    own = {key for question in questions for key in question.keys}
    cleaning.remove(emulator, own)
    with _cleaned(real, emulator, own, say):
        kept = base(buckets).requests - cleaning.LISTS * buckets
        for question in questions:
            before = spending.sent
            yield _asked(question, real, emulator, spending, kept)
            if spending.sent > before:
                kept += question.cleaning


def refuse_unless_empty(side: Side) -> None:
    found = cleaning.look(side)
    if found.leftovers:
        first = found.leftovers[0]
        raise Refused(
            f"{side.prefix} in the bucket {first.bucket} is not empty ({first.key}): name another prefix with --prefix"
            " (PREFIX), or remove what an earlier run left behind with --clean-up (CLEAN=1)"
        )


def _asked(question: Question, real: Side, emulator: Side, spending: Spending, kept: int) -> Finding:
    """Ask a question unless it or the cleaning up might pass a limit. `kept` is kept back for cleaning up so far."""
    wanted = need(question)
    if question.throwaway and not real.throwaway:
        return compare(question, real, emulator)
    if not spending.allows(wanted.requests + kept, wanted.money + kept * REQUEST):
        return Finding(question.name, question.says, NOT_ASKED, "the spending limit would be passed")
    try:
        return compare(question, real, emulator)
    except LimitReached as error:
        return Finding(question.name, question.says, NOT_ASKED, str(error))


@contextmanager
def _cleaned(real: Side, emulator: Side, own: set[str], say: Say) -> Iterator[None]:
    try:
        yield
    finally:
        say("Cleaning up.")
        try:
            left, others = cleaning.remove(real, own)
        except (KeyboardInterrupt, LimitReached, cleaning.CannotList, requests.RequestException) as error:
            why = f"Cleaning up ended early ({type(error).__name__})."
            raise Leftovers(f"{why} Run the program again with --clean-up.") from None
        # Ctrl-C ends an emulator that was started for the questions, too. It needs no cleaning then.
        with suppress(requests.RequestException):
            cleaning.remove(emulator, own)
        if others:
            say(f"These came from somebody else meanwhile, and stay: {', '.join(others)}")
        if left:
            raise Leftovers(f"These are left: {', '.join(left)}. Run the program again with --clean-up.")
