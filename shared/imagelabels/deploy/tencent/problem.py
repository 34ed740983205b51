"""This module defines how a rule names what is wrong in a plan, before the line in the file is looked up."""

from __future__ import annotations

from typing import NamedTuple

from imagelabels.deploy.checks.finding import Check

Path = tuple[str | int, ...]
"""The place of a value in the plan."""


class Problem(NamedTuple):
    """What a check found at a path: a sentence, and what to do if that is more precise than the check's own words."""

    check: Check
    path: Path
    cause: str
    cure: str = ""
