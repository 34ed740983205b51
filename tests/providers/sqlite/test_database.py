"""What a file must be to serve as the index, and what is said when it is not."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.providers import sqlite
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.tables import LAYOUT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index ü?#%.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with closing(Database(path)) as opened:
        yield opened


def _tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_new_file_gets_its_tables_and_says_which_layout_they_are(database: Database, path: Path) -> None:
    searched = {"images", "records", "names", "postings", "facets"}
    kept = {"answers", "budgets", "events", "changes", "albums", "pins", "tokens"}
    kept |= {"webhooks", "webhook_deliveries", "webhook_known"}
    assert _tables(path) - {"sqlite_sequence"} == searched | kept
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (LAYOUT,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("table", ["images", "answers", "budgets", "events"])
def test_every_row_says_which_schema_it_has(database: Database, table: str) -> None:
    with database.reading() as connection:
        columns = {row[1]: row for row in connection.execute(f"PRAGMA table_info({table})")}
    _, _, kind, required, default, _ = columns["schema"]
    assert (kind, required, default) == ("INTEGER", 1, "1")


def test_an_index_that_is_there_is_opened_as_it_is(path: Path) -> None:
    with closing(Database(path)) as database, database.writing() as connection:
        connection.execute("INSERT INTO budgets (detector) VALUES ('oss')")
    with closing(Database(path)) as database, database.reading() as connection:
        assert connection.execute("SELECT detector FROM budgets").fetchall() == [("oss",)]


def test_an_empty_file_becomes_an_index(path: Path) -> None:
    path.touch()
    with closing(Database(path)):
        assert "images" in _tables(path)


def test_an_index_of_a_newer_version_is_refused_with_both_numbers_and_its_name(path: Path) -> None:
    Database(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {LAYOUT + 7}")
    with pytest.raises(Misconfigured) as caught:
        Database(path)
    assert all(part in str(caught.value) for part in (str(path), f"layout {LAYOUT + 7}", f"up to {LAYOUT}:"))


@pytest.mark.parametrize("layout", [0, LAYOUT])
def test_a_database_of_another_program_is_refused_and_left_alone(path: Path, layout: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE invoices (id)")
        connection.execute(f"PRAGMA user_version = {layout}")
    before = path.read_bytes()
    with pytest.raises(Misconfigured, match="another program") as caught:
        Database(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_bytes(b"\xff\xd8\xff\xe0 this is a picture " * 100)
    before = path.read_bytes()
    with pytest.raises(Misconfigured, match="is not a database") as caught:
        Database(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="is not a folder") as caught:
        Database(tmp_path / "nowhere" / "index.db")
    assert str(tmp_path / "nowhere") in str(caught.value)


def test_a_folder_that_nothing_can_be_written_to_is_refused_with_the_path(tmp_path: Path) -> None:
    # Permissions do not bind root, who may run this; the process's own descriptors are not a place for files either.
    folder = Path("/dev/fd") if Path("/dev/fd").is_dir() else tmp_path
    if folder == tmp_path:
        folder.chmod(0o500)
    with pytest.raises(Misconfigured, match="cannot be opened") as caught:
        Database(folder / "index.db")
    assert str(folder / "index.db") in str(caught.value)


def test_a_folder_in_the_place_of_the_file_is_refused_with_the_path(path: Path) -> None:
    path.mkdir()
    with pytest.raises(Misconfigured) as caught:
        Database(path)
    assert str(path) in str(caught.value)


def test_a_search_of_an_index_that_is_not_there_makes_none(path: Path) -> None:
    with pytest.raises(Misconfigured, match="there is no index at") as caught:
        sqlite.open_label_index(path)
    assert str(path) in str(caught.value)
    assert not path.exists()


def test_a_writer_that_waits_too_long_is_throttled(path: Path, database: Database) -> None:
    with (
        closing(Database(path, patience=0.01)) as other,
        database.writing(),
        pytest.raises(Unavailable) as caught,
        other.writing(),
    ):
        raise AssertionError("two writers at once")
    assert caught.value.reason == "throttled"
    assert str(path) in str(caught.value)


def test_a_new_file_that_another_process_is_writing_to_is_waited_for(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.1, other.rollback)
        timer.start()
        Database(path).close()
        timer.join()
    assert "images" in _tables(path)


def test_a_reader_waits_for_no_writer_and_sees_what_was_committed(path: Path, database: Database) -> None:
    with closing(Database(path, patience=0.01)) as other:
        with database.writing() as connection:
            connection.execute("INSERT INTO budgets (detector) VALUES ('oss')")
            with other.reading() as reader:
                assert reader.execute("SELECT count(*) FROM budgets").fetchone() == (0,)
        with other.reading() as reader:
            assert reader.execute("SELECT count(*) FROM budgets").fetchone() == (1,)


def test_a_transaction_that_fails_leaves_nothing_and_the_file_free(database: Database) -> None:
    def half_way() -> None:
        with database.writing() as connection:
            connection.execute("INSERT INTO budgets (detector) VALUES ('oss')")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        half_way()
    with database.writing() as connection:
        assert connection.execute("SELECT count(*) FROM budgets").fetchone() == (0,)


def test_what_sqlite_cannot_do_is_an_index_error(database: Database) -> None:
    with pytest.raises(Unavailable) as caught, database.reading() as connection:
        connection.execute("SELECT * FROM tables_of_the_future")
    assert caught.value.reason == "index_error"


def test_a_damaged_file_is_an_index_error_and_not_an_answer(path: Path, database: Database) -> None:
    with database.writing() as connection:
        connection.executemany("INSERT INTO budgets (detector) VALUES (?)", [(f"d{n}" * 50,) for n in range(500)])
    database.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\x55" * (len(whole) - 4096))
    with pytest.raises(Unavailable) as caught, database.reading() as connection:
        connection.execute("SELECT detector FROM budgets ORDER BY rowid").fetchall()
    assert caught.value.reason == "index_error"


def test_each_thread_has_a_connection_of_its_own(database: Database) -> None:
    seen: list[int] = []
    both = threading.Barrier(2)

    def look() -> None:
        with database.reading() as connection:
            both.wait()
            seen.append(id(connection))

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as connection:
        assert len({*seen, id(connection)}) == 3


def test_closing_leaves_no_other_file_behind(path: Path) -> None:
    database = Database(path)
    thread = threading.Thread(target=lambda: database.reading().__enter__())
    thread.start()
    thread.join()
    database.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.story
def test_the_door_loads_neither_sqlite_nor_a_model_until_it_is_opened() -> None:
    import subprocess
    import sys

    code = "import sys; import imagelabels.providers.onnx; print(*sys.modules)"
    environment = {"PYTHONPATH": ":".join(sys.path)}
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert not {"sqlite3", "numpy", "onnxruntime", "PIL"} & set(loaded.stdout.split())


def test_the_door_opens_a_ledger_and_the_search_over_it(path: Path) -> None:
    from imagelabels.domain.query import Query
    from tests.contract.samples import put, record

    put(sqlite.open_ledger(path), record())
    assert sqlite.open_label_index(path).search(Query()).records == (record(),)
