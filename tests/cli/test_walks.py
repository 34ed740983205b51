"""`relabel`, `undo` and `reconcile` are stopped midway, and the same command goes on where it was."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from imagelabels.cli.commands import reconcile, relabel, undo
from imagelabels.domain.policy import Policy
from imagelabels.domain.query import Query
from tests.fakes import Killed
from tests.site import Commands, Leaving, at_a_terminal, commands

OBJECTS = 60


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Commands]:
    with commands(tmp_path, capsys) as ready:
        for number in range(OBJECTS):
            ready.put(f"a/{number:02}.jpg", "cat" if number % 2 else "dog")
        yield ready


def _interrupted(run: Commands, call: str, times: int, then: Any) -> None:
    """Let something happen before the call is made for the so-many-th time."""
    opened = run.site
    turns = iter(range(10**6))

    def step() -> None:
        if next(turns) == times:
            then()

    def site(place: Any) -> Any:
        made = opened(place)
        assert run.worker is not None
        run.worker.wire.before[call] = [step] * 1000
        return made

    run.site = site  # type: ignore[method-assign]


def _again(run: Commands) -> None:
    del run.site
    run.world.wait(120)


def _ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize(
    ("command", "words", "call", "policy"),
    [
        (undo, ["--yes"], "ledger.lock", None),
        (relabel, ["--yes"], "ledger.lock", Policy(threshold=0.95)),
        (reconcile, [], "objects.head", None),
    ],
    ids=["undo", "relabel", "reconcile"],
)
def test_a_stopped_command_would_begin_anew_or_count_wrong(
    run: Commands, command: ModuleType, words: list[str], call: str, policy: Policy | None
) -> None:
    if policy is not None:
        run.labeler = {"policy": policy}
    _interrupted(run, call, 20, _ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        run(command, "oss://photos/a/", *words)
    assert "the same command goes on from there" in (err := run._capsys.readouterr().err), err
    _again(run)
    assert run(command, "oss://photos/a/", *words, "--format", "json") == 0
    assert "going on with a run that did not end behind a/" in run.err
    told = json.loads(run.out.splitlines()[-1])
    counts = {"undo": ("undone", OBJECTS), "relabel": ("written", OBJECTS), "reconcile": ("objects", OBJECTS)}
    name, number = counts[command.__name__.rpartition(".")[2]]
    assert told[name] == number
    assert run(command, "oss://photos/a/", *words) == 0
    assert "going on" not in run.err


@pytest.mark.parametrize(("command", "policy"), [(undo, Policy()), (relabel, Policy(threshold=0.95))])
def test_ctrl_c_at_the_question_would_be_taken_for_a_yes_by_the_next_run(
    run: Commands, command: ModuleType, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.labeler = {"policy": policy}
    before = [dict(there.tags) for there in run.world.objects.there.values()]
    at_a_terminal("", monkeypatch)
    monkeypatch.setattr(sys, "stdin", Leaving())
    with pytest.raises(KeyboardInterrupt):
        run(command, "oss://photos/a/")
    at_a_terminal("n\n", monkeypatch)
    assert run(command, "oss://photos/a/") == 1
    assert [there.tags for there in run.world.objects.there.values()] == before


def test_a_killed_undo_would_leave_something_behind(run: Commands) -> None:
    def die() -> None:
        assert run.worker is not None
        run.worker.wire.dead = True
        raise Killed

    _interrupted(run, "objects.put_tags", 7, die)
    with pytest.raises(Killed):
        run(undo, "oss://photos/a/", "--yes")
    _again(run)
    assert run(undo, "oss://photos/a/", "--yes") == 0
    assert all(not there.tags for there in run.world.objects.there.values())
    assert run.index.search(Query(bucket="oss://photos")).records == ()


def test_another_policy_would_go_on_in_the_middle(run: Commands) -> None:
    run.labeler = {"policy": Policy(threshold=0.95)}
    _interrupted(run, "ledger.lock", 20, _ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        run(relabel, "oss://photos/a/", "--yes")
    _again(run)
    run.labeler = {"policy": Policy(threshold=0.96)}
    assert run(relabel, "oss://photos/a/", "--yes") == 0
    assert "going on" not in run.err
    assert f"{OBJECTS} pictures: " in run.out
