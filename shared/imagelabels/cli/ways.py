"""The ways of a backfill: it works here, through a deployed function, or on a cluster."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeGuard

import click

from imagelabels import clouds
from imagelabels.cli.backfilling import Run
from imagelabels.cli.functions import Connect
from imagelabels.domain.errors import Misconfigured
from imagelabels.usecases.backfill import Backfill, Worked
from imagelabels.usecases.threads import Threads
from imagelabels.usecases.through import ThroughFunction, check
from imagelabels.usecases.walking import Runner
from imagelabels.views.printing import escaped

if TYPE_CHECKING:
    from imagelabels.wiring_commands import LabelingHere

FUNCTION = "imagelabels-backfill"

_CLUSTER = re.compile(r"dask://[^/\s@]+:[0-9]{1,5}")


class RemoteRunner(Runner[Worked], Protocol):
    """Its work is done elsewhere, where it can be stopped."""

    def give_up(self) -> None:
        """Stop what is under way, as well as that can be done quickly."""


class Way:
    """It opens the runner of each pass, and gives up the present one."""

    def __init__(self, open_runner: Callable[[Backfill], RemoteRunner]) -> None:
        self._open, self._runner = open_runner, None

    _runner: RemoteRunner | None

    def run_pass(self, job: Backfill) -> Runner[Worked]:
        self._runner = self._open(job)
        return self._runner

    def give_up(self) -> None:
        if self._runner is not None:
            self._runner.give_up()


def way_options() -> list[click.Parameter]:
    """Return the options that choose the way."""
    return [
        click.Option(
            ["--through"],
            type=through,
            metavar="WAY",
            help=f"work not here but through a deployed function ({', '.join(clouds.platforms())}), or on the Dask "
            "cluster whose scheduler is at dask://HOST:PORT",
        ),
        click.Option(
            ["--function"],
            metavar="NAME",
            help=f"with --through: the deployed function that labels the pictures (default: {FUNCTION})",
        ),
    ]


def through(text: str) -> str:
    """Read the name of a function platform, or the address of a cluster; ValueError for anything else."""
    if text in clouds.platforms() or _CLUSTER.fullmatch(text):
        return text
    raise ValueError(f"{escaped(text)} is not one of {', '.join(clouds.platforms())}, and no dask://HOST:PORT")


def wrong_use(through: str | None, function: str | None, max_calls: int | None, rate: int | None) -> str | None:
    """Say what does not fit together; None if all does."""
    if function is not None and (through is None or is_cluster(through)):
        return "--function names a deployed function: name its platform by --through, or leave --function out"
    if through is not None and max_calls == 0:
        return "what costs no call is done here: --max-calls 0 goes without --through"
    if through is not None and not is_cluster(through) and rate is not None:
        return "a function has its own rate: give it IMAGELABELS_RATE, and leave --rate out"
    return None


def is_cluster(through: str | None) -> TypeGuard[str]:
    return through is not None and through.startswith("dask://")


def platform_of(through: str | None) -> str:
    """Return the name of the function platform; an empty text if no function does the work."""
    return "" if through is None or is_cluster(through) else through


def here(labeling: LabelingHere) -> Run:
    """Return what opens the runner that works in threads of this process."""
    return lambda job: Threads[Worked](job.act, labeling.records, labeling.at_once)


def by_function(scheme: str, name: str, function: str | None, labeling: LabelingHere, connect: Connect) -> Way:
    """Open the way through a function; None is the one with the usual name. Misconfigured if it cannot be invoked, or
    is none of ours."""
    platform, invoker = connect(scheme, name)
    tools, named = labeling.labeler.tools, function or FUNCTION
    check(invoker, named, platform.event([]), tools)
    return Way(lambda job: ThroughFunction(invoker, named, platform.event, job, tools, labeling.records))


def by_cluster(
    address: str, scheme: str, labeling: LabelingHere, rate: int | None, run: str, most_calls: int | None
) -> Way:
    """Open the way over a cluster. Misconfigured if what it needs is not installed, or if no scheduler answers."""
    try:
        from imagelabels.cluster import runner, slices
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("distributed", "dask"):
            raise
        raise Misconfigured("a cluster needs Dask: pip install 'imagelabels[cluster]'") from None
    labeler, client = labeling.labeler, runner.connected(address)
    settings = slices.shared({**os.environ, "IMAGELABELS_INDEX": labeling.index_url})
    detector = labeler.detector.setting

    def opened(job: Backfill) -> RemoteRunner:
        plan = slices.Plan(settings, scheme, labeling.at_once, rate, detector, run, most_calls, job.event)
        return runner.OnCluster(client, address, job, plan, labeler.tools.clock)

    return Way(opened)
