"""An index that an earlier version wrote: refused with what to do, and brought up to date without losing anything."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.query import Counts, Query
from imagelabels.ports import Claim, StoredRow
from imagelabels.providers import sqlite
from imagelabels.providers.sqlite import migration, postings
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.label_index import SqliteLabelIndex
from imagelabels.providers.sqlite.ledger import SqliteLedger
from imagelabels.providers.sqlite.tables import LAYOUT
from tests.contract.asking import every
from tests.contract.samples import ANSWER, NOW, REFUSAL, entry, label, put, record

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "index_layout_1.sql"
ROWS = 7

HUSKY = record(
    ObjectRef("oss", "album", "露营/husky.jpg", "v7"),
    (label("siberian-husky", 0.8, "dog", "Siberian husky"), label("imm:露营", 0.71, None, "露营")),
    updated_at=1_700_000_001_125,
    ancestors={"siberian-husky": ("dog", "mammal")},
)
AGAIN = record(
    ObjectRef("oss", "album", "again.jpg"),
    (label("kite", 0.9, "toy", "Kite"),),
    updated_at=1_700_000_004_000,
    ancestors={"kite": ("toy",)},
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SAMPLE.read_text(encoding="utf-8"))
    return path


@contextmanager
def _opened(path: Path) -> Iterator[Database]:
    with closing(Database(path, create=False)) as database:
        yield database


def _assert_whole(path: Path) -> None:
    """Every row, lock, answer and line of the sample is there, and found."""
    with _opened(path) as database:
        ledger, index = SqliteLedger(database), SqliteLabelIndex(database)
        assert ledger.row(HUSKY.ref) == StoredRow(HUSKY, None, None, None)
        assert ledger.row(AGAIN.ref) == StoredRow(AGAIN, None, "t10", NOW + 30)
        assert ledger.row(ObjectRef("oss", "album", "locked.jpg")) == StoredRow(None, None, "t7", NOW + 30)
        assert ledger.row(ObjectRef("oss", "album", "waits.jpg")) == StoredRow(None, "throttled", None, None)
        assert ledger.row(ObjectRef("oss", "album", "gone.jpg")) is None
        assert ledger.history(HUSKY.ref) == (entry("event-1"), entry("event-2"))
        assert [line.state for line in ledger.history(ObjectRef("oss", "album", "gone.jpg"))] == ["labelled", "removed"]
        kept = [ledger.claim(label_id, "other", NOW + 40, NOW) for label_id in ("kept", "refused", "calling")]
        assert kept == [Claim("kept", ANSWER), Claim("kept", REFUSAL), Claim("busy")]
        assert (ledger.spending("oss", NOW).total, ledger.take("oss", "oss://album", NOW)) == (1, None)
        assert index.search(Query(all_of=every("mammal"), order="confidence")).records[1:] == (HUSKY,)
        keys = [row.ref.key for row in index.search(Query()).records]
        assert keys == ["again.jpg", "not-unicode-\udcff.jpg", "露营/husky.jpg", "a b%2B.jpg"]
        assert [row.ref.key for row in index.search(Query(state="waiting")).records] == ["waits.jpg"]
        assert [row.ref.key for row in index.search(Query(state="skipped")).records] == ["torn.jpg"]
        assert index.search(Query(from_time=1_700_000_000_000)).records == index.search(Query()).records
        assert index.search(Query(until_time=1_700_000_000_000)).records == ()
        labels = {"dog": 2, "mammal": 2, "imm:露营": 1, "kite": 1, "siberian-husky": 1, "toy": 1}
        assert index.count(Query()) == Counts(4, labels, {"mammal": 2, "toy": 1}, {"labelled": 4})


def _tables(path: Path) -> list[tuple[str, str]]:
    """Return what each table is made of, without white space: a column that was added stands in another line."""
    with closing(sqlite3.connect(path)) as connection:
        made = connection.execute("SELECT name, replace(sql, '\"', '') FROM sqlite_master WHERE sql IS NOT NULL")
        return sorted((name, "".join(sql.split())) for name, sql in made)


def test_an_index_of_the_layout_before_is_refused_with_what_to_run(path: Path) -> None:
    for opening in (sqlite.open_ledger, sqlite.open_label_index, sqlite.create_index):
        with pytest.raises(Misconfigured, match=r"layout 1, .*needs 2: run `imagelabels index migrate`") as caught:
            opening(path)
        assert str(path) in str(caught.value)


def test_an_index_of_the_layout_before_keeps_all_that_it_knew(path: Path) -> None:
    assert sqlite.migrate_index(path) == ROWS
    _assert_whole(path)


def test_an_index_that_was_brought_up_to_date_is_like_a_new_one(path: Path, tmp_path: Path) -> None:
    sqlite.migrate_index(path)
    sqlite.create_index(tmp_path / "new.db")
    assert _tables(path) == _tables(tmp_path / "new.db")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (LAYOUT,)


def test_a_second_time_writes_nothing(path: Path) -> None:
    sqlite.migrate_index(path)
    before = path.read_bytes()
    assert sqlite.migrate_index(path) == 0
    assert path.read_bytes() == before


@pytest.mark.parametrize("done", range(ROWS + 1))
def test_a_migration_that_was_cut_off_goes_on_where_it_was(
    path: Path, done: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    moves: list[int | None] = []

    def cut_off(database: Database, part: int) -> int | None:
        if len(moves) == done:
            raise KeyboardInterrupt
        moves.append(move(database, part))
        return moves[-1]

    move = migration._move
    monkeypatch.setattr(migration, "_move", cut_off)
    with pytest.raises(KeyboardInterrupt):
        migration.migrate(path, part=1)
    monkeypatch.undo()
    with pytest.raises(Misconfigured, match="run it again"):
        sqlite.open_ledger(path)
    assert migration.migrate(path, part=2) == ROWS - done
    _assert_whole(path)


def test_a_part_that_was_cut_off_midway_leaves_no_half_row(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(postings, "write", cut_off)
    with pytest.raises(KeyboardInterrupt):
        migration.migrate(path)
    monkeypatch.undo()
    assert migration.migrate(path) == ROWS
    _assert_whole(path)


def test_what_a_row_of_another_version_holds_beyond_our_knowledge_is_kept(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE images SET schema = 2, record = json_set(record, '$.faces', 3) WHERE id = 1")
        connection.commit()
    sqlite.migrate_index(path)
    with _opened(path) as database, database.reading() as connection:
        assert connection.execute("SELECT json_extract(record, '$.faces') FROM records WHERE image = 1").fetchone() == (
            3,
        )
        assert SqliteLedger(database).row(HUSKY.ref) == StoredRow(replace(HUSKY, schema=2), None, None, None)


def test_work_goes_on_in_an_index_that_was_brought_up_to_date(path: Path) -> None:
    sqlite.migrate_index(path)
    with _opened(path) as database:
        ledger, index = SqliteLedger(database), SqliteLabelIndex(database)
        put(ledger, replace(HUSKY, labels=(label("kite"),), ancestors={}), "event-11")
        assert index.count(Query(all_of=every("mammal"))).total == 1
        assert index.count(Query(all_of=every("kite"))).total == 2


@pytest.mark.parametrize("layout", [LAYOUT + 1, LAYOUT + 7])
def test_an_index_of_a_newer_layout_is_not_touched(path: Path, layout: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {layout}")
    before = _tables(path)
    with pytest.raises(Misconfigured, match=f"layout {layout}, and this version reads up to {LAYOUT}: upgrade"):
        sqlite.migrate_index(path)
    assert _tables(path) == before


def test_an_index_that_is_not_there_is_not_made_by_a_migration(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="there is no index at"):
        sqlite.migrate_index(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []
