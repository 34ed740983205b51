"""A row that something damaged is told by its name, and no command and no function ends in a stack trace over it."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from imagelabels.cli import main as cli
from imagelabels.cli.commands import correct as cli_correct
from imagelabels.cli.commands import relabel as cli_relabel
from imagelabels.cli.commands import undo as cli_undo
from imagelabels.cli.commands import why as cli_why
from imagelabels.domain import taxonomy
from imagelabels.domain.errors import Damaged, LabelingError, Unavailable
from imagelabels.domain.model import Corrections
from imagelabels.domain.query import Page, Query, Term
from imagelabels.ports import Claim
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.label_index import SqliteLabelIndex
from imagelabels.providers.sqlite.ledger import SqliteLedger
from imagelabels.records import left_out, rows
from imagelabels.views import rows as cli_rows
from tests.contract.samples import ANSWER, NOW, REF, entry, record
from tests.fakes import label
from tests.site import Commands, commands

NAMED = r"the row of 'oss://album/summer/dog\.jpg' in the index is damaged"
URI = "oss://photos/a/1.jpg"
RECORD = replace(record(ancestors={"dog": ("mammal",)}), corrections=Corrections("c0ffee", ("cat",), ("my boat",)))
OTHERS: tuple[object, ...] = (
    *(None, "", "words", b"\xff\xfe", b"", -1, 10**18, 2.5, float("inf")),
    *("[]", "{}", '{"labels":[{}]}', '{"a":' * 5000, '{"state":1}', "[1,2]", '"text"'),
)


class Index:
    """An index with a row of REF, an answer and a line of history, and a hand that damages it."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(folder / "labels.db")
        self.ledger, self.index = SqliteLedger(self.database), SqliteLabelIndex(self.database)
        self.ledger.lock(REF, "t", NOW + 30, NOW, "e")
        self.ledger.finish(REF, "t", RECORD, entry())
        self.ledger.claim("answer", "t", NOW + 30, NOW)
        self.ledger.store("answer", "t", ANSWER)

    def spoil(self, table: str, column: str, value: object) -> None:
        with self.database.writing() as connection:
            connection.execute(f"UPDATE {table} SET {column} = ?", (value,))

    def value(self, table: str, column: str) -> Any:
        with self.database.reading() as connection:
            return connection.execute(f"SELECT {column} FROM {table}").fetchone()[0]

    def reads(self) -> Iterator[Callable[[], object]]:
        dog = Term(frozenset({"dog"}), 0.5)
        yield lambda: self.ledger.row(REF)
        yield lambda: self.ledger.history(REF)
        yield lambda: self.ledger.answer("answer")
        yield lambda: self.ledger.claim("answer", "u", NOW + 60, NOW)
        for query in (Query(), Query(order="uri"), Query(order="confidence", all_of=(dog,)), Query(none_of=(dog,))):
            yield lambda query=query: shown(self.index, query)  # type: ignore[misc]
            yield lambda query=query: self.index.count(query)  # type: ignore[misc]


def shown(index: SqliteLabelIndex, query: Query) -> None:
    page = index.search(query)
    for output in ("table", "json"):
        cli_rows.print_page(page, output, taxonomy.load())


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    opened = Index(tmp_path)
    yield opened
    opened.database.close()


@pytest.mark.story
def test_a_record_of_any_shape_is_read_or_refused_by_the_name_of_its_row() -> None:
    rng = random.Random("records")
    stored = rows.record_json(RECORD)
    refusals = []
    for _ in range(20_000):
        try:
            read = rows.read_record(REF, 1, spoiled(rng, stored))
        except Unavailable as error:
            refusals.append(error)
        else:
            rows.record_json(read)
            cli_rows.print_page(Page((read,), None), "table", taxonomy.load())
            rows.postings(read)
    assert len(refusals) > 10_000
    assert {error.reason for error in refusals} == {"index_error"}
    beginning = f"the row of {REF.uri!r} in the index is damaged"
    assert [str(error) for error in refusals if not str(error).startswith(beginning) or len(str(error)) > 500] == []


