"""The emulator is killed a few times amid writes. `make crash` does it 100 times."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.emulator.crash.killing import Killing
from tests.emulator.crash.state import State, Upload, Version

KILLS = 5
HELD = State({"a": (Version(b"new", "2", {"x": "1"}, "v2"), Version(b"old", "1", {}, "v1"))}, (Upload("b", {1: "e"}),))


@pytest.mark.story
def test_an_acknowledged_write_would_be_lost_or_another_be_torn_by_kill_9(tmp_path: Path) -> None:
    killing = Killing(tmp_path / "data", seed=1)
    assert len(list(killing.run(KILLS))) == KILLS
    assert killing.writes >= KILLS
    assert killing.leftovers < 20


@pytest.mark.parametrize(
    "seen",
    [
        State({}, HELD.uploads),
        HELD.having("a", HELD.of("a")[1:]),
        HELD.having("a", [replace(HELD.of("a")[0], body=b"ne"), HELD.of("a")[1]]),
        HELD.having("a", [replace(HELD.of("a")[0], etag="1"), HELD.of("a")[1]]),
        HELD.having("a", [replace(HELD.of("a")[0], tags={}), HELD.of("a")[1]]),
        HELD.having("a", [replace(HELD.of("a")[0], id="v3"), HELD.of("a")[1]]),
        HELD.having("a", [Version(None), *HELD.of("a")]),
        HELD.having("c", [Version(b"stray")]),
        HELD.uploading(),
        HELD.uploading(Upload("b", {})),
        HELD.uploading(Upload("b", {1: "f"})),
    ],
)
def test_a_store_that_has_lost_or_torn_something_would_pass(seen: State) -> None:
    assert HELD.fits(HELD)
    assert not HELD.fits(seen)


def test_a_version_whose_id_was_never_told_would_be_taken_for_a_fault() -> None:
    unknown = HELD.having("a", [replace(HELD.of("a")[0], id="", etag=""), HELD.of("a")[1]])
    assert unknown.fits(HELD)
