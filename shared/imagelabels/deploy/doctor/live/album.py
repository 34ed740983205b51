"""This module looks at the function that answers the HTTP API, if there is one: can it run, and is it reached?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imagelabels.deploy.checks import account
from imagelabels.deploy.checks.events import choosing_otherwise
from imagelabels.deploy.checks.finding import Finding
from imagelabels.deploy.doctor.live.report import Report
from imagelabels.ports.functions import Address, DeployedFunction, Functions
from imagelabels.views.printing import escaped

NAME = "{name}-album"
"""The deployments of both clouds name the function so, by the name of the one that labels."""

SHARED = ("IMAGELABELS_INDEX", "IMAGELABELS_POLICY")
"""The function reads what the other one wrote, and takes the words that the policy shows labels by."""


def look(functions: Functions, name: str, labelling: DeployedFunction, report: Report) -> None:
    """Make one call for the function, and one for its addresses if it is there. It is there only if somebody asked for
    it, so its absence is no finding. `labelling` is the function that buckets start."""
    album = NAME.format(name=name)
    where = f"function {escaped(album)}"
    function = report.asked(where, lambda: functions.function(album))
    if function is None:
        return
    report.findings += _compared(where, function, labelling)
    if (addresses := report.asked(where, lambda: functions.addresses(album))) is not None:
        report.findings += _reached(where, addresses)


def _compared(where: str, function: DeployedFunction, labelling: DeployedFunction) -> Iterator[Finding]:
    if function.problem:
        cause = f"The platform says of the function: {escaped(function.problem)}."
        yield account.ALBUM_STOPPED.finding(where, cause)
    differ = [name for name in SHARED if function.environment.get(name) != labelling.environment.get(name)]
    names = ", ".join(differ) or choosing_otherwise(function.environment, [labelling.environment])
    if names:
        yield account.ALBUM_SETTINGS.finding(where, f"It differs from the function that labels in {names}.")
    if function.role and function.role == labelling.role:
        cause = f"It has the role of the function that labels, {escaped(function.role)}."
        yield account.ALBUM_ROLE.finding(where, cause)


def _reached(where: str, addresses: Sequence[Address]) -> Iterator[Finding]:
    if not addresses:
        yield account.ALBUM_ADDRESS.finding(where, "The function has no address.")
    elif not any(address.enabled for address in addresses):
        yield account.ALBUM_ADDRESS.finding(where, "The function's address is switched off, or not on the internet.")
    elif not any(address.enabled and address.anonymous for address in addresses):
        cause = "The platform itself asks clients who they are, so it refuses those who bear a token of ours only."
        yield account.ALBUM_ADDRESS.finding(where, cause)
