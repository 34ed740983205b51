"""This module proves a deployment: it uploads one picture, waits for its labels, and removes the picture again."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from imagelabels import clouds, wiring
from imagelabels import settings as all_settings
from imagelabels.deploy.progress import CallFailed, Say, failing
from imagelabels.domain.errors import LabelingError, Misconfigured
from imagelabels.domain.model import ImageRecord, ObjectRef, Tags
from imagelabels.domain.outcomes import State
from imagelabels.ports import ObjectStore, Rows
from imagelabels.ports.buckets import Buckets
from imagelabels.views.printing import escaped, label_text, state_text

PAUSE = 2.0
WAITS = 90
"""The object is looked at this often, PAUSE seconds apart. A cold start and a first event take some seconds."""
ROW_WAITS = 3
"""The row is written after the tags. Where it does not follow within this many looks, the tags are the proof."""

NAME = "imagelabels-proof-"
ENDINGS = (".jpg", ".jpeg")


@dataclass(slots=True)
class Bench:
    """What a proof works with. Without `rows` only the tags show that the function has worked."""

    buckets: Buckets
    objects: ObjectStore
    rows: Rows | None
    say: Say
    sleep: Callable[[float], None] = field(default=time.sleep)
    now: Callable[[], float] = field(default=time.monotonic)


def picture() -> bytes:
    """Return the picture: Chelsea the cat, by Stéfan van der Walt (CC0), reduced to 320 by 213 pixels."""
    return files(__package__).joinpath("proof.jpg").read_bytes()


def key(prefix: str, suffix: str) -> str | None:
    """Return a new key that the trigger reports; None if its suffix is none of a JPEG's."""
    begin = f"{prefix}{NAME}{secrets.token_hex(8)}"
    names = [f"{begin}.jpg", f"{begin}{suffix}"]
    fitting = [name for name in names if name.endswith(suffix) and name.lower().endswith(ENDINGS)]
    return fitting[0] if fitting else None


def without_picture(suffix: str) -> str:
    """Say why there is no proof for a suffix."""
    return (
        f"proof: left out, since the picture is a JPEG, and only keys that end in {escaped(suffix)} are labelled:"
        " upload one of yours"
    )


def session_of(scheme: str, environ: Mapping[str, str]) -> Any:
    """Open the session of a store, with the settings and keys in `environ`. It must have `buckets()` too."""
    provider = clouds.provider_of(scheme)
    if provider.connect is None:
        raise Misconfigured(f"nothing can look at {scheme}://")
    session = provider.connect(all_settings.of(provider, environ))
    session.refresh(None, environ)
    return session


def opened(scheme: str, index: str, environ: Mapping[str, str], say: Say) -> Bench:
    """Open the store of a scheme and the index, with the settings and keys in `environ`."""
    session = session_of(scheme, environ)
    rows: Rows | None = None
    try:
        rows = wiring.index(index, environ).ledger()
    except LabelingError as error:
        say(f"    the index cannot be read, so only the tags are looked at: {escaped(str(error))}")
    return Bench(session.buckets(), session.objects(lambda _: None), rows, say)


def prove(bench: Bench, ref: ObjectRef, look_at: str) -> None:
    """Upload the picture, print its labels, and remove it, whatever happens.

    CallFailed says why there are no labels; `look_at` names what to look at where nothing at all was written.
    """
    began = bench.now()
    with _uploaded(bench, ref):
        labels = _labels(bench, ref, look_at)
        bench.say(f"proof: labelled after {bench.now() - began:.0f} s: {labels}")


@contextmanager
def _uploaded(bench: Bench, ref: ObjectRef) -> Iterator[None]:
    stored = ref
    try:
        with failing(ref.uri):
            stored = bench.buckets.put(ref, picture())
        bench.say(f"proof: {escaped(ref.uri)} is uploaded, and waits for its labels")
        yield
    finally:
        # After Ctrl-C nobody knows whether the upload has come through.
        try:
            with failing(ref.uri):
                bench.buckets.delete(stored)
        except CallFailed as error:
            bench.say(f"    {escaped(ref.uri)} could not be removed ({escaped(str(error))}): remove it yourself")
        except BaseException:
            # A second Ctrl-C stops the removal itself.
            bench.say(f"    {escaped(ref.uri)} may still be there: remove it yourself")
            raise


def _labels(bench: Bench, ref: ObjectRef, look_at: str) -> str:
    """Wait for the labels, and return them in words."""
    tags: Tags = {}
    waiting, tagged = "", 0
    for _ in range(WAITS):
        record, reason = _row(bench, ref)
        if record is not None:
            return _of_record(record)
        waiting = reason or waiting
        tags = tags or _tags(bench.objects, ref)
        tagged += bool(tags)
        if tags and (bench.rows is None or tagged > ROW_WAITS):
            # The picture came without tags, so these are ours.
            return ", ".join(escaped(name) for name in sorted(tags))
        bench.sleep(PAUSE)
    seen = f"its last delivery ended with {waiting}" if waiting else "neither a tag nor a row was written"
    raise CallFailed("no labels", f"within {WAITS * PAUSE:g} s {seen}: look at {look_at}")


def _row(bench: Bench, ref: ObjectRef) -> tuple[ImageRecord | None, str]:
    """Return the row of the picture and the reason that a delivery left behind. An index that cannot be read is given
    up."""
    if bench.rows is None:
        return None, ""
    try:
        row = bench.rows.row(ref)
    except LabelingError as error:
        bench.say(f"    the index cannot be read, so only the tags are looked at: {escaped(str(error))}")
        bench.rows = None
        return None, ""
    if row is None or row.record is None or row.record.state == State.WAITING:
        return None, row.waiting or "" if row is not None else ""
    return row.record, ""


def _of_record(record: ImageRecord) -> str:
    if record.state != State.LABELLED:
        state = state_text(record.state, record.reason, record.notes)
        raise CallFailed("no labels", f"the function has worked, and the picture is {state} (docs/operate.md)")
    names = [label_text(label.name, label.confidence) for label in record.labels]
    return ", ".join(names) or "no label is sure enough"


def _tags(objects: ObjectStore, ref: ObjectRef) -> Tags:
    try:
        with failing():
            return objects.tags(ref)
    except CallFailed as error:
        # What is over in a moment is asked for again.
        if error.code in ("forbidden", "not there"):
            raise
        return {}
