"""`imagelabels detect --index`: puts pictures in folders of this machine into an index that can be searched."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imagelabels.cli.progress import Progress, in_order, on_ctrl_c
from imagelabels.domain.errors import LabelingError, Misconfigured
from imagelabels.domain.model import ObjectRef, Outcome
from imagelabels.local_files import files
from imagelabels.usecases.local import Examined, examine, forget_missing, write
from imagelabels.usecases.walk import Place
from imagelabels.views.answers import Refused
from imagelabels.views.forms import one_line
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped, number_of

if TYPE_CHECKING:  # it loads the settings' library, which nobody needs who asks for help
    from imagelabels.wiring_commands import LocalFolder

BATCH = 256
"""Files whose rows are written at once: what a power cut loses at most."""

OFTEN = 10.0
"""Seconds after which the rows of a smaller batch are written."""


@dataclass(slots=True)
class FileTally:
    """What became of the files."""

    states: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    removed: int = 0

    def add(self, outcome: Outcome) -> None:
        self.states[outcome.state] += 1
        if outcome.state == "skipped" and outcome.reason is not None:
            self.skipped[outcome.reason] += 1
        if outcome.state == "waiting" and outcome.reason is not None:
            self.failed[outcome.reason] += 1


def ref_of(path: str) -> ObjectRef:
    """A file as an object: file:// and its absolute path."""
    return ObjectRef("file", "", os.path.abspath(path).lstrip("/"))


def index_files(paths: Sequence[str], url: str, folder: LocalFolder, workers: int, output_format: str | None) -> int:
    """Index the files. Return 0 if every file has its row, 1 if some could not be read, and 130 after Ctrl-C, which
    keeps what was done by then."""
    ours = {ref_of(path).key for path in folder.own_files}
    todo = [key for key in dict.fromkeys(ref_of(path).key for path in files(paths)) if key not in ours]
    tally, bar = FileTally(), Progress(len(todo))

    def look(key: str) -> Examined | Refused:
        try:
            return examine(folder.labeler, ObjectRef("file", "", key))
        except Misconfigured:
            raise
        except LabelingError as error:
            return Refused(f"/{key}", error.reason, str(error))

    with on_ctrl_c() as stop:
        for batch in _batches(in_order(look, todo, workers, stop), bar, tally):
            for outcome in write(folder.labeler, folder.ledger, batch):
                tally.add(outcome)
        bar.wipe()
        if not stop.asked:
            _forget(paths, folder, set(todo), tally)
    _print(tally, bar.done, len(todo), url, output_format)
    if stop.asked:
        print(
            f"stopped after {bar.done} of {number_of(len(todo), 'file')}: the same command goes on with the rest",
            file=sys.stderr,
        )
        return 130
    return 1 if tally.failed else 0


def _batches(answers: Iterator[Examined | Refused], bar: Progress, tally: FileTally) -> Iterator[list[Examined]]:
    """Files whose rows are written together; those that cannot be looked at are told and counted."""
    batch: list[Examined] = []
    began = time.monotonic()
    try:
        for one in answers:
            if isinstance(one, Refused):
                tally.failed[one.reason] += 1
                bar.wipe()
                say(one.line)
            else:
                batch.append(one)
            bar.step()
            if len(batch) >= BATCH or time.monotonic() - began > OFTEN:
                yield batch
                batch, began = [], time.monotonic()
    finally:
        bar.wipe()
    if batch:
        yield batch


def _forget(paths: Sequence[str], folder: LocalFolder, there: set[str], tally: FileTally) -> None:
    for path in paths:
        if os.path.isdir(path):
            place = Place("file", "", f"{ref_of(path).key}/".lstrip("/"))
            if not any(key.startswith(place.prefix) for key in there):
                # A disk may not be mounted there: the rows, and what people said in them, are not dropped.
                say(f"there is no file in {escaped(path)}: rows that the index has of it stay")
                continue
            tally.removed += forget_missing(folder.labeler, folder.ledger, folder.index, place, there)


def _print(tally: FileTally, done: int, total: int, url: str, output_format: str | None) -> None:
    if output_format == "json":
        told = {"index": url, "files": total, "done": done} | {
            state: tally.states[state] for state in ("labelled", "unchanged")
        }
        print(one_line(told | {"skipped": tally.skipped, "failed": tally.failed, "removed": tally.removed}))
        return
    said = [f"{tally.states[state]} {state}" for state in ("labelled", "unchanged") if tally.states[state]]
    for state, reasons in (("skipped", tally.skipped), ("not done", tally.failed)):
        if reasons:
            each = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
            said.append(f"{reasons.total()} {state} ({each})")
    if tally.removed:
        verb = "was" if tally.removed == 1 else "were"
        said.append(f"{number_of(tally.removed, 'row')} of files that are gone {verb} removed")
    say(f"{escaped(url)}: {done} of {number_of(total, 'file')}: {', '.join(said) or 'nothing to do'}", sys.stdout)
