"""This module defines what a check reports, and how each check is described."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(str, Enum):
    """An error means that pictures are lost, mislabelled or not labelled; a warning means that it depends."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that would go wrong.

    `check` is the check's fixed name in kebab case, which scripts may rely on. `where` is a path in the template or
    plan, or the thing on the account. The other three are complete sentences: what is wrong, what follows from it,
    and what to do.
    """

    check: str
    severity: Severity
    where: str
    cause: str
    consequence: str
    cure: str

    def __str__(self) -> str:
        """Return the finding in one line, for programs that refuse to go on."""
        return f"{self.where}: {self.cause} {self.cure}"


@dataclass(frozen=True, slots=True)
class Check:
    """The description of a check. `fault` says in general what the `cause` of a finding says of one place."""

    name: str
    severity: Severity
    fault: str
    consequence: str
    cure: str

    def finding(self, where: str, cause: str, cure: str = "") -> Finding:
        """Return a finding of this check. `cure` is given where it can be more precise than the general one."""
        return Finding(self.name, self.severity, where, cause, self.consequence, cure or self.cure)


def error(name: str, fault: str, consequence: str, cure: str) -> Check:
    return Check(name, Severity.ERROR, fault, consequence, cure)


def warning(name: str, fault: str, consequence: str, cure: str) -> Check:
    return Check(name, Severity.WARNING, fault, consequence, cure)


def sentence(text: object) -> str:
    """Return a message of another module as a sentence."""
    words = str(text)
    return words if words.endswith((".", "?", "!")) else f"{words}."
