"""Walks over stored objects as commands make them: with a line that tells how far they are, with Ctrl-C, and with a
checkpoint where they write."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Generic, NoReturn, TypeVar

from imagelabels.cli.journal import Journal, default_path
from imagelabels.cli.objects import Site
from imagelabels.cli.progress import Stop, on_ctrl_c
from imagelabels.cli.walk_line import WalkLine
from imagelabels.domain.checkpoint import Task
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ObjectRef
from imagelabels.usecases.acting import Acting
from imagelabels.usecases.threads import Threads
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.walk import Place
from imagelabels.usecases.walking import Source, Walking
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped

R = TypeVar("R")

AT_ONCE = 16
"""So many objects are kept ready for the threads, of which the settings say how many there are."""


@dataclass(slots=True)
class Walk(Generic[R]):
    """All objects of a source, each acted on by itself. It says on stderr how far it is and what failed."""

    site: Site
    source: Source
    act: Callable[[ObjectRef], R]
    take: Callable[[R], object]
    """It gets each result, in the order of the objects."""
    settled: Callable[[], object] = lambda: None
    """It is called before the position is saved."""
    counts: Counter[str] = field(default_factory=Counter)
    line: WalkLine = field(default_factory=WalkLine)
    """Whatever prints while the walk goes on wipes this line first."""

    @property
    def objects(self) -> int:
        return self.counts["objects"]

    @property
    def failed(self) -> Counter[str]:
        """Return how many objects failed, by reason."""
        return failures(self.counts)

    def over(self, journal: Journal | None = None) -> None:
        """Walk on from where the journal is, or over everything. Ctrl-C ends it between two objects."""
        if journal is not None:
            self.counts.update(journal.now.counts)
        line = self.line

        def take(result: R) -> None:
            self.take(result)
            line.step(self.counts)

        def fail(ref: ObjectRef, error: LabelingError) -> None:
            line.wipe()
            say(f"{escaped(ref.uri)}: {escaped(f'{error.reason}: {error}')}")

        def save(position: str) -> None:
            self.settled()
            if journal is not None:
                journal.save(position, self.counts)

        job = Acting(take, fail, self.counts, save)
        runner = Threads[R](lambda work: self.act(work.listed.ref), self.site.executor, AT_ONCE)
        with stoppable() as stop:
            walking = Walking(self.source, job, runner, self.site.tools.clock, lambda: stop.asked)
            try:
                is_done = walking.run("" if journal is None else journal.now.position)
            except LabelingError:
                line.wipe()
                say_stopped(journal)
                raise
            finally:
                line.wipe()
        self.settled()
        if not is_done:
            interrupted(journal)
        if journal is not None:
            journal.finish()

    def status(self) -> int:
        """0 all done; 1 some failed, and the same command goes on with them."""
        if self.failed:
            print(f"{self.failed.total()} objects failed: run it again to go on with them", file=sys.stderr)
        return 1 if self.failed else 0


def failures(counts: Counter[str]) -> Counter[str]:
    """Return how many objects failed, by reason."""
    begins = "failed:"
    return Counter({name.removeprefix(begins): n for name, n in counts.items() if name.startswith(begins)})


def journal_of(command: str, place: Place, site: Site, policy: str = "") -> Journal:
    """Return the journal of a command that has no options for it. A run by another policy begins anew."""
    task = Task(command, place.uri, "list", site.index_url, site.tools.detector.setting, policy)
    return Journal(default_path(task, os.environ), task, same_policy=True, needed=False)


def policy_digest(by: Tools) -> str:
    """Return a digest of all rules for all prefixes."""
    return by.policy.whole_digest(by.taxonomy.version)


def going_on(journal: Journal) -> None:
    """Say that an earlier run did not end, and where this one goes on; nothing if it did nothing but ask."""
    if journal.now.is_untouched:
        return
    place = f" behind {escaped(journal.now.position)}" if journal.now.position else ""
    say(
        f"going on with a run that did not end{place}: {journal.now.counts.get('objects', 0):,} objects are done. "
        f"Remove {escaped(str(journal.path))} to begin anew"
    )


@contextmanager
def stoppable(give_up: Callable[[], object] = lambda: None) -> Iterator[Stop]:
    """Within it the first Ctrl-C, or SIGTERM, asks the walk to end between two objects. The second one ends the process
    at once, after a call of `give_up`: what is under way in other threads is not waited for, and the next run looks
    after it."""
    with on_ctrl_c((signal.SIGTERM,)) as stop:
        try:
            yield stop
        except KeyboardInterrupt:
            if stop.asked:
                with suppress(Exception, KeyboardInterrupt):
                    give_up()
                # Python would wait for all threads of executors: https://docs.python.org/3/library/concurrent.futures.html
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(128 + signal.SIGINT)
            raise


def interrupted(journal: Journal | None) -> NoReturn:
    """End the command after Ctrl-C, and say how to go on."""
    say_stopped(journal)
    raise KeyboardInterrupt


def say_stopped(journal: Journal | None) -> None:
    """Say how much is done, and how to go on, where something was written that a journal remembers."""
    if journal is not None:
        say(f"stopped: {journal.now.counts.get('objects', 0):,} objects are done; the same command goes on from there")
