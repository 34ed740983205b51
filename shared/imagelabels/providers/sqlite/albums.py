"""Keeps albums, pins and tokens in SQLite: every method is one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from imagelabels.domain.albums import MOST_PINS, Album, Changed, Pin, PinKind, TooManyPins
from imagelabels.domain.changes import named
from imagelabels.domain.tokens import Token
from imagelabels.providers.sqlite import changes
from imagelabels.providers.sqlite.database import Database
from imagelabels.records import rows
from imagelabels.records.albums import album_json, read_album, read_token, token_json
from imagelabels.records.readable import each_readable
from imagelabels.records.rows import storable


class SqliteAlbums:
    """This is a port Albums."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, album_id: str) -> Album | None:
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT id, version, album FROM albums WHERE id = ?", (storable(album_id),)
            ).fetchone()
        return read_album(*found) if found is not None else None

    def list(self, after: str = "", limit: int = 100) -> tuple[Album, ...]:
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT id, version, album FROM albums WHERE id > ? ORDER BY id", (storable(after),)
            )
            return tuple(islice(each_readable(read_album, found), limit))

    def put(self, album: Album, expected_version: int | None = None) -> None:
        stored = album_json(album)
        with self._database.writing() as connection:
            if expected_version is None:
                statement = "INSERT OR IGNORE INTO albums (version, album, id) VALUES (?, ?, ?)"
                values: tuple[object, ...] = (album.version, stored, album.id)
            else:
                statement = "UPDATE albums SET version = ?, album = ? WHERE id = ? AND version = ?"
                values = (album.version, stored, album.id, expected_version)
            if connection.execute(statement, values).rowcount != 1:
                raise Changed(album.id)

    def delete(self, album_id: str, expected_version: int | None) -> None:
        with self._database.writing() as connection:
            gone = connection.execute(
                "DELETE FROM albums WHERE id = ?1 AND (?2 IS NULL OR version = ?2)",
                (storable(album_id), expected_version),
            )
            if gone.rowcount != 1:
                raise Changed(album_id)
            connection.execute("DELETE FROM pins WHERE album = ?", (album_id,))

    def pin(self, album_id: str, uri: str, kind: PinKind | None, at: int) -> None:
        place = (storable(album_id), rows.octets(uri))
        with self._database.writing() as connection:
            count = connection.execute("SELECT pins FROM albums WHERE id = ?", place[:1]).fetchone()
            if count is None:
                raise Changed(album_id)
            was = connection.execute("DELETE FROM pins WHERE album = ? AND uri = ?", place).rowcount
            if kind is not None and count[0] - was >= MOST_PINS:
                raise TooManyPins(album_id)
            if kind is not None:
                connection.execute("INSERT INTO pins (album, uri, kind, at) VALUES (?, ?, ?, ?)", (*place, kind, at))
            connection.execute(
                "UPDATE albums SET pins = ? WHERE id = ?", (count[0] - was + (kind is not None), place[0])
            )
            _tell(connection, uri, at)

    def pins(self, album_id: str, after: str = "", limit: int = 1000) -> tuple[Pin, ...]:
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT uri, kind, at FROM pins WHERE album = ? AND uri > ? ORDER BY uri LIMIT ?",
                (storable(album_id), rows.octets(after), limit),
            ).fetchall()
        return tuple(Pin(rows.text(uri), kind, at) for uri, kind, at in found)

    def pins_of(self, album_id: str, uris: Sequence[str]) -> Mapping[str, Pin]:
        marks = ", ".join("?" * len(uris))
        with self._database.reading() as connection:
            found = connection.execute(
                f"SELECT uri, kind, at FROM pins WHERE album = ? AND uri IN ({marks})",
                (storable(album_id), *map(rows.octets, uris)),
            ).fetchall()
        pins = [Pin(rows.text(uri), kind, at) for uri, kind, at in found]
        return {pin.uri: pin for pin in pins}


def _tell(connection: sqlite3.Connection, uri: str, at: int) -> None:
    """Tell a change of the picture: webhooks learn of pins as they learn of rows."""
    ref = named(uri)
    image = connection.execute("SELECT id FROM images WHERE pk = ?", (rows.image_pk(ref),)).fetchone()
    if image is not None:  # Without a row the picture is in no album.
        changes.tell(connection, image[0], ref, at)


class SqliteTokens:
    """This is a port Tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, token: Token) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO tokens (id, hash, revoked_at, token) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                " hash = excluded.hash, revoked_at = excluded.revoked_at, token = excluded.token",
                (token.id, token.secret_hash, token.revoked_at, token_json(token)),
            )

    def by_hash(self, secret_hash: str) -> Token | None:
        with self._database.reading() as connection:
            found = _tokens(connection, "WHERE hash = ?", storable(secret_hash))
        return read_token(*found[0]) if found else None

    def list(self) -> tuple[Token, ...]:
        with self._database.reading() as connection:
            found = list(each_readable(read_token, _tokens(connection)))
        return tuple(sorted(found, key=lambda token: (token.made_at, token.id)))

    def revoke(self, token_id: str, at: int) -> bool:
        with self._database.writing() as connection:
            revoked = connection.execute(
                "UPDATE tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", (at, storable(token_id))
            )
            return revoked.rowcount == 1


def _tokens(connection: sqlite3.Connection, where: str = "", *values: str) -> list[tuple[Any, ...]]:
    return connection.execute(f"SELECT id, hash, revoked_at, token FROM tokens {where}", values).fetchall()
