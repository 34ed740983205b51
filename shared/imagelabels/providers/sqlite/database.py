"""Opens one SQLite file, makes its tables, keeps its connections, and says its errors in our words.

Several threads and several processes may use the file at once: each thread has a connection of its own, readers see the
last commit (https://www.sqlite.org/wal.html), and writers wait for each other. The file must be on a local disk, since
write-ahead logging shares memory between the processes.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.providers.sqlite import facets
from imagelabels.providers.sqlite.tables import ADD_FAILURES, APPLICATION, LATER, LAYOUT, MOVING, STATEMENTS

PATIENCE = 5.0
"""A writer waits so many seconds for the others before it gives up as throttled."""

CACHE = 128 * 1024
"""A connection keeps at most so many kilobytes of the file in memory; it begins with none."""

LOGGED = 64 * 1024 // 4
"""So many pages of the log, 64 MB, are put in their places together: most are written again and again until then."""


class Connection(sqlite3.Connection):
    """Unlike its base, it can be referred to weakly: the connection of a thread ends with the thread."""

    names: dict[str, int]
    """It holds numbers of ids (table names) that this connection met since one of its transactions was last undone."""

    ids: dict[int, str]
    """It holds the same the other way round, of the ids that it has counted."""


class Database:
    """Open and check the file. Misconfigured names it if it cannot be an index of ours.

    `oldest`: the oldest layout that the caller can work with; with one of before LAYOUT, that of an index that is being
    brought up to date.
    """

    def __init__(self, path: Path, create: bool = True, patience: float = PATIENCE, oldest: int = LAYOUT) -> None:
        self.path = path
        self._oldest = oldest
        self._patience = patience
        self._local = threading.local()
        self._open: weakref.WeakSet[Connection] = weakref.WeakSet()
        if not path.parent.is_dir():
            raise Misconfigured(f"the index {path} cannot be opened: {path.parent} is not a folder")
        if not create and not path.exists():
            raise Misconfigured(
                f"there is no index at {path}: label a picture first, make an empty index by "
                f"`imagelabels index create`, or correct the path"
            )
        with self._failures():
            self._prepare()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give this thread's connection; each statement sees the last commit of any process."""
        with self._failures():
            yield self._connection()

    @contextmanager
    def one_moment(self) -> Iterator[Connection]:
        """Give this thread's connection, for statements that all see the same commit."""
        with self.reading() as connection:
            connection.execute("SAVEPOINT moment")
            try:
                yield connection
            finally:
                connection.execute("RELEASE moment")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a transaction that no other writer can come between; it is undone if anything is raised.

        Within another one of the same thread it is a part of that, and undone by itself or with it.
        """
        with self._failures():
            connection = self._connection()
            within = connection.in_transaction
            connection.execute("SAVEPOINT part" if within else "BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("RELEASE part" if within else "COMMIT")
            except BaseException:
                # A number given within what is undone may next be another id's.
                connection.names.clear()
                connection.ids.clear()
                if within and connection.in_transaction:
                    connection.execute("ROLLBACK TO part")
                    connection.execute("RELEASE part")
                else:
                    connection.rollback()
                raise

    def close(self) -> None:
        """Close the connections of all threads; none of them may be at work."""
        for connection in list(self._open):
            connection.close()
        self._local = threading.local()

    def _connection(self) -> Connection:
        found: Connection | None = getattr(self._local, "connection", None)
        if found is None:
            # check_same_thread is off so that close() may reach it; nobody else uses another thread's connection.
            found = sqlite3.connect(
                self.path, timeout=self._patience, isolation_level=None, check_same_thread=False, factory=Connection
            )
            found.names, found.ids = {}, {}
            facets.teach(found)
            found.execute(f"PRAGMA cache_size = -{CACHE}")
            found.execute(f"PRAGMA wal_autocheckpoint = {LOGGED}")
            # Within `together` each part keeps what it may have to undo: in memory, not in a file.
            found.execute("PRAGMA temp_store = MEMORY")
            self._local.connection = found
            self._open.add(found)
        return found

    def _prepare(self) -> None:
        connection = self._connection()
        if self._is_ready(connection):
            self._complete(connection)
            return
        self._log_ahead(connection)
        with self.writing():
            if not self._is_ready(connection):
                for statement in STATEMENTS:
                    connection.execute(statement)

    def _complete(self, connection: sqlite3.Connection) -> None:
        """Make what came later than the layout, unless a migration makes it."""
        if self._oldest != LAYOUT:
            return
        there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if missing := [name for name in LATER if "images" in there and name not in there]:
            with self.writing():
                for name in missing:
                    connection.execute(LATER[name])
        if not _has_failures(connection):
            with self.writing():
                if not _has_failures(connection):  # Another process may have been faster.
                    connection.execute(ADD_FAILURES)

    def _is_ready(self, connection: sqlite3.Connection) -> bool:
        # One statement, hence one snapshot: another process may be creating the tables right now.
        application, layout, tables, moving = connection.execute(
            "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master),"
            " (SELECT count(*) FROM sqlite_master WHERE name = ?) FROM pragma_application_id, pragma_user_version",
            (MOVING,),
        ).fetchone()
        if (application, layout, tables) == (0, 0, 0):
            return False
        if application != APPLICATION:
            raise Misconfigured(f"{self.path} is a database of another program: name another file for the index")
        if layout > LAYOUT:
            raise Misconfigured(
                f"the index {self.path} has layout {layout}, and this version reads up to {LAYOUT}: upgrade imagelabels"
            )
        if layout < self._oldest:
            raise Misconfigured(
                f"the index {self.path} has layout {layout}, and this version needs {LAYOUT}: "
                "run `imagelabels index migrate` once"
            )
        if moving and self._oldest == LAYOUT:
            raise Misconfigured(
                f"the index {self.path} is being brought up to date: wait for `imagelabels index migrate` to end, "
                "or run it again if it was cut off"
            )
        return True

    def _log_ahead(self, connection: sqlite3.Connection) -> None:
        """Turn on write-ahead logging for good; unlike other statements, this one does not wait for a busy file."""
        end = time.monotonic() + self._patience
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or time.monotonic() > end:
                    raise
                time.sleep(0.01)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if _is_busy(error):
                raise Unavailable("throttled", f"the index {self.path} is busy: {error}") from error
            if (why := _misconfigured(error)) is not None:
                raise Misconfigured(f"the index {self.path} {why}") from error
            raise Unavailable("index_error", f"the index {self.path} failed: {error}") from error


# The error's code is an attribute from Python 3.11 on only; the texts are those of
# https://www.sqlite.org/rescode.html, unchanged for many years.


def _has_failures(connection: sqlite3.Connection) -> bool:
    """Return whether the table of answers has the column that came later, or is not there at all."""
    columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(answers)")]
    return "failures" in columns or not columns


def _is_busy(error: sqlite3.Error) -> bool:
    return "is locked" in str(error)


def _misconfigured(error: sqlite3.Error) -> str | None:
    reasons = {
        "file is not a database": "is not a database: name another file, or move this one away",
        "unable to open database file": "cannot be opened: the folder must be writable and the name must be a file's",
        "attempt to write a readonly database": "cannot be written: check the permissions of the file and its folder",
    }
    return next((why for text, why in reasons.items() if text in str(error)), None)
