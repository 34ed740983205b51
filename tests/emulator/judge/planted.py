"""Faults that are planted in the emulated object stores, each of which the judge must find. `make judge` runs them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from emulator.objectstore import conditions, multipart, ranges, versioning, writing
from emulator.objectstore.store import ObjectStore
from emulator.objectstore.upload_store import UploadStore
from tests.emulator.judge.machine import machine
from tests.emulator.judge.test_judged import judged_cos, judged_oss
from tests.emulator.running import running_cos, running_oss

pytestmark = pytest.mark.story

SEARCH = settings(
    max_examples=300,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def changed(owner: Any, name: str, change: Callable[[Any], Any]) -> Any:
    """Return a patch under which the function's result is changed."""
    function = getattr(owner, name)
    return patch.object(owner, name, lambda *args, **options: change(function(*args, **options)))


def part_too_long(span: tuple[int, int] | None) -> tuple[int, int] | None:
    return None if span is None or span[1] < 3 else (span[0], span[1] - 1)


def merged(store: ObjectStore, bucket: str, key: str, tags: dict[str, str], version: str = "") -> bool:
    old = store.version(bucket, key, version)
    return SET_TAGS(store, bucket, key, (old.tags if old else {}) | tags, version)


def newest_removed(store: ObjectStore, bucket: str, key: str, version: str = "", at: float = 0.0) -> Any:
    return DELETE(store, bucket, key, "" if not version else (store.version(bucket, key) or OTHER).version, at)


def oldest_first(store: ObjectStore, *arguments: Any) -> Any:
    return SCAN_VERSIONS(store, *arguments)[::-1]


SET_TAGS, DELETE, SCAN_VERSIONS = ObjectStore.set_tags, ObjectStore.delete, ObjectStore.scan_versions
OTHER: Any = None

FAULTS: dict[str, Callable[[], Any]] = {
    "the digest of a completed upload leaves out a part": lambda: changed(multipart, "_digest", lambda md5: md5[::-1]),
    "a part with a wrong ETag is taken": lambda: patch.object(multipart, "_named", lambda parts, names: list(parts)),
    "a range ends one byte too early": lambda: changed(ranges, "read", part_too_long),
    "a page lacks its last object": lambda: changed(ObjectStore, "scan", lambda rows: rows[:-1]),
    "a condition is not checked": lambda: patch.object(conditions, "check", lambda *arguments: True),
    "a copy loses its content type": lambda: changed(
        writing, "source", lambda stored: replace(stored, headers={"content-type": "x/y"})
    ),
    "new tags are put beside the old ones": lambda: patch.object(ObjectStore, "set_tags", merged),
    "another version is removed than the one that is named": lambda: patch.object(
        ObjectStore, "delete", newest_removed
    ),
    "versions are listed from the oldest": lambda: patch.object(ObjectStore, "scan_versions", oldest_first),
    "an aborted upload stays in the list": lambda: patch.object(UploadStore, "abort", lambda *arguments: None),
    "a version is not named": lambda: patch.object(versioning, "header", lambda *arguments: {}),
}


@pytest.mark.parametrize(("fault", "cloud"), list(zip(FAULTS, itertools.cycle(["oss", "cos"]))))
def test_a_planted_fault_is_found(fault: str, cloud: str) -> None:
    names = (f"run-{number}" for number in itertools.count())
    running: Any = running_oss if cloud == "oss" else running_cos
    judged: Any = judged_oss if cloud == "oss" else judged_cos
    with TemporaryDirectory() as folder, running(Path(folder)) as server, FAULTS[fault]():
        steps = machine(cloud, lambda stack: judged(server, stack, next(names)))
        with pytest.raises(Exception):  # noqa: B017, PT011 (several failures come as a group, a class that 3.10 lacks)
            run_state_machine_as_test(steps, settings=SEARCH)
