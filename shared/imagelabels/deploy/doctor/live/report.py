"""This module collects findings, and makes one of a question that was refused or got no answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from imagelabels.deploy.checks import account
from imagelabels.deploy.checks.finding import Check, Finding
from imagelabels.deploy.checks.roles import PERMISSION_MISSING
from imagelabels.domain.errors import Gone, LabelingError, Misconfigured

T = TypeVar("T")

FORBIDDEN, _CLOCK = "forbidden: give", "this machine's clock is"
"""An error of an adapter says the one if nothing but a permission is missing, and the other if the clock is wrong."""


class Report:
    """It has the findings so far."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def taken(self) -> list[Finding]:
        """Return the findings so far, and forget them."""
        taken, self.findings = self.findings, []
        return taken

    def add(self, check: Check, where: str, cause: str, cure: str = "") -> None:
        self.findings.append(check.finding(where, cause, cure))

    def needed(self, where: str, call: Callable[[], T]) -> T | None:
        """Return what a call gives that the function makes too. If it is refused, that is an error."""
        try:
            return call()
        except (LabelingError, Gone) as error:
            self.failed(where, error)
        return None

    def failed(self, where: str, error: LabelingError | Gone) -> None:
        """Add what the failure of a call means that the function makes too."""
        if not isinstance(error, Misconfigured):
            self.unanswered(where, error)
        elif FORBIDDEN not in str(error):
            self.add(account.CALL_REFUSED, where, sentence(error))
        else:
            cure = (
                "Give the function's role this permission. If the keys in the environment are not those of the "
                "function, look again with the function's."
            )
            self.add(PERMISSION_MISSING, where, sentence(error), cure)

    def asked(self, where: str, call: Callable[[], T]) -> T | None:
        """Return what a call gives that only this look makes. If it is refused, less is known, and nothing is wrong."""
        try:
            return call()
        except (LabelingError, Gone) as error:
            self.unanswered(where, error)
        return None

    def done(self, where: str, call: Callable[[], object]) -> bool:
        """Return whether a call succeeded that only this look makes."""
        before = len(self.findings)
        self.asked(where, call)
        return len(self.findings) == before

    def unanswered(self, where: str, error: LabelingError | Gone) -> None:
        """Add that a call brought no answer, and that less is known for it."""
        check = account.CLOCK_REFUSED if _CLOCK in str(error) else account.COULD_NOT_LOOK
        if check is not account.CLOCK_REFUSED or check.name not in [found.check for found in self.findings]:
            self.add(check, where, sentence(error))


def sentence(error: Exception) -> str:
    """Write the message of an error as a sentence."""
    text = str(error).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."
