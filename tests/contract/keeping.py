"""This file lists the adapters of Albums, Tokens and Changes that must pass the contract suites."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from imagelabels.domain.albums import Pin
from imagelabels.ports import Albums, Changes, Ledger, Tokens
from imagelabels.providers.aliyun.tablestore import index_setup
from imagelabels.providers.aliyun.tablestore.albums import TablestoreAlbums, TablestoreTokens
from imagelabels.providers.aliyun.tablestore.changes import HELD_BACK, TablestoreChanges
from imagelabels.providers.aliyun.tablestore.ledger import TablestoreLedger
from imagelabels.providers.sqlite.albums import SqliteAlbums, SqliteTokens
from imagelabels.providers.sqlite.changes import SqliteChanges
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.ledger import SqliteLedger
from tests.contract.tablestore_provider import instance
from tests.fakes import FakeLedger
from tests.fakes_albums import FakeAlbums, FakeChanges, FakeTokens


@dataclass(frozen=True)
class Kept:
    """An index, and a way to give an album many pins at once."""

    ledger: Ledger
    albums: Albums
    tokens: Tokens
    changes: Changes
    fill: Callable[[str, Sequence[str]], None]
    """Puts these URIs into an album."""


@contextmanager
def _memory(folder: Path) -> Iterator[Kept]:
    ledger, albums = FakeLedger(), FakeAlbums()

    def fill(album: str, uris: Sequence[str]) -> None:
        albums.pinned[album] = {uri: Pin(uri, "in", 1) for uri in uris}

    yield Kept(ledger, albums, FakeTokens(), FakeChanges(ledger.changes), fill)


@contextmanager
def _sqlite(folder: Path) -> Iterator[Kept]:
    database = Database(folder / "index.db")
    ledger, albums = SqliteLedger(database), SqliteAlbums(database)

    def fill(album: str, uris: Sequence[str]) -> None:
        with ledger.together():
            for uri in uris:
                albums.pin(album, uri, "in", 1)

    try:
        yield Kept(ledger, albums, SqliteTokens(database), SqliteChanges(database), fill)
    finally:
        database.close()


@contextmanager
def _tablestore(folder: Path) -> Iterator[Kept]:
    with instance(folder) as opened:
        index_setup.create_tables(opened)
        albums = TablestoreAlbums(opened)
        later = TablestoreChanges(opened, lambda: time.time() + HELD_BACK / 1000 + 1)
        yield Kept(TablestoreLedger(opened), albums, TablestoreTokens(opened), later, albums.put_in)


KEEPERS: dict[str, Callable[[Path], AbstractContextManager[Kept]]] = {
    "memory": _memory,
    "sqlite": _sqlite,
    "tablestore": _tablestore,
}
