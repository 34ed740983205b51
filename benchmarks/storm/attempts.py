"""The attempts of the platforms to deliver events. The logs of the functions tell when each began and how it ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

BEGINS, ENDS = ("FC Invoke Start RequestId: ", "START RequestId: "), ("FC Invoke End RequestId: ", "END RequestId: ")
RAISED = '{"errorMessage"'
"""A line that begins so tells the error that the function raised. It comes near the line of the end."""

Ending = Literal["good", "raised", "died"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A platform gave an event to a process. Times are seconds since the epoch.

    `died` means that the process was killed, or that the platform ended it because its time was over.
    """

    began: float
    ended: float
    ending: Ending


Attempts = Mapping[str, list[Attempt]]
"""The attempts by the id of the invocation, which is the same for all attempts of an event, in their order."""


def attempts(logs: Iterable[Path]) -> Attempts:
    """Read the logs of functions, line by line."""
    told: defaultdict[str, list[Attempt]] = defaultdict(list)
    for path in logs:
        open_since: dict[str, tuple[float, float, Ending]] = {}
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                _read(line, open_since, told)
        for invocation, left in open_since.items():
            told[invocation].append(Attempt(*left))
    return told


def of_call(told: Attempts, invocation: str, moment: float) -> Attempt | None:
    """Return the attempt that was under way at that moment, or None if the logs tell of none."""
    begun = [attempt for attempt in told.get(invocation, ()) if attempt.began <= moment]
    return begun[-1] if begun else None


def _read(line: str, under_way: dict[str, tuple[float, float, Ending]], told: dict[str, list[Attempt]]) -> None:
    """Note what a line tells. What has not ended yet is taken for dead until its end is read."""
    time, _, rest = line.partition(" ")
    invocation, _, text = rest.partition(" ")
    begins = text.startswith(BEGINS)
    if begins and invocation in under_way:
        told[invocation].append(Attempt(*under_way[invocation]))
    if not begins and invocation not in under_way:
        return
    moment = datetime.fromisoformat(time).timestamp()
    started: tuple[float, float, Ending] = (moment, moment, "died")
    began, _, ending = started if begins else under_way[invocation]
    if text.startswith(RAISED):
        ending = "raised"
    elif text.startswith(ENDS) and ending == "died":
        ending = "good"
    under_way[invocation] = began, moment, ending
