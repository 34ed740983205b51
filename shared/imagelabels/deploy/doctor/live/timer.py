"""This module looks at the function for the timer: is it there, does a timer start it, and is it like the other one?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from imagelabels.deploy.checks import account, events
from imagelabels.deploy.checks.finding import Finding
from imagelabels.deploy.doctor.live.report import Report
from imagelabels.ports.functions import DeployedFunction, Functions, Timer
from imagelabels.views.printing import escaped

NAME = "{name}-timer"
"""The deployments of both clouds name the function so, by the name of the one that labels."""

MOST_MINUTES = 1440
"""The deployments take no longer interval between two runs."""

_EVERY = re.compile(r"@every (?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?", re.ASCII)
_CRON = re.compile(r"0 \*/(\d{1,2}) \* \* \* \*(?: \*)?", re.ASCII)
"""Only these forms of a schedule are read: those of the deployments. Other ones are somebody's own choice."""


def look(functions: Functions, name: str, labelling: DeployedFunction, report: Report) -> None:
    """Make one call for the function and one for its timers. `labelling` is the function that buckets start."""
    timer = NAME.format(name=name)
    where = f"function {escaped(timer)}"
    answer = report.asked(where, lambda: (functions.function(timer),))
    if answer is None:
        return  # Nobody knows whether it is there, which the report says.
    (function,) = answer
    if function is None:
        report.add(events.TIMER_MISSING, where, f"There is no function {escaped(timer)}.")
        return
    report.findings += _compared(where, function, labelling)
    if (timers := report.asked(where, lambda: functions.timers(timer))) is not None:
        report.findings += _started(where, function, timers)


def _compared(where: str, function: DeployedFunction, labelling: DeployedFunction) -> Iterator[Finding]:
    if function.problem:
        cause = f"The platform says of the function: {escaped(function.problem)}."
        yield account.TIMER_STOPPED.finding(where, cause)
    if names := events.differing_settings(function.environment, [labelling.environment]):
        yield events.TIMER_SETTINGS.finding(where, f"These settings differ: {escaped(names)}.")
    if function.role != labelling.role:
        cause = f"Its role is {escaped(function.role) or 'none'}, and that of the other is {escaped(labelling.role)}."
        yield account.TIMER_ROLE.finding(where, cause)


def _started(where: str, function: DeployedFunction, timers: Sequence[Timer]) -> Iterator[Finding]:
    if not timers:
        yield events.TIMER_MISSING.finding(where, "No timer starts the function.")
    elif not any(timer.enabled for timer in timers):
        yield account.TIMER_OFF.finding(where, "The function's timer is switched off.")
    for timer in timers:
        interval = seconds(timer.schedule)
        if timer.enabled and interval is not None and not function.timeout < interval <= 60 * MOST_MINUTES:
            cause = (
                f"The timer starts a run each {interval} s. A run may take {function.timeout} s, and one should begin "
                f"each {MOST_MINUTES} minutes at least."
            )
            yield account.TIMER_INTERVAL.finding(f"{where}, timer {escaped(timer.name)}", cause)


def seconds(schedule: str) -> int | None:
    """Return the seconds between two runs; None for a schedule of another form."""
    if (each := _CRON.fullmatch(schedule)) is not None:
        return 60 * int(each[1])
    if (every := _EVERY.fullmatch(schedule)) is not None and any(every.groups()):
        hours, minutes, rest = (int(part or 0) for part in every.groups())
        return 3600 * hours + 60 * minutes + rest
    return None
