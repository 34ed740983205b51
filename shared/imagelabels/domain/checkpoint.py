"""A checkpoint says how far a walk over many objects has come, so that the next run goes on there."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

SCHEMA = 1
"""A checkpoint of a newer schema is refused. The format grows only by optional fields under one number."""

LONGEST = 1_000_000
"""A checkpoint has fewer characters; a longer file is none, and is not read."""


@dataclass(frozen=True, slots=True)
class Task:
    """This is what a walk does. A run goes on with a checkpoint only if the task is the same."""

    command: str
    place: str
    """The beginning of the URIs of its objects."""
    source: str
    """`list`, or the inventory that names the objects, with its checksum."""
    index: str
    detector: str
    """The detector's setting."""
    policy: str = ""
    """The digest of the policy. A walk may go on with another one."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Every object up to `position` is done."""

    run: str
    """An id that no other run has."""
    task: Task
    begun: float
    """Seconds since the epoch, on this machine's clock, at which the run began."""
    position: str = ""
    """The last position of the source up to which all objects are done."""
    number: int = 1
    """The number of the pass: a bucket that grew meanwhile is walked again."""
    pass_begun: float | None = None
    """Seconds since the epoch, on the store's clock, at which the pass began; None if that is not known yet."""
    since: float | None = None
    """The pass before this one began at that moment; None for the first pass."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Closed lists of names only, so that a checkpoint does not grow with the bucket."""
    report: str = ""
    """The path of the report; empty if there is none."""
    report_bytes: int = 0
    """So much of the report belongs to the objects that are done."""
    finished: bool = False
    total: int = 0
    """There are so many objects; 0 if nobody knows."""
    agreed: bool = False
    """A person has seen what the run will do, and has said yes to it."""

    @property
    def is_untouched(self) -> bool:
        """No object is done yet, so nothing is lost if a run begins anew."""
        return not self.position and not self.counts and self.number == 1 and self.report_bytes == 0


def text(checkpoint: Checkpoint) -> str:
    """Return the checkpoint as one JSON object."""
    return json.dumps({"schema": SCHEMA} | asdict(checkpoint), ensure_ascii=True, indent=1) + "\n"


def read(said: str) -> Checkpoint:
    """Read a checkpoint. ValueError says in a sentence what is wrong with it."""
    try:
        form = json.loads(said)
        schema = form.pop("schema")
        if not isinstance(schema, int):
            raise ValueError
        if schema > SCHEMA:
            raise NewerError("it was written by a newer version of imagelabels: use that one")
        form = {name: value for name, value in form.items() if name in Checkpoint.__dataclass_fields__}
        found = Checkpoint(**form | {"task": Task(**form["task"]), "counts": form["counts"] | {}})
        _check(found)
    except NewerError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ValueError("it is damaged, or no checkpoint") from None
    return found


class NewerError(ValueError):
    """A newer version wrote the checkpoint."""


def _check(found: Checkpoint) -> None:
    """Raise ValueError if a field has a value that no walk writes, such as one that a person has edited."""
    _check_types(found)
    times = [time for time in (found.begun, found.pass_begun, found.since) if time is not None]
    if not all(math.isfinite(time) for time in times) or found.number < 1:
        raise ValueError
    if found.since is not None and found.pass_begun is not None and found.since > found.pass_begun:
        raise ValueError
    if not all(map(_NAME.fullmatch, (found.run, *found.counts))):
        raise ValueError
    if found.position and not _is_position(found.position, found.task):
        raise ValueError


_NAME = re.compile("[ -~]{1,100}")
"""Runs and counts are called so: they are printed, and stand in ids."""
_IN_INVENTORY = re.compile("[0-9]{1,9}:[0-9]{1,15}")
"""A position in an inventory is a data file and a row of it."""
_LONGEST_KEY = 4096
"""A path of a file has so many bytes at most, and a key fewer."""


def _is_position(position: str, task: Task) -> bool:
    """Return whether a walk over the source can have come to the position: a row of an inventory, or a key of the
    place. UnicodeEncodeError, which is a ValueError, says that no key is like it."""
    if not task.source.startswith("list"):
        return _IN_INVENTORY.fullmatch(position) is not None
    prefix = task.place.partition("://")[2].partition("/")[2]
    return position.startswith(prefix) and len(position.encode("utf-8", "surrogateescape")) <= _LONGEST_KEY


def _check_types(found: Checkpoint) -> None:
    """Raise ValueError if a field has a value of another type."""
    texts = [found.run, found.position, found.report, *asdict(found.task).values()]
    numbers = [found.begun, found.number, found.report_bytes, *found.counts.values()]
    times = [time for time in (found.pass_begun, found.since) if time is not None]
    whole = [found.number, found.report_bytes, found.total, *found.counts.values()]
    if not all(isinstance(value, str) for value in texts) or not all(isinstance(value, int) for value in whole):
        raise ValueError
    if not all(isinstance(value, (int, float)) for value in (*numbers, *times)) or min(whole) < 0:
        raise ValueError
    if not isinstance(found.finished, bool) or not isinstance(found.agreed, bool):
        raise ValueError


def refusal(saved: Task, now: Task) -> str | None:
    """Return in words why a walk may not go on with the checkpoint of another one; None if it may."""
    words: dict[str, Any] = {
        "command": "the command {}",
        "place": "the place {}",
        "source": "the source {}",
        "index": "the index {}",
        "detector": "the detector setting {}",
    }
    for name, said in words.items():
        if getattr(saved, name) != getattr(now, name):
            return f"it belongs to {said.format(getattr(saved, name))}, and this is {getattr(now, name)}"
    return None


def begin_pass(checkpoint: Checkpoint, now: float) -> Checkpoint:
    """Return the checkpoint of a pass that begins now on the store's clock, which tells whole seconds.

    The later of two readings may therefore be up to a second less, but no pass begins before the one before it.
    """
    begun = now if checkpoint.since is None else max(now, checkpoint.since)
    return replace(checkpoint, pass_begun=begun)


def next_pass(checkpoint: Checkpoint, since: float | None) -> Checkpoint:
    """Return the checkpoint with which the source is walked once more, from its beginning."""
    return replace(checkpoint, number=checkpoint.number + 1, position="", since=since, pass_begun=None)
