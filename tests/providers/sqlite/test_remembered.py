"""What is found and counted in memory is what the file gives, whatever changes between two questions."""

from __future__ import annotations

import random
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import ANY

import pytest

from imagelabels.domain.errors import Damaged
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.query import ORDERS, Page, Query, Term
from imagelabels.providers.sqlite import changes, remembered
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.facets import NumberedWords
from imagelabels.providers.sqlite.label_index import SqliteLabelIndex
from imagelabels.providers.sqlite.ledger import SqliteLedger
from imagelabels.providers.sqlite.migration import migrate
from imagelabels.providers.sqlite.remembered import Remembered
from tests.contract.samples import label, put, record, remove

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "index_layout_1.sql"

# Another process writes the rows from 0 to 19, then those from 0 to 9 with other labels, and removes those from 0 to 4.
ELSEWHERE = """
import sys
from pathlib import Path
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.ledger import SqliteLedger
from tests.contract.samples import label, put, record, remove

ledger = SqliteLedger(Database(Path(sys.argv[1])))
refs = [ObjectRef("oss", "photos", f"{number}.jpg") for number in range(20)]
for row, labels in [(ref, "dog cat") for ref in refs] + [(ref, "bird tree") for ref in refs[:10]]:
    put(ledger, record(row, tuple(label(one, 0.75) for one in labels.split())), f"{row.key} {labels}")
for ref in refs[:5]:
    remove(ledger, ref)
"""

IDS = ("dog", "cat", "bird", "imm:露营", "tree")
DICE = random.Random(7)


class World:
    """An index, with one reader that looks in memory and one that looks in the file."""

    def __init__(self, path: Path, few: int = 1) -> None:
        self.database = Database(path)
        self.ledger = SqliteLedger(self.database)
        self.remembered = Remembered(many=1, changed=5, patient=0)
        self.reader = SqliteLabelIndex(self.database, few, self.remembered)
        self.plain = SqliteLabelIndex(self.database, few)

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
            for order in ORDERS:
                asked = replace(query, order=order, limit=3)
                assert list(_pages(self.reader, asked)) == list(_pages(self.plain, asked)), asked
        # Counts come last, since they bring the memory up to date.
        for query in queries:
            assert self.reader.count(query) == self.plain.count(query), query


def _pages(index: SqliteLabelIndex, query: Query) -> Iterator[Page]:
    page = index.search(query)
    yield page
    while page.next is not None:
        page = index.search(replace(query, page=page.next))
        yield page


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "index.db")
    yield made
    made.database.close()


@pytest.mark.parametrize("few", [1, 4, 10])
def test_pages_and_counts_stay_exact_while_rows_come_change_and_go(few: int, tmp_path: Path) -> None:
    world = World(tmp_path / "index.db", few)
    for step in range(60):
        number = DICE.randrange(15)
        if DICE.random() < 0.3:
            remove(world.ledger, ObjectRef("oss", "photos", f"{number}.jpg"))
        else:
            world.write(number)
        if step % 3 == 0:
            world.check()
    world.database.close()


@pytest.mark.parametrize("later", [0, 10])
def test_pages_and_counts_stay_exact_when_old_changes_have_been_removed(later: int, world: World) -> None:
    for number in range(6):
        world.write(number, 0.5)
    world.check()
    for number in range(3):
        world.write(number, 0.75)
    with world.database.writing() as connection:
        connection.execute("DELETE FROM changes")
    for number in range(later):
        world.write(10 + number, 0.5)
    world.check()
    remove(world.ledger, ObjectRef("oss", "photos", "1.jpg"))
    with world.database.writing() as connection:
        connection.execute("DELETE FROM changes")
    world.check()
    world.write(1, 0.5)
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
                assert world.remembered.tally(later, NumberedWords((), ())) is not None
            assert world.remembered.tally(earlier, NumberedWords((), ())) is None
    finally:
        other.close()


def test_without_numpy_the_file_is_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.write(1)
    monkeypatch.setitem(sys.modules, "numpy", None)
    with world.database.one_moment() as connection:
        assert world.remembered.tally(connection, NumberedWords((), ())) is None
    world.check()


def test_a_command_that_asks_once_does_not_wait_for_the_arrays(world: World) -> None:
    world.write(1)
    once = Remembered(many=1)
    with world.database.one_moment() as connection:
        assert once.tally(connection, NumberedWords((), ())) is None


def test_rows_in_another_state_are_not_counted_in_memory(world: World) -> None:
    ref = ObjectRef("oss", "photos", "bad.jpg")
    put(world.ledger, replace(record(ref, (), "skipped", "corrupt")))
    world.write(1)
    for state in ("skipped", "any"):
        assert world.reader.count(Query(state=state)) == world.plain.count(Query(state=state))


def test_what_another_process_writes_changes_and_removes_is_found(world: World) -> None:
    for number in range(3):
        world.write(number, 0.5)
    world.check()
    subprocess.run([sys.executable, "-c", ELSEWHERE, str(world.database.path)], check=True)
    world.check()
    assert world.reader.count(Query(all_of=(Term(frozenset({"tree"})),))).total == 5
    assert world.reader.count(Query(all_of=(Term(frozenset({"cat"})),))).total == 10
    assert world.reader.count(Query()).total == 15


