"""This module defines what the doctor reports."""

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
