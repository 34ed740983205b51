"""What is SQLite's own of the ledger: many processes and threads on one file, and the form of its rows."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.domain.model import ObjectRef
from imagelabels.domain.query import Query, Term
from imagelabels.ports import MARGIN, Claim, StoredRow
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.label_index import SqliteLabelIndex
from imagelabels.providers.sqlite.ledger import SqliteLedger
from tests.contract.samples import ANSWER, NOW, REF, REFUSAL, entry, label, put, record
from tests.providers.sqlite import hammer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with closing(Database(path)) as opened:
        yield opened


@pytest.fixture
def ledger(database: Database) -> SqliteLedger:
    return SqliteLedger(database)


def _start(*arguments: object) -> subprocess.Popen[str]:
    environment = {"PYTHONPATH": ":".join(sys.path)}
    command = [sys.executable, str(hammer.__file__), *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)


def _one(database: Database, select: str) -> dict[str, object]:
    with database.reading() as connection:
        cursor = connection.execute(select)
        (row,) = cursor.fetchall()
        return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


# processes and threads


@pytest.mark.story
def test_four_processes_on_a_new_file_hold_one_lock_in_turn_and_none_gives_up(path: Path) -> None:
    workers = [_start("hammer", path, path.with_name("held"), 50) for _ in range(4)]
    assert [(worker.communicate()[1], worker.returncode) for worker in workers] == [("", 0)] * 4
    with closing(Database(path)) as database:
        assert _one(database, "SELECT calls_all FROM budgets WHERE detector = 'oss'") == {"calls_all": 200}


@pytest.mark.story
def test_a_killed_process_leaves_what_it_committed_and_a_lock_and_a_claim_that_run_out(path: Path) -> None:
    worker = _start("die", path, NOW)
    assert worker.communicate()[1] == ""
    assert worker.returncode == -signal.SIGKILL
    with closing(Database(path)) as database:
        ledger = SqliteLedger(database)
        assert ledger.row(hammer.REF) == StoredRow(None, None, "dead", NOW)
        assert not ledger.lock(hammer.REF, "heir", NOW + 60, NOW + MARGIN, "e")
        assert ledger.lock(hammer.REF, "heir", NOW + 60, NOW + MARGIN + 0.01, "e")
        assert ledger.claim("content", "heir", NOW + 60, NOW) == Claim("busy")
        assert ledger.claim("content", "heir", NOW + 60, NOW + 0.01) == Claim("mine", failures=1)


def test_threads_that_share_a_ledger_get_one_lock_one_claim_and_count_every_call(
    ledger: SqliteLedger, database: Database
) -> None:
    together = threading.Barrier(8)

    def work(number: int) -> tuple[bool, bool]:
        together.wait()
        for _ in range(10):
            ledger.take("oss", "oss://photos", NOW)
        mine = ledger.claim("content", f"t{number}", NOW + 30, NOW).kind == "mine"
        return ledger.lock(REF, f"t{number}", NOW + 30, NOW, "e"), mine

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(8)))
    assert [sum(locked for locked, _ in results), sum(mine for _, mine in results)] == [1, 1]
    assert _one(database, "SELECT calls_all FROM budgets WHERE detector = 'oss'") == {"calls_all": 80}


def test_what_one_opening_wrote_another_reads_at_once(path: Path, ledger: SqliteLedger) -> None:
    with closing(Database(path)) as other:
        reader = SqliteLedger(other)
        assert reader.row(REF) is None
        put(ledger, record())
        assert reader.row(REF) == StoredRow(record(), None, None, None)


def test_a_finish_that_fails_half_way_writes_neither_row_nor_postings_nor_history(
    ledger: SqliteLedger, database: Database
) -> None:
    put(ledger, record(), "e1")
    assert ledger.lock(REF, "t", NOW + 30, NOW, "e2")
    with database.writing() as connection:
        connection.execute("CREATE TEMP TRIGGER fail BEFORE INSERT ON main.events BEGIN SELECT raise(ABORT, 'no'); END")
    from imagelabels.domain.errors import Unavailable

    with pytest.raises(Unavailable):
        ledger.finish(REF, "t", record(labels=(label("cat"),)), entry("e2"))
    assert ledger.row(REF) == StoredRow(record(), None, "t", NOW + 30)
    assert _one(database, "SELECT id FROM postings JOIN names ON number = label") == {"id": b"dog"}
    assert ledger.history(REF) == (entry("e1"),)


def test_what_is_done_together_is_done_whole_or_not_at_all(ledger: SqliteLedger, database: Database) -> None:
    others = [record(replace(REF, key=f"{number}.jpg")) for number in range(3)]

    def cut_off() -> None:
        with ledger.together():
            for other in others:
                put(ledger, other)
            assert SqliteLabelIndex(database).count(Query()).total == 3
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_off()
    assert [ledger.row(other.ref) for other in others] == [None] * 3
    with ledger.together():
        for other in others:
            put(ledger, other)
    assert SqliteLabelIndex(database).count(Query()).total == 3


def test_one_that_fails_among_those_done_together_leaves_the_others(ledger: SqliteLedger, database: Database) -> None:
    from imagelabels.domain.errors import Unavailable

    other = record(replace(REF, key="other.jpg"))
    with database.writing() as connection:
        connection.execute(
            "CREATE TEMP TRIGGER fail BEFORE INSERT ON main.events WHEN new.event_id LIKE 'bad %'"
            " BEGIN SELECT raise(ABORT, 'no'); END"
        )
    with ledger.together():
        put(ledger, record())
        assert ledger.lock(other.ref, "t", NOW + 30, NOW, "bad")
        with pytest.raises(Unavailable):
            ledger.finish(other.ref, "t", other, entry("bad"))
        assert ledger.lock(other.ref, "t", NOW + 30, NOW, "good")
    assert ledger.row(REF) == StoredRow(record(), None, None, None)
    assert ledger.row(other.ref) == StoredRow(None, None, "t", NOW + 30)
    assert SqliteLabelIndex(database).count(Query()).total == 1


def test_a_label_first_met_in_what_was_undone_is_found_by_its_own_name_later(
    ledger: SqliteLedger, database: Database
) -> None:
    cat, kite = record(REF, (label("cat"),)), record(replace(REF, key="other.jpg"), (label("kite"),))

    def undone() -> None:
        with database.writing():
            put(ledger, cat)
            raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            undone()
        with ledger.together(), pytest.raises(KeyboardInterrupt):
            undone()
    put(ledger, kite)
    put(ledger, cat)
    index = SqliteLabelIndex(database)
    assert index.search(Query(all_of=(Term(frozenset({"cat"})),))).records == (cat,)
    assert index.count(Query()).labels == {"cat": 1, "kite": 1}


# the form of the rows


def test_a_row_s_key_is_the_same_for_every_version_of_the_product(ledger: SqliteLedger, database: Database) -> None:
    put(ledger, record())
    assert _one(database, "SELECT pk FROM images") == {"pk": "1a65283881112b9b8d30a59d2973e6de"}


def test_what_another_tool_may_read_of_a_row_stands_in_columns(ledger: SqliteLedger, database: Database) -> None:
    put(ledger, record(replace(REF, version="v7"), (label("dog", 0.9), label("sky", 0.95))))
    assert ledger.lock(REF, "t", NOW + 30, NOW, "e2")
    row = _one(database, "SELECT * FROM images")
    del row["id"], row["pk"]
    assert row == {
        "schema": 1,
        "uri": b"oss://album/summer/dog.jpg",
        "store": "oss",
        "bucket": "album",
        "key": b"summer/dog.jpg",
        "version": "v7",
        "state": "labelled",
        "reason": None,
        "waiting": None,
        "updated_at": 1_700_000_000_125,
        "modified": 1_700_000_000_000,
        "confidence": 0.95,
        "lock": "t",
        "lock_until": 1_700_000_030_125,
        "lock_event": "e2",
    }


def test_work_that_waits_can_be_listed_by_its_state(ledger: SqliteLedger, database: Database) -> None:
    assert ledger.lock(REF, "t", NOW + 30, NOW, "e1")
    ledger.release(REF, "t", waiting="throttled")
    row = _one(database, "SELECT state, reason, lock, lock_until, lock_event FROM images")
    assert row == {"state": "waiting", "reason": "throttled", "lock": None, "lock_until": None, "lock_event": None}


def test_an_answer_says_what_became_of_it(ledger: SqliteLedger, database: Database) -> None:
    for answer_id, answer in (("a", ANSWER), ("b", REFUSAL), ("c", None)):
        ledger.claim(answer_id, "t", NOW + 30, NOW)
        if answer is not None:
            assert ledger.store(answer_id, "t", answer)
    with database.reading() as connection:
        stored = connection.execute("SELECT answer_id, state, owner FROM answers ORDER BY 1").fetchall()
    assert stored == [("a", "ok", "t"), ("b", "refused", "t"), ("c", "calling", "t")]


def _rewrite(database: Database, table: str, column: str, add: dict[str, object], drop: tuple[str, ...]) -> None:
    """The row as another version of the product would have written it."""
    with database.writing() as connection:
        (text,) = connection.execute(f"SELECT {column} FROM {table}").fetchone()
        row = {name: value for name, value in json.loads(text).items() if name not in drop}
        connection.execute(f"UPDATE {table} SET {column} = ?", (json.dumps(row | add),))
        connection.execute(f"UPDATE {'images' if table == 'records' else table} SET schema = 2")


def test_rows_of_a_newer_schema_are_read_without_what_is_not_known(ledger: SqliteLedger, database: Database) -> None:
    put(ledger, record())
    one = {
        "id": "dog",
        "name": "Dog",
        "language": "en",
        "level": 3,
        "parent_id": None,
        "confidence": 0.5,
        "box": [1, 2],
    }
    _rewrite(database, "records", "record", {"faces": [1, 2], "labels": [one]}, ())
    row = ledger.row(REF)
    assert row is not None
    assert row.record == replace(record(), schema=2, labels=(replace(label("dog", 0.5), centric_score=None),))


def test_rows_of_an_older_schema_get_the_defaults_of_what_they_lack(ledger: SqliteLedger, database: Database) -> None:
    put(ledger, record())
    late = ("notes", "ancestors", "tags_written", "tags_left_out", "width", "height", "taken_at")
    _rewrite(database, "records", "record", {}, late)
    row = ledger.row(REF)
    assert row is not None
    assert row.record == replace(
        record(), schema=2, notes=(), tags_written={}, tags_left_out=(), width=None, height=None, taken_at=None
    )


def test_answers_and_history_of_another_schema_are_read_too(ledger: SqliteLedger, database: Database) -> None:
    put(ledger, record(), "e1")
    ledger.claim("a", "t", NOW + 30, NOW)
    assert ledger.store("a", "t", ANSWER)
    _rewrite(database, "answers", "answer", {"cost": 3}, ("width", "message"))
    _rewrite(database, "events", "entry", {"region": "x"}, ("paid_calls", "notes", "tags_after"))
    assert ledger.claim("a", "u", NOW + 30, NOW) == Claim("kept", replace(ANSWER, width=None))
    assert ledger.history(REF) == (replace(entry("e1"), paid_calls=0, notes=(), tags_after=None),)


def test_a_dropped_row_leaves_no_posting_for_the_row_that_gets_its_number(
    ledger: SqliteLedger, database: Database
) -> None:
    put(ledger, record())
    assert ledger.lock(REF, "t", NOW + 30, NOW, "e2")
    assert ledger.drop(REF, "t", entry("e2", "removed"))
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM postings").fetchone() == (0,)
    put(ledger, record(ObjectRef("oss", "album", "other.jpg"), ()))
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM postings").fetchone() == (0,)


def test_a_row_that_is_not_labelled_has_no_postings(ledger: SqliteLedger, database: Database) -> None:
    put(ledger, record(state="skipped", reason="corrupt"))
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM postings").fetchone() == (0,)


def test_sqlite_is_new_enough_for_what_the_statements_need() -> None:
    assert sqlite3.sqlite_version_info >= (3, 32)
