"""This file lists the adapters of Albums, Tokens and Changes that must pass the contract suites."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tablestore as ots

from imagelabels.domain.albums import Pin
from imagelabels.domain.changes import named
from imagelabels.ports import Ledger
from imagelabels.ports.albums import Albums
from imagelabels.ports.changes import Changes
from imagelabels.ports.tokens import Tokens
from imagelabels.ports.webhooks import Webhooks
from imagelabels.providers.aliyun.tablestore import index_setup
from imagelabels.providers.aliyun.tablestore.albums import TablestoreAlbums, TablestoreTokens
from imagelabels.providers.aliyun.tablestore.changes import TablestoreChanges
from imagelabels.providers.aliyun.tablestore.client import ANY, Instance
from imagelabels.providers.aliyun.tablestore.ledger import TablestoreLedger
from imagelabels.providers.aliyun.tablestore.tables import ALBUMS, PINS, TOKENS, WEBHOOKS
from imagelabels.providers.aliyun.tablestore.webhooks import TablestoreHooks, TablestoreKnown, TablestoreOutbox
from imagelabels.providers.sqlite.albums import SqliteAlbums, SqliteTokens
from imagelabels.providers.sqlite.changes import SqliteChanges
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.ledger import SqliteLedger
from imagelabels.providers.sqlite.webhooks import SqliteHooks, SqliteKnown, SqliteOutbox
from imagelabels.records.rows import image_pk
from tests.contract.tablestore_provider import has_made, instance
from tests.fakes import FakeLedger
from tests.fakes_albums import FakeAlbums, FakeChanges, FakeTokens
from tests.fakes_webhooks import FakeHooks, FakeKnown, FakeOutbox


@dataclass(frozen=True)
class Kept:
    """An index, and a way to give an album many pins at once."""

    ledger: Ledger
    albums: Albums
    tokens: Tokens
    changes: Changes
    webhooks: Webhooks
    fill: Callable[[str, Sequence[str]], None]
    """Puts these URIs into an album."""
    damage: Callable[[str, str], None]
    """Makes the row of that key in the table "albums", "tokens" or "webhooks" unreadable. A token's key is its id in
    memory and in SQLite, and the hash of its secret in Tablestore."""
    now: Callable[[], float] = time.time
    """The index's clock, in seconds since 1970."""
    later: Callable[[float], None] = lambda seconds: None
    """Lets so many seconds pass for the index, and for those who read it."""


@contextmanager
def _memory(folder: Path) -> Iterator[Kept]:
    ledger, albums = FakeLedger(), FakeAlbums()
    albums.changes = ledger.changes

    def fill(album: str, uris: Sequence[str]) -> None:
        albums.pinned[album] = {uri: Pin(uri, "in", 1) for uri in uris}

    tokens, hooks = FakeTokens(), FakeHooks()
    damaged = {"albums": albums.damaged, "tokens": tokens.damaged, "webhooks": hooks.damaged}

    def damage(table: str, key: str) -> None:
        damaged[table].add(key)

    webhooks = Webhooks(hooks, FakeOutbox(), FakeKnown())
    yield Kept(ledger, albums, tokens, FakeChanges(ledger.changes), webhooks, fill, damage)


@contextmanager
def _sqlite(folder: Path) -> Iterator[Kept]:
    database = Database(folder / "index.db")
    ledger, albums = SqliteLedger(database), SqliteAlbums(database)

    def fill(album: str, uris: Sequence[str]) -> None:
        with ledger.together():
            for uri in uris:
                albums.pin(album, uri, "in", 1)

    def damage(table: str, key: str) -> None:
        with database.writing() as connection:
            connection.execute(f"UPDATE {table} SET {table[:-1].removeprefix('web')} = '[]' WHERE id = ?", (key,))

    try:
        webhooks = Webhooks(SqliteHooks(database), SqliteOutbox(database), SqliteKnown(database))
        yield Kept(ledger, albums, SqliteTokens(database), SqliteChanges(database), webhooks, fill, damage)
    finally:
        database.close()


@contextmanager
def _tablestore(folder: Path) -> Iterator[Kept]:
    clock = Later()
    has_made(index_setup.create_tables, folder / "tablestore")
    with instance(folder, clock=clock.time) as opened:
        albums = TablestoreAlbums(opened)

        def fill(album: str, uris: Sequence[str]) -> None:
            for start in range(0, len(uris), 200):
                request = ots.BatchWriteRowRequest()
                puts = [_pin(opened, album, uri) for uri in uris[start : start + 200]]
                request.add(ots.TableInBatchWriteRowItem(PINS, puts))
                opened.sdk.batch_write_row(request)

        def damage(table: str, key: str) -> None:
            column = "token" if table == "tokens" else "fields"
            opened.update({"albums": ALBUMS, "tokens": TOKENS, "webhooks": WEBHOOKS}[table], (key,), {column: "[]"})

        changes = TablestoreChanges(opened, clock.time)
        webhooks = Webhooks(TablestoreHooks(opened), TablestoreOutbox(opened), TablestoreKnown(opened))
        tokens, times = TablestoreTokens(opened), (clock.time, clock.pass_by)
        yield Kept(TablestoreLedger(opened), albums, tokens, changes, webhooks, fill, damage, *times)


def _pin(opened: Instance, album: str, uri: str) -> Any:
    row = ots.Row(opened.key(PINS, (album, image_pk(named(uri)))), [("uri", uri), ("kind", "in"), ("at", 1)])
    return ots.PutRowItem(row, ots.Condition(ANY))


class Later:
    """A clock that goes on with this machine's, and can be moved forward. Clients sign with this machine's time."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def time(self) -> float:
        return time.time() + self._ahead

    def pass_by(self, seconds: float) -> None:
        self._ahead += seconds


KEEPERS: dict[str, Callable[[Path], AbstractContextManager[Kept]]] = {
    "memory": _memory,
    "sqlite": _sqlite,
    "tablestore": _tablestore,
}
