"""What commands that work on stored objects have in common: the settings that they need, and what these open."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

from imagelabels import clouds
from imagelabels.cli.files import ref_of
from imagelabels.domain.tally import DetectorSpending
from imagelabels.ports import LabelIndex
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.walk import Place

PATIENCE = 60.0
"""Seconds for one object: a lock that a dead worker left is waited for, which lasts half as long."""


def settings_needed() -> str:
    """What the environment must hold for a command that works on stored objects; for its help."""
    needs = [
        f"for {store.scheme}:// {' and '.join(filter(None, (', '.join(store.needs[:-1]), store.needs[-1])))}"
        for store in clouds.stores()
        if store.buckets
    ]
    files = clouds.files_store()
    return (
        f"It needs the function's own settings in the environment (IMAGELABELS_...), and {', '.join(needs)}. "
        f"For {files.scheme}:/// only {files.needs[0]}={clouds.index_examples(of_files=True)} is needed."
    )


@dataclass(frozen=True, slots=True)
class Site:
    """What a command works with, on a prefix's cloud."""

    tools: Tools
    index: LabelIndex
    executor: Executor
    spending: Callable[[float], list[DetectorSpending]] = lambda now: []
    """It tells what was spent on each detector, at the present time of the store."""
    index_url: str = ""
    own_files: frozenset[str] = frozenset()
    """The URIs of the files that the index itself is kept in: they are no pictures, and change while we look."""


Open = Callable[[Place], Site]


def opened(place: Place) -> Site:
    """By the settings in the environment; Misconfigured names the one that is missing or wrong."""
    from imagelabels import wiring_commands

    index = wiring_commands.label_index(None)  # first: unlike a ledger, it makes no new file where a name is mistyped
    tools, executor = wiring_commands.workplace(place.store)
    url = os.environ.get("IMAGELABELS_INDEX", "")
    own_files = frozenset(ref_of(path).uri for path in wiring_commands.own_files())
    return Site(tools, index, executor, partial(wiring_commands.spending, None), url, own_files)


def deadline() -> float:
    """Of work on one object that begins now, on time.monotonic()."""
    return time.monotonic() + PATIENCE
