"""A small part of `make explore`, with fixed numbers of states, and what the explorer itself must be able to do."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.explorer.__main__ import main
from tests.explorer.removed import REMOVED
from tests.explorer.scenarios import SCENARIOS, scenario, with_faults
from tests.explorer.search import Search
from tests.faults import HERE, ROOMS

WHOLE = (
    ("put", "late"),
    ("put", "twice"),
    ("delete", "late"),
    ("copies", "late"),
    ("overwrite", ""),
    ("overwrite-kept", "forbid"),
    ("tags", ""),
    ("tags-kept", ""),
    ("carried", "slow"),
    ("batch", ""),
    ("refused", ""),
    ("refused-twice", "late"),
    ("late", "forbid"),
    ("orphan", ""),
    ("undo", "late"),
    ("undo-overwrite", ""),
    ("relabel", ""),
    ("correct", "twice"),
    ("correct-setting", ""),
    ("correct-overwrite", ""),
    ("failing", ""),
    ("budget", "lost"),
)
"""Scenarios and faults of which every state is visited."""

SAMPLED = (
    ("overwrite", "crash sleep lost fail late twice"),
    ("tags-overwrite", "crash slow lost fail late"),
    ("gone-second", "crash sleep late"),
    ("aba-second", "crash"),
    ("version", "crash late"),
    ("failing-twice", "crash"),
    ("failing-overwrite", "crash late"),
)

NOTICED_SOON = (
    "merge",
    "fresh_tags",
    "store_at_once",
    "own_lock",
    "head_before_write",
    "take_over_in_one_step",
    "failures_counted",
)
"""Safeguards whose absence shows within a few thousand states."""


@pytest.mark.story
@pytest.mark.parametrize(("name", "faults"), WHOLE, ids=map(" ".join, WHOLE))
def test_no_order_of_calls_and_faults_breaks_a_promise(name: str, faults: str) -> None:
    found = Search(scenario(name), with_faults(faults)).run(bound=25_000)
    assert (found.exhausted, found.violations) == (True, {})
    assert found.rests > 0


@pytest.mark.story
@pytest.mark.parametrize(("name", "faults"), SAMPLED, ids=map(" ".join, SAMPLED))
def test_no_order_at_random_breaks_a_promise(name: str, faults: str) -> None:
    found = Search(scenario(name), with_faults(faults), redelivers=False).run(bound=5000, walks=25)
    assert (found.exhausted, found.violations) == (False, {})
    assert found.rests > 0


@pytest.mark.story
@pytest.mark.parametrize("name", NOTICED_SOON)
def test_the_explorer_tells_when_a_safeguard_is_missing_and_how_it_comes(name: str) -> None:
    command = [sys.executable, "-m", "tests.explorer", "--without", name]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    first, *moves = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert first.startswith(f"caught {name}: ")
    assert f" {len(moves)} moves: " in first
    assert moves[0].startswith("    user: ")


def test_every_safeguard_that_is_taken_out_is_one_that_is_planted_and_has_its_scenario() -> None:
    planted = {fault.name for room in ROOMS for fault in room.FAULTS}
    assert {removed.name for removed in REMOVED} <= planted
    assert {removed.scenario for removed in REMOVED} <= {each.name for each in SCENARIOS}
    assert len({each.name for each in SCENARIOS}) == len(SCENARIOS)


def test_a_scenario_has_the_same_states_each_time_it_is_explored() -> None:
    first, second = (Search(scenario("put"), with_faults("")).run(bound=1000) for _ in range(2))
    assert (first.states, first.moves, first.rests) == (second.states, second.moves, second.rests)


def test_walks_at_random_are_the_same_each_time() -> None:
    first, second = (Search(scenario("put"), with_faults("crash")).run(bound=100, walks=3) for _ in range(2))
    assert (first.states, first.moves) == (second.states, second.moves)


def test_the_command_shows_each_setting_of_a_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["undo", "--bound", "400", "--walks", "1"]) == 0
    header, tells, first, *_, last = capsys.readouterr().out.splitlines()
    assert header.split() == ["scenario", "states", "moves", "rests", "runs", "broken", "seconds", "complete"]
    assert first.index("yes") == header.index("complete")
    assert tells == "undo: a person undoes while the event is delivered"
    assert (first.split()[:2], first.split()[-2:]) == (["no", "fault"], ["0", "yes"])
    assert last.startswith("all ")


def test_the_command_refuses_names_that_nothing_has(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nothing"]) == 2
    assert main(["--without", "nothing"]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("no scenario is called nothing; these exist: put ")
    assert second.startswith("no safeguard is called nothing; these exist: lock ")


def test_a_name_that_no_scenario_has_is_told_with_the_names_that_exist() -> None:
    with pytest.raises(ValueError, match="no scenario is called nothing; these exist: put cold "):
        scenario("nothing")
    with pytest.raises(ValueError, match="the faults are crash slow "):
        with_faults("crash flood")