def test_every_moment_is_exact_while_another_process_writes(world: World) -> None:
    world.write(30)
    writing = subprocess.Popen([sys.executable, "-c", ELSEWHERE, str(world.database.path)])
    try:
        while writing.poll() is None:
            with world.database.one_moment():
                world.check()
    finally:
        writing.kill()
        writing.wait()
    assert writing.returncode == 0
    world.check()


def test_an_index_that_was_brought_up_to_date_is_found_in_memory_too(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(SAMPLE.read_text(encoding="utf-8"))
    connection.close()
    migrate(path)
    world = World(path)
    world.check()
    for number in range(7):
        world.write(number)
        world.check()
    world.database.close()


def test_a_thread_counts_in_the_file_while_another_one_makes_the_arrays(world: World) -> None:
    world.write(1)
    other = Database(world.database.path)
    answers: list[object] = []

    def meanwhile() -> bool:
        with other.one_moment() as connection:
            answers.append(world.remembered.tally(connection, NumberedWords((), ())))
        return True

    try:
        with world.database.one_moment() as connection:
            assert world.remembered.tally(connection, NumberedWords((), ()), meanwhile) == (1, ANY)
    finally:
        other.close()
    assert answers == [None]


def test_a_count_that_is_not_worth_it_makes_no_arrays_but_uses_those_that_are_there(world: World) -> None:
    world.write(1)
    with world.database.one_moment() as connection:
        assert world.remembered.tally(connection, NumberedWords((), ()), lambda: False) is None
        assert world.remembered.matching(connection, NumberedWords((), ()), 10) is None
        assert world.remembered.ranked(connection, NumberedWords(({1: 0.0},), ()), 1.0) is None
        assert world.remembered.tally(connection, NumberedWords((), ())) is not None
        assert world.remembered.tally(connection, NumberedWords((), ()), lambda: False) is not None
        assert world.remembered.matching(connection, NumberedWords((), ()), 10) == [1]


def test_rows_that_must_all_be_read_from_the_file_are_not_looked_for_in_memory(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "LONG", 2)
    for number in range(4):
        world.write(number, 0.123456)
    with world.database.one_moment() as connection:
        assert world.remembered.tally(connection, NumberedWords((), ())) is None
    world.check()


@pytest.mark.parametrize("is_in_file", [False, True])
@pytest.mark.parametrize(
    ("column", "value"),
    [("numbers", b"\1\2"), ("numbers", "ab"), ("numbers", "abcd"), ("confidences", b"\1"), ("confidences", "ab")],
)
def test_a_damaged_row_fails_only_the_answers_that_need_it(
    column: str, value: object, is_in_file: bool, world: World
) -> None:
    _put_dog_and_cats(world)
    if is_in_file:
        world.reader.count(CAT)
        put(world.ledger, record(ObjectRef("oss", "photos", "dog.jpg"), (label("dog", 0.75),)))
    with world.database.writing() as connection:
        connection.execute(f"UPDATE facets SET {column} = ? WHERE image = 1", (value,))
    assert [row.ref.key for row in world.reader.search(CAT).records] == ["1.jpg", "2.jpg"]
    for query in (CAT, DOG, replace(CAT, all_of=(*CAT.all_of, *DOG.all_of)), Query()):
        assert _said(world.reader, query) == _said(world.plain, query)


def test_a_number_so_large_that_it_must_be_damaged_takes_no_memory(world: World) -> None:
    _put_dog_and_cats(world)
    with world.database.writing() as connection:
        connection.execute("UPDATE facets SET numbers = ? WHERE image = 1", (struct.pack("<I", 4_000_000_000),))
    assert world.reader.count(CAT) == world.plain.count(CAT)
    with world.database.one_moment() as connection:
        tallied = world.remembered.tally(connection, NumberedWords((), ()))
    assert tallied is not None
    assert tallied[1][4_000_000_000] == 1
    with pytest.raises(Damaged, match=r"dog\.jpg"):
        world.reader.count(Query())


CAT, DOG = [Query(all_of=(Term(frozenset({one})),), order="confidence") for one in ("cat", "dog")]


def _put_dog_and_cats(world: World) -> None:
    for name, one in (("dog", "dog"), ("1", "cat"), ("2", "cat")):
        put(world.ledger, record(ObjectRef("oss", "photos", f"{name}.jpg"), (label(one, 0.5),)))


def _said(index: SqliteLabelIndex, query: Query) -> list[object]:
    said: list[object] = []
    for ask in (index.count, index.search):
        try:
            said.append(ask(query))
        except Damaged as error:
            said.append(str(error))
    return said


def test_a_number_that_was_given_back_does_not_keep_the_name_that_it_had(world: World) -> None:
    def undone() -> None:
        with world.ledger.together():
            put(world.ledger, record(ObjectRef("oss", "photos", "1.jpg"), (label("dog"),)))
            assert world.plain.count(Query()).labels == {"dog": 1}
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undone()
    put(world.ledger, record(ObjectRef("oss", "photos", "1.jpg"), (label("cat"),)))
    assert world.plain.count(Query()).labels == {"cat": 1}
