"""Counting in memory gives what the file gives, whatever changes between two questions."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.domain.model import ObjectRef
from imagelabels.domain.query import Query, Term
from imagelabels.providers.sqlite import changes
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.label_index import SqliteLabelIndex
from imagelabels.providers.sqlite.ledger import SqliteLedger
from imagelabels.providers.sqlite.remembered import Remembered, Words
from tests.contract.samples import label, put, record, remove

IDS = ("dog", "cat", "bird", "imm:露营", "tree")
DICE = random.Random(7)


class World:
    """An index, with one reader that counts in memory and one that counts in the file."""

    def __init__(self, path: Path) -> None:
        self.database = Database(path)
        self.ledger = SqliteLedger(self.database)
        self.remembered = Remembered(many=1, changed=5, patient=0)
        self.reader = SqliteLabelIndex(self.database, 1, self.remembered)
        self.plain = SqliteLabelIndex(self.database, 1)

    def write(self, number: int, confidence: float | None = None) -> None:
        sure = [confidence or round(DICE.random(), DICE.choice((2, 4, 9))) for _ in IDS]
        labels = [label(one, part) for one, part in zip(IDS, sure, strict=True) if DICE.random() < 0.5]
        ref = ObjectRef("oss", "photos", f"{number}.jpg")
        row = record(ref, tuple(labels), ancestors={one.id: ("animal",) for one in labels[:2]})
        put(self.ledger, row, f"e{DICE.random()}")

    def check(self) -> None:
        queries = [
            Query(),
            *(Query(all_of=(Term(frozenset({one}), DICE.choice((0, 0.3, 0.1234, 0.99))),)) for one in (*IDS, "animal")),
            Query(all_of=(Term(frozenset({"dog"})), Term(frozenset({"cat", "bird"}), 0.5))),
            Query(
                any_of=(Term(frozenset({"dog"}), 0.7), Term(frozenset({"tree"}))), none_of=(Term(frozenset({"cat"})),)
            ),
            Query(all_of=(Term(frozenset({"nothing"})),)),
        ]
        for query in queries:
            assert self.reader.count(query) == self.plain.count(query), query


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "index.db")
    yield made
    made.database.close()


def test_counts_stay_exact_while_rows_come_change_and_go(world: World) -> None:
    for step in range(60):
        number = DICE.randrange(15)
        if DICE.random() < 0.3:
            remove(world.ledger, ObjectRef("oss", "photos", f"{number}.jpg"))
        else:
            world.write(number)
        if step % 3 == 0:
            world.check()


def test_counts_stay_exact_when_old_changes_have_been_removed(world: World) -> None:
    for number in range(6):
        world.write(number)
    world.check()
    for number in range(3):
        world.write(number)
    with world.database.writing() as connection:
        connection.execute("DELETE FROM changes")
    world.check()
    world.write(1)
    with world.database.writing() as connection:
        changes.forget(connection, 1 << 50)
    world.check()


def test_a_reader_of_an_earlier_moment_does_not_count_with_a_later_ones_arrays(world: World) -> None:
    world.write(1, 0.5)
    other = Database(world.database.path)
    try:
        with other.one_moment() as earlier:
            earlier.execute("SELECT count(*) FROM images").fetchone()
            for number in range(2, 9):
                world.write(number, 0.5)
            with world.database.one_moment() as later:
                assert world.remembered.tally(later, Words((), ())) is not None
            assert world.remembered.tally(earlier, Words((), ())) is None
    finally:
        other.close()


def test_without_numpy_the_file_is_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.write(1)
    monkeypatch.setitem(sys.modules, "numpy", None)
    with world.database.one_moment() as connection:
        assert world.remembered.tally(connection, Words((), ())) is None
    world.check()


def test_a_command_that_asks_once_does_not_wait_for_the_arrays(world: World) -> None:
    world.write(1)
    once = Remembered(many=1)
    with world.database.one_moment() as connection:
        assert once.tally(connection, Words((), ())) is None


def test_rows_in_another_state_are_not_counted_in_memory(world: World) -> None:
    ref = ObjectRef("oss", "photos", "bad.jpg")
    put(world.ledger, replace(record(ref, (), "skipped", "corrupt")))
    world.write(1)
    for state in ("skipped", "any"):
        assert world.reader.count(Query(state=state)) == world.plain.count(Query(state=state))
