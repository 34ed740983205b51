"""This module looks at the function for webhooks, if there is one: can it run, and does a timer start it?"""

from __future__ import annotations

from collections.abc import Iterator

from imagelabels.deploy.checks import account, events
from imagelabels.deploy.checks.finding import Finding
from imagelabels.deploy.doctor.live.album import SHARED
from imagelabels.deploy.doctor.live.report import Report
from imagelabels.ports.functions import DeployedFunction, Functions
from imagelabels.views.printing import escaped

NAME = "{name}-webhooks"
"""The deployments of both clouds name the function so, by the name of the one that labels."""


def look(functions: Functions, name: str, labelling: DeployedFunction, report: Report) -> None:
    """Make one call for the function, and one for its timers if it is there. It is there only if somebody asked for it,
    so its absence is no finding. `labelling` is the function that buckets start."""
    webhooks = NAME.format(name=name)
    where = f"function {escaped(webhooks)}"
    function = report.asked(where, lambda: functions.function(webhooks))
    if function is None:
        return
    report.findings += _compared(where, function, labelling)
    timers = report.asked(where, lambda: functions.timers(webhooks))
    if timers is not None and not any(timer.enabled for timer in timers):
        cause = "The function's timer is switched off." if timers else "No timer starts the function."
        report.add(events.WEBHOOKS_TIMER, where, cause)


def _compared(where: str, function: DeployedFunction, labelling: DeployedFunction) -> Iterator[Finding]:
    if function.problem:
        cause = f"The platform says of the function: {escaped(function.problem)}."
        yield account.WEBHOOKS_STOPPED.finding(where, cause)
    differ = [name for name in SHARED if function.environment.get(name) != labelling.environment.get(name)]
    if differ:
        cause = f"It differs from the function that labels in {', '.join(differ)}."
        yield account.WEBHOOKS_SETTINGS.finding(where, cause)
