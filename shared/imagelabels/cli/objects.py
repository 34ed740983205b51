"""What commands that work on stored objects have in common: where, with which function, how far, and what failed."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from imagelabels import clouds
from imagelabels.cli.files import ref_of
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.tally import DetectorSpending
from imagelabels.ports import LabelIndex
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.walk import Place, each, everything
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped

R = TypeVar("R")

PATIENCE = 60.0
"""Seconds for one object: a lock that a dead worker left is waited for, which lasts half as long."""

OFTEN = 1000
"""Objects between two lines of progress."""


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
    own_files: frozenset[str] = frozenset()
    """The URIs of the files that the index itself is kept in: they are no pictures, and change while we look."""


Open = Callable[[Place], Site]


def opened(place: Place) -> Site:
    """By the settings in the environment; Misconfigured names the one that is missing or wrong."""
    from imagelabels import wiring_commands

    index = wiring_commands.label_index(None)  # first: unlike a ledger, it makes no new file where a name is mistyped
    tools, executor = wiring_commands.workplace(place.store)
    own_files = frozenset(ref_of(path).uri for path in wiring_commands.own_files())
    return Site(tools, index, executor, partial(wiring_commands.spending, None), own_files)


def deadline() -> float:
    """Of work on one object that begins now, on time.monotonic()."""
    return time.monotonic() + PATIENCE


@dataclass(slots=True)
class Walk:
    """All objects of a place, done one by one: says on stderr how far it is and what failed, and counts both."""

    site: Site
    place: Place
    objects: int = 0
    failed: Counter[str] = field(default_factory=Counter)

    def over(self, act: Callable[[ObjectRef], R], refs: Iterator[ObjectRef] | None = None) -> Iterator[R]:
        """What `act` gave for each object that it did not fail for; for each of `refs`, where they are given."""
        if refs is None:
            found = everything(self.site.tools.objects, self.site.index, self.place)
            refs = (ref for ref in found if ref.uri not in self.site.own_files)
        for ref, done in each(act, refs, self.site.executor):
            self.objects += 1
            if self.objects % OFTEN == 0:
                print(f"{self.objects} objects so far", file=sys.stderr)
            if isinstance(done, LabelingError):
                self.failed[done.reason] += 1
                say(f"{escaped(ref.uri)}: {escaped(f'{done.reason}: {done}')}")
            else:
                yield done

    def status(self) -> int:
        """0 all done; 1 some failed, and the same command goes on with them."""
        if self.failed:
            print(f"{self.failed.total()} objects failed: run it again to go on with them", file=sys.stderr)
        return 1 if self.failed else 0
