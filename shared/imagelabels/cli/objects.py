"""What commands that work on stored objects have in common: the settings that they need, and what these open."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import click

from imagelabels import clouds
from imagelabels.cli.arguments import index_option
from imagelabels.cli.files import ref_of
from imagelabels.domain.tally import DetectorSpending
from imagelabels.ports import LabelIndex
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.walk import Place

PATIENCE = 60.0
"""Seconds for one object: a lock that a dead worker left is waited for, which lasts half as long."""


def settings_needed() -> str:
    """Say in a command's help what the environment must hold for work on stored objects."""
    needs = [
        f"for {store.scheme}:// {' and '.join(filter(None, (', '.join(store.needs[:-1]), store.needs[-1])))}"
        for store in clouds.stores()
        if store.buckets
    ]
    files = clouds.files_store()
    return (
        f"It needs the function's own settings in the environment (IMAGELABELS_...), and {', '.join(needs)}. "
        f"For {files.scheme}:/// only the index is needed: --index or {files.needs[0]}, as "
        f"{clouds.index_examples(of_files=True)}."
    )


def rows_option() -> click.Option:
    """Return --index, by which a command works on another index than that of the settings."""
    return index_option("where the rows are")


@dataclass(frozen=True, slots=True)
class Site:
    """What a command works with, on a prefix's cloud."""

    tools: Tools
    index: LabelIndex
    executor: Executor
    spending: Callable[[float], list[DetectorSpending]] = lambda now: []
    """It tells what was spent on each detector, at the present time of the store."""
    index_url: str = ""
    """It means the same index in every working folder."""
    own_files: frozenset[str] = frozenset()
    """The URIs of the files that the index itself is kept in: they are no pictures, and change while we look."""


Open = Callable[[Place], Site]


def opened(place: Place, index: str | None = None) -> Site:
    """Open what a command works with, by the settings in the environment. `index` takes the place of
    IMAGELABELS_INDEX. Misconfigured names the setting that is missing or wrong."""
    from imagelabels import wiring_commands

    label_index = wiring_commands.label_index(index)  # first: unlike a ledger, it makes no file of a mistyped name
    tools, executor = wiring_commands.workplace(place.store, index)
    own_files = frozenset(ref_of(path).uri for path in wiring_commands.own_files(index))
    spending, url = partial(wiring_commands.spending, index), wiring_commands.index_url(index)
    return Site(tools, label_index, executor, spending, url, own_files)


def by_index(index: str | None) -> Open:
    """Return what opens a site over the index that was named by --index, or over that of the settings."""
    return partial(opened, index=index)


def deadline() -> float:
    """Return when work on one object that begins now must end, on time.monotonic()."""
    return time.monotonic() + PATIENCE
