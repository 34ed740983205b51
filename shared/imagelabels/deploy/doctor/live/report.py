"""This module collects findings, and makes one of a question that was refused or got no answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from imagelabels.deploy.doctor.finding import Finding, Severity
from imagelabels.domain import calls
from imagelabels.domain.errors import LabelingError, Misconfigured

T = TypeVar("T")

_FORBIDDEN = calls.FORBIDDEN.advice.partition("{")[0]
"""An error says so if nothing but a permission is missing."""


class Report:
    """It has the findings so far."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def taken(self) -> list[Finding]:
        """Return the findings so far, and forget them."""
        taken, self.findings = self.findings, []
        return taken

    def error(self, check: str, where: str, cause: str, consequence: str, cure: str) -> None:
        self.findings.append(Finding(check, Severity.ERROR, where, cause, consequence, cure))

    def warning(self, check: str, where: str, cause: str, consequence: str, cure: str) -> None:
        self.findings.append(Finding(check, Severity.WARNING, where, cause, consequence, cure))

    def needed(self, where: str, call: Callable[[], T]) -> T | None:
        """Return what a call gives that the function makes too. If it is refused, that is an error."""
        try:
            return call()
        except LabelingError as error:
            self.failed(where, error)
        return None

    def failed(self, where: str, error: LabelingError) -> None:
        """Add what the failure of a call means that the function makes too."""
        if isinstance(error, Misconfigured):
            self._refused(where, error)
        else:
            self.unanswered(where, error)

    def asked(self, where: str, call: Callable[[], T]) -> T | None:
        """Return what a call gives that only this look makes. If it is refused, less is known, and nothing is wrong."""
        try:
            return call()
        except LabelingError as error:
            self.unanswered(where, error)
        return None

    def done(self, where: str, call: Callable[[], object]) -> bool:
        """Return whether a call succeeded that only this look makes."""
        before = len(self.findings)
        self.asked(where, call)
        return len(self.findings) == before

    def _refused(self, where: str, error: Misconfigured) -> None:
        if _FORBIDDEN in str(error):
            self.error(
                "permission-missing",
                where,
                _sentence(error),
                "The function makes the same call, and objects stay without labels while it is refused.",
                "Give the function's role this permission. If the keys in the environment are not those of the "
                "function, look again with the function's.",
            )
        else:
            self.error(
                "call-refused",
                where,
                _sentence(error),
                "The function makes the same call with the same settings, and objects stay without labels.",
                "Correct the setting or the key that the message names.",
            )

    def unanswered(self, where: str, error: LabelingError) -> None:
        """Add that a call brought no answer, and that less is known for it."""
        if calls.CLOCK.advice in str(error):
            self.error("clock-skew", where, *clock_words(_sentence(error)))
            return
        self.warning(
            "could-not-look",
            where,
            _sentence(error),
            "What this call would have shown is not known, so a fault may be hidden there.",
            "Give the keys in the environment the permission, or look again later if the service was busy.",
        )


def clock_words(cause: str) -> tuple[str, str, str]:
    """Return the three sentences of a finding about clocks."""
    return (
        cause,
        "Signatures are made with this machine's clock, and stores refuse those that are 15 minutes off.",
        "Let this machine's clock follow a time server.",
    )


def _sentence(error: Exception) -> str:
    text = str(error).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."
