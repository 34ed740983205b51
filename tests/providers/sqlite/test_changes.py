"""Old changes are removed from a SQLite index, and a reader who would miss them is told so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from imagelabels.domain.changes import CursorTooOld
from imagelabels.domain.model import ObjectRef
from imagelabels.ports import Claim
from imagelabels.providers import sqlite
from imagelabels.providers.sqlite import changes
from imagelabels.providers.sqlite.changes import KEPT, SELDOM, SqliteChanges
from imagelabels.providers.sqlite.database import Database

REF = ObjectRef("oss", "photos", "dog.jpg")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "index.db")
    yield made
    made.close()


def tell(database: Database, *moments: int) -> None:
    with database.writing() as connection:
        for at in moments:
            changes.tell(connection, 1, REF, at)


def test_a_reader_that_would_miss_removed_changes_is_refused_and_a_new_one_is_not(database: Database) -> None:
    reader = SqliteChanges(database)
    tell(database, 1, 2, 3)
    _, first = reader.since(None, 1)
    _, second = reader.since(first, 1)
    with database.writing() as connection:
        changes.forget(connection, 3)

    with pytest.raises(CursorTooOld, match="start from an export"):
        reader.since(first)
    assert [one.at for one in reader.since(second)[0]] == [3]
    assert [one.at for one in reader.since(None)[0]] == [3]


def test_old_changes_go_by_themselves_and_their_numbers_are_not_given_again(database: Database) -> None:
    tell(database, 1, *[KEPT + 2] * (SELDOM - 1))
    told, cursor = SqliteChanges(database).since(None, 2 * SELDOM)

    assert len(told) == SELDOM - 1
    assert cursor == str(SELDOM)


def test_an_index_of_an_earlier_version_gets_the_new_tables_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    sqlite.create_index(path)
    database = Database(path)
    with database.writing() as connection:
        for table in ("changes", "albums", "pins", "tokens"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DROP TABLE answers")
        connection.execute(
            "CREATE TABLE answers (answer_id TEXT PRIMARY KEY, schema INTEGER NOT NULL DEFAULT 1, state TEXT NOT NULL"
            " CHECK (state IN ('calling', 'ok', 'refused')), owner TEXT NOT NULL, until INTEGER, answer TEXT)"
        )
        connection.execute("INSERT INTO answers (answer_id, state, owner, until) VALUES ('c', 'calling', 'a', 1000)")
    database.close()

    assert sqlite.open_albums(path).list() == ()
    assert sqlite.open_tokens(path).list() == ()
    assert sqlite.open_changes(path).since(None) == ((), "0")
    assert sqlite.open_ledger(path).claim("c", "b", 5.0, 2.0) == Claim("mine", failures=1)