@pytest.mark.story
def test_an_answer_and_a_line_of_history_of_any_shape_are_read_or_refused_by_name() -> None:
    rng = random.Random("answers")
    for _ in range(10_000):
        with suppress(Unavailable):
            rows.read_answer(spoiled(rng, rows.answer_json(ANSWER)), "answer")
        with suppress(Unavailable):
            rows.read_entry(spoiled(rng, rows.entry_json(entry())), REF)
    with pytest.raises(Unavailable, match="the kept answer abc in the index is damaged"):
        rows.read_answer('{"reason":"a word of nobody"}', "abc")
    with pytest.raises(Unavailable, match=r"the history of 'oss://album/summer/dog\.jpg' in the index is damaged"):
        rows.read_entry("{}", REF)


def spoiled(rng: random.Random, stored: str) -> str | bytes:
    """Bytes flipped, cut off, or a value of another type somewhere."""
    way = rng.random()
    if way < 0.4:
        octets = bytearray(stored.encode())
        for _ in range(rng.randint(1, 3)):
            octets[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
        return bytes(octets)
    if way < 0.5:
        return stored[: rng.randrange(len(stored))]
    value = json.loads(stored)
    inner = value
    while True:
        steps = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        step = rng.choice(steps)
        if not isinstance(inner[step], (dict, list)) or not inner[step] or rng.random() < 0.3:
            break
        inner = inner[step]
    inner[step] = rng.choice([None, True, "", "x", -1, 10**30, 1e400, 0.5, [], {}, [1], {"a": 1}, ["a"], [["a"]]])
    return json.dumps(value)


COLUMNS = (
    *(("images", name) for name in ("store", "bucket", "key", "uri", "version", "schema", "updated_at", "lock_until")),
    *(("images", name) for name in ("confidence", "modified", "reason", "waiting")),
    *(("records", "record"), ("answers", "answer"), ("events", "entry"), ("names", "id")),
    *(("facets", "numbers"), ("facets", "confidences"), ("postings", "confidence")),
)


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_no_value_in_any_column_ends_in_a_stack_trace(
    index: Index, table: str, column: str, capsys: pytest.CaptureFixture[str]
) -> None:
    was = index.value(table, column)
    octets = was if isinstance(was, bytes) else str(was).encode()
    for other in (*OTHERS, octets[:-1], octets[:3], octets + b"\xff", b"\x80" + octets):
        for value in (other, *([sqlite_text(other)] if isinstance(other, bytes) else [])):
            if not writable(index, table, column, value):
                continue
            for read in index.reads():
                with suppress(LabelingError):
                    read()
            index.spoil(table, column, was)


class sqlite_text(bytes):
    """Bytes that SQLite is told to be text, as those of a damaged page are."""


def writable(index: Index, table: str, column: str, value: object) -> bool:
    marks = "CAST(? AS TEXT)" if isinstance(value, sqlite_text) else "?"
    try:
        with index.database.writing() as connection:
            connection.execute(f"UPDATE {table} SET {column} = {marks}", (value,))
    except (LabelingError, OverflowError):  # a column that may not be empty
        return False
    return True


@pytest.mark.parametrize("value", ['{"labels":[{}]}', b"\xff\xfe\x00", "", "[]", '{"labels":[{"id":1}]}', 7])
def test_a_damaged_record_is_an_index_error_that_names_its_row(index: Index, value: object) -> None:
    index.spoil("records", "record", value)
    with pytest.raises(Damaged, match=NAMED) as caught:
        index.ledger.row(REF)
    assert caught.value.reason == "index_error"


@pytest.mark.parametrize("value", [b"\x01\x02\x03", b"\xff\xff\xff\xff", "text", 7])
def test_labels_that_cannot_be_read_for_a_search_are_an_index_error_that_names_the_row(
    index: Index, value: object
) -> None:
    index.spoil("facets", "numbers", value)
    with pytest.raises(Unavailable, match=r"oss://album/summer/dog\.jpg") as caught:
        index.index.count(Query())
    assert caught.value.reason == "index_error"


@pytest.mark.parametrize("uri", [b"oss://album/\xff", "text", 7])
def test_a_page_that_ends_with_a_damaged_row_is_an_index_error_too(index: Index, uri: object) -> None:
    other = replace(RECORD, ref=replace(REF, key="summer/elk.jpg"), updated_at=0)
    index.ledger.lock(other.ref, "t", NOW + 30, NOW, "e")
    index.ledger.finish(other.ref, "t", other, entry())
    with index.database.writing() as connection:
        connection.execute("UPDATE images SET uri = ? WHERE id = 1", (uri,))
    with pytest.raises(Damaged, match=r"the row of .* in the index is damaged"):
        index.index.search(Query(limit=1))
    page = index.index.search(Query())
    assert (page.records, page.left_out) == ((RECORD, other), ())  # The key still tells the object.


def test_a_removal_takes_a_damaged_row_away_whole(index: Index) -> None:
    for table, column in (("records", "record"), ("facets", "numbers")):
        index.spoil(table, column, b"\x01\xff")
    assert index.ledger.lock(REF, "t", NOW + 90, NOW + 60, "e")
    assert index.ledger.drop(REF, "t", entry())
    assert index.ledger.row(REF) is None
    assert index.index.search(Query()).records == ()
    with index.database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM postings").fetchone() == (0,)


def test_a_claim_finds_the_answer_that_is_kept(index: Index) -> None:
    assert index.ledger.claim("answer", "u", NOW + 60, NOW) == Claim("kept", ANSWER)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Commands]:
    with commands(tmp_path, capsys) as ready:
        ready.world.detector.shows["pets"] = (label("cat", 0.9, "pet"),)
        for name in ("1", "2"):
            ready.put(f"a/{name}.jpg", "pets")
        connection = sqlite3.connect(tmp_path / "labels.db")
        connection.execute("UPDATE records SET record = '{\"labels\":[{}]}' WHERE image = 1")
        connection.commit()
        connection.close()
        yield ready


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (cli_why, [URI]),
        (cli_correct, [URI, "--not", "cat"]),
        (cli_undo, ["oss://photos/a/", "--yes"]),
        (cli_relabel, ["oss://photos/a/", "--yes"]),
    ],
)
def test_every_command_names_the_damaged_row(run: Commands, command: ModuleType, arguments: list[str]) -> None:
    try:
        status = run(command, *arguments)
        said = run.err
    except LabelingError as error:  # `imagelabels` itself prints it and ends with 2
        status, said = 2, str(error)
    assert status in (1, 2)
    assert "the row of 'oss://photos/a/1.jpg' in the index is damaged" in said


@pytest.mark.parametrize("arguments", [[], ["cat"], ["--order", "uri"]])
def test_a_search_shows_the_other_rows_and_names_the_damaged_one(
    run: Commands,
    tmp_path: Path,
    arguments: list[str],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    left_out.forget()
    for _ in range(2):
        assert cli.main(["search", "--index", f"sqlite:///{tmp_path / 'labels.db'}", *arguments]) == 0
        assert "oss://photos/a/2.jpg" in capsys.readouterr().out
    (line,) = [one for one in caplog.messages if "left out" in one]
    assert "the row of 'oss://photos/a/1.jpg' in the index is damaged" in line


def test_an_event_of_an_object_with_a_damaged_row_waits_and_its_removal_mends_the_index(run: Commands) -> None:
    ref = RECORD.ref.__class__("oss", "photos", "a/1.jpg")
    assert run.world.worker().gets(ref) == "index_error"
    run.world.objects.delete(ref)
    assert run.world.worker().gets(ref, kind="removed").state == "removed"  # type: ignore[union-attr]
    assert len(run.index.search(Query()).records) == 1


@pytest.mark.parametrize("column", ["store", "bucket", "key"])
def test_a_list_of_what_is_not_done_goes_on_behind_a_row_that_cannot_be_read(index: Index, column: str) -> None:
    for key in ("a", "b", "c"):
        ref = replace(REF, key=key)
        index.ledger.lock(ref, "t", NOW + 30, NOW, "e")
        index.ledger.release(ref, "t", "throttled")
    with index.database.writing() as connection:
        connection.execute(f"UPDATE images SET {column} = ? WHERE key = ?", (b"\xff\xfe", b"b"))
    assert [row.ref.key for row in index.index.unfinished(NOW)] == ["a", "c"]
    assert [row.ref.key for row in index.index.unfinished(NOW, limit=2)] == ["a", "c"]
    with pytest.raises(Damaged, match="does not name its object"):
        index.ledger.row(replace(REF, key="b"))
