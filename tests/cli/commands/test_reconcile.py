"""`imagelabels reconcile` over a bucket in memory, a real index and a function in memory."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from imagelabels.cli import walk_line
from imagelabels.cli.commands import reconcile
from imagelabels.cli.main import main
from imagelabels.domain.budget import Limits
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.policy import Policy
from imagelabels.providers import sqlite as sqlite_index
from tests.cli.functions import FunctionInMemory
from tests.site import Commands, at_a_terminal, commands
from tests.world import World

PLACE = "oss://photos/a/"


class Reconciling:
    """The command over a world, with a function that labels for it."""

    def __init__(self, site: Commands, index: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.index = index
        self.site, self.world = site, site.world
        self.function = FunctionInMemory(site.world)
        self._capsys = capsys
        self.out = self.err = ""

    def read(self) -> str:
        """Return what a command printed that ended with an error."""
        return self._capsys.readouterr().out

    def __call__(self, *arguments: str) -> int:
        parsed = reconcile.command().parsed(PLACE, *arguments)
        status = reconcile.run(parsed, self.site.site, self.function.connect)
        self.out, self.err = self._capsys.readouterr()
        return status


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Reconciling]:
    with commands(tmp_path, capsys) as site:
        for key, content in (("a/1.jpg", "cat"), ("a/2.jpg", "dog"), ("b/1.jpg", "cat")):
            site.put(key, content, tags={"trip": "x"})
        yield Reconciling(site, tmp_path / "labels.db", capsys)


def _ref(key: str) -> ObjectRef:
    return ObjectRef("oss", "photos", key)


def test_a_row_would_be_printed_into_the_line_that_tells_how_far_it_is(
    run: Reconciling, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        run.world.user_puts(_ref(f"a/new{number:02}.jpg"), f"car {number}")()
    screen = at_a_terminal("", monkeypatch)
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(walk_line, "OFTEN", 0.0)
    assert run() == 1
    drawn, *rows = screen.getvalue().split("no_row\t")
    assert len(rows) == 20
    assert all(before.endswith(("\r", "\n")) for before in (drawn, *rows[:-1]))


def test_where_all_agrees_nothing_is_listed_written_or_paid(run: Reconciling) -> None:
    assert run("--repair") == 0
    assert run.out == "2 objects, 0 do not agree, 0 repaired\n"
    assert run.world.detector.asked == ["cat", "dog"]
    assert not {"ledger.lock", "objects.put_tags", "ledger.claim"} & set(run.site.worker.wire.calls)  # type: ignore[union-attr]


def _object_without_a_row(run: Reconciling) -> None:
    run.world.user_puts(_ref("a/3.jpg"), "car")()


def _row_without_an_object(run: Reconciling) -> None:
    run.world.objects.delete(_ref("a/1.jpg"))


def _another_content(run: Reconciling) -> None:
    run.world.user_puts(_ref("a/1.jpg"), "car", tags={"trip": "x"})()


def _tag_taken_off(run: Reconciling) -> None:
    del run.world.tags(_ref("a/1.jpg"))["label:cat"]


def _stale_tag(run: Reconciling) -> None:
    run.world.objects.user_tag(_ref("a/1.jpg"), "label:car", "vehicle")


def _copy_whose_event_was_lost(run: Reconciling) -> None:
    run.world.user_puts(_ref("a/3.jpg"), "cat")()


def _parked(run: Reconciling) -> None:
    run.world.user_puts(_ref("a/3.jpg"), "car")()
    run.world.wait(2)
    worker = run.world.worker()
    worker.labeler = replace(worker.labeler, limits=Limits(total=0))
    worker.gets(_ref("a/3.jpg"))


def _noted_beside_a_row(run: Reconciling) -> None:
    run.world.worker().fails("objects.tags", Unavailable("store_error")).gets(_ref("a/1.jpg"))


def _died(run: Reconciling) -> None:
    run.world.worker().dies_before("objects.put_tags").gets(_ref("a/1.jpg"))
    run.world.user_puts(_ref("a/3.jpg"), "car")()
    run.world.worker().dies_before("detector.detect").gets(_ref("a/3.jpg"))
    run.world.wait(300)


def _spoil(run: Reconciling, statement: str) -> None:
    """Damage the row of a/1.jpg, as a failing disk or a hand in the file does."""
    with closing(sqlite3.connect(run.index)) as connection, connection:
        connection.execute(f"{statement} (SELECT id FROM images WHERE uri = ?)", (b"oss://photos/a/1.jpg",))


def _unreadable_record(run: Reconciling) -> None:
    _spoil(run, "UPDATE records SET record = '{\"labels\":[{}]}' WHERE image =")


def _unreadable_name(run: Reconciling) -> None:
    _spoil(run, "UPDATE images SET key = x'fffe' WHERE id =")


def _unreadable_record_without_an_answer(run: Reconciling) -> None:
    _unreadable_record(run)
    _another_content(run)


def _unreadable_record_without_an_object(run: Reconciling) -> None:
    _unreadable_record(run)
    _row_without_an_object(run)


@pytest.mark.parametrize(
    ("happens", "drift", "invoked"),
    [
        (_object_without_a_row, {"oss://photos/a/3.jpg": ["no_row"]}, 1),
        (_row_without_an_object, {"oss://photos/a/1.jpg": ["no_object"]}, 0),
        (_another_content, {"oss://photos/a/1.jpg": ["other_content"]}, 1),
        (_tag_taken_off, {"oss://photos/a/1.jpg": ["tags"]}, 0),
        (_stale_tag, {"oss://photos/a/1.jpg": ["tags"]}, 0),
        (_copy_whose_event_was_lost, {"oss://photos/a/3.jpg": ["no_row"]}, 0),
        (_parked, {"oss://photos/a/3.jpg": ["not_finished"]}, 1),
        (_noted_beside_a_row, {"oss://photos/a/1.jpg": ["not_finished"]}, 0),
        (_died, {"oss://photos/a/3.jpg": ["not_finished"]}, 1),
        (_unreadable_record, {"oss://photos/a/1.jpg": ["damaged"]}, 0),
        (_unreadable_name, {"oss://photos/a/1.jpg": ["damaged"]}, 0),
        (_unreadable_record_without_an_answer, {"oss://photos/a/1.jpg": ["damaged"]}, 1),
        (_unreadable_record_without_an_object, {"oss://photos/a/1.jpg": ["damaged"]}, 0),
    ],
)
def test_each_kind_of_drift_is_named_and_repaired_with_no_more_calls_than_needed(
    run: Reconciling, happens: Callable[[Reconciling], None], drift: dict[str, list[str]], invoked: int
) -> None:
    happens(run)
    before = {uri: dict(there.tags) for uri, there in run.world.objects.there.items()}
    assert run() == 1
    lines = dict(line.split("\t")[::-1] for line in run.out.splitlines()[:-1])
    assert {uri: kinds.split() for uri, kinds in lines.items()} == drift
    assert {uri: there.tags for uri, there in run.world.objects.there.items()} == before
    calls = len(run.world.detector.asked)
    assert run("--repair") == 0, run.err
    assert len(run.function.events) == invoked
    assert len(run.world.detector.asked) - calls <= invoked
    assert run() == 0, run.out
    for key in ("a/1.jpg", "a/2.jpg"):
        if (there := run.world.objects.there.get(_ref(key).uri)) is not None:
            assert there.tags["trip"] == "x"


def test_a_changed_policy_is_drift_that_costs_no_call(run: Reconciling) -> None:
    run.site.labeler = {"policy": Policy(tag_limit=0)}
    assert run() == 1
    assert run.out.splitlines()[0] == "policy\toss://photos/a/1.jpg"
    calls = list(run.world.detector.asked)
    assert run("--repair") == 0
    assert run.world.detector.asked == calls
    assert run.world.tags(_ref("a/1.jpg")) == {"trip": "x"}
    assert run() == 0


def test_what_a_delivery_works_on_just_now_is_no_drift(run: Reconciling) -> None:
    run.world.user_puts(_ref("a/3.jpg"), "car")()
    run.world.worker().dies_before("detector.detect").gets(_ref("a/3.jpg"))
    assert run() == 0


def test_what_the_function_could_not_repair_is_told_to_the_scheduler(run: Reconciling) -> None:
    _object_without_a_row(run)
    run.function.fails = Misconfigured("no", "forbidden")
    assert run("--repair") == 1
    assert "oss://photos/a/3.jpg: parked: forbidden" in run.err
    assert run.out.endswith("3 objects, 1 does not agree (1 no_row), 0 repaired\n")


def test_an_object_that_cannot_be_looked_at_does_not_end_the_walk(run: Reconciling) -> None:
    worker = run.site.world.worker().fails("ledger.row", Unavailable("index_error"))
    run.site.site = lambda place: replace(type(run.site).site(run.site, place), tools=worker.tools)  # type: ignore[method-assign]
    assert run() == 1
    assert "index_error" in run.err
    assert "2 objects, 0 do not agree" in run.out


def test_programs_read_the_same_as_json(run: Reconciling) -> None:
    import json

    _tag_taken_off(run)
    assert run("--format", "json", "--repair") == 0
    found, total = map(json.loads, run.out.splitlines())
    assert found == {"uri": "oss://photos/a/1.jpg", "drift": ["tags"], "needs_call": False}
    expected: dict[str, Any] = {"prefix": PLACE, "objects": 2, "drifted": 1, "repaired": 1, "drift": {"tags": 1}}
    assert total == expected | {"failed": {}, "paid_calls": 0}


def test_more_objects_than_an_event_takes_go_in_several(run: Reconciling) -> None:
    refs: Sequence[ObjectRef] = [_ref(f"a/x{number:03}.jpg") for number in range(45)]
    for ref in refs:
        run.world.user_puts(ref, ref.key)()
    assert run("--repair") == 0, run.err
    assert [len(event) for event in run.function.events] == [40, 5]


def test_repairs_that_were_made_before_the_function_was_missing_are_counted(run: Reconciling) -> None:
    _tag_taken_off(run)
    _object_without_a_row(run)
    with pytest.raises(Misconfigured):
        run("--repair", "--function", "nothing")
    out = run.read()
    assert out.splitlines()[-1] == "3 objects, 2 do not agree (1 no_row, 1 tags), 1 repaired"
    assert run("--repair") == 0
    assert run.out.splitlines()[-1] == "3 objects, 1 does not agree (1 no_row), 1 repaired"


def test_a_folder_shows_neither_hidden_files_nor_those_of_the_index_and_names_the_command_for_new_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    index = tmp_path / "labels.db"
    ledger = sqlite_index.open_ledger(index)
    gone = ObjectRef("file", "", str(tmp_path / "gone.txt").lstrip("/"))
    assert ledger.lock(gone, "t", 1.0, 0.0, "e")
    ledger.release(gone, "t", "store_error")
    for name in ("a b.txt", ".hidden.txt", ".folder/c.txt", "linked.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "nowhere.txt").symlink_to(tmp_path / "nothing")
    monkeypatch.setenv("IMAGELABELS_INDEX", f"sqlite:///{index}")
    assert main(["reconcile", f"file://{tmp_path}/"]) == 1
    out, _ = capsys.readouterr()
    uris = {line.split("\t")[1].rpartition("/")[2]: line.split("\t")[0] for line in out.splitlines()[:-1]}
    assert uris == {"a b.txt": "no_row", "linked.txt": "no_row", "gone.txt": "no_object"}
    assert main(["reconcile", f"file://{tmp_path}/", "--repair"]) == 1
    out, err = capsys.readouterr()
    assert "3 objects, 3 do not agree (1 no_object, 2 no_row), 1 repaired" in out
    assert "2 files must be labelled anew: `imagelabels detect" in err


def test_what_a_function_writes_to_another_index_would_be_said_to_be_repaired(run: Reconciling, tmp_path: Path) -> None:
    other = World(sqlite_index.open_ledger(tmp_path / "other.db"))
    for world in (run.world, other):
        world.user_puts(_ref("a/new.jpg"), "car")()
    run.function = FunctionInMemory(other)
    with pytest.raises(Misconfigured, match="writes to another index"):
        run("--repair")
    assert "1 does not agree (1 no_row), 0 repaired" in run.read()
    assert other.detector.asked == ["car"]
