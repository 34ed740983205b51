"""Keeps albums, pins and tokens in Tablestore, with strong reads and conditional writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

import tablestore as ots

from imagelabels.domain.albums import MOST_PINS, Album, Changed, Pin, PinKind, TooManyPins, new_id
from imagelabels.domain.changes import named
from imagelabels.domain.tokens import Token
from imagelabels.providers.aliyun.tablestore import changes
from imagelabels.providers.aliyun.tablestore.client import ANY, EXISTS, Columns, Instance, Key, equals, missing
from imagelabels.providers.aliyun.tablestore.many_rows import write_many
from imagelabels.providers.aliyun.tablestore.tables import ALBUMS, CHANGES, PINS, TOKENS, readable, sendable
from imagelabels.providers.aliyun.tablestore.versioned_rows import Form, VersionedRows
from imagelabels.records import rows
from imagelabels.records.albums import ALBUM_CURE, TOKEN_CURE, album_json, read_album, read_token, token_json
from imagelabels.records.readable import each_readable


class TablestoreAlbums:
    """This is a port Albums."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._rows = VersionedRows(instance, ALBUMS, Form("album", ALBUM_CURE, album_json, read_album))

    def get(self, album_id: str) -> Album | None:
        return self._rows.get(album_id)

    def list(self, after: str = "", limit: int = 100) -> tuple[Album, ...]:
        return self._rows.list(after, limit)

    def put(self, album: Album, expected_version: int | None = None) -> None:
        self._rows.put(album, expected_version)

    def delete(self, album_id: str, expected_version: int | None) -> None:
        key = (rows.storable(album_id),)
        if expected_version is None:
            is_deleted = self._instance.get(ALBUMS, key) is not None
            self._instance.delete(ALBUMS, key)
        else:
            is_deleted = self._instance.delete(ALBUMS, key, equals("version", expected_version))
            if not is_deleted and self._instance.get(ALBUMS, key) is not None:
                raise Changed(album_id)
        self._remove_pins(album_id)
        if not is_deleted:  # It was not there; or an attempt whose answer was lost deleted it, and left the pins to us.
            raise Changed(album_id)

    def _remove_pins(self, album_id: str) -> None:
        keys = [key for key, _, _ in self._instance.range(PINS, (rows.storable(album_id),), ["kind"])]
        gone = [ots.DeleteRowItem(ots.Row(self._instance.key(PINS, key)), ots.Condition(ANY)) for key in keys]
        write_many(self._instance, PINS, gone)

    def pin(self, album_id: str, uri: str, kind: PinKind | None, at: int) -> None:
        if self.get(album_id) is None:
            raise Changed(album_id)
        key = (album_id, _place(uri))
        if kind is None:
            item = ots.DeleteRowItem(ots.Row(self._instance.key(PINS, key)), ots.Condition(ANY))
        else:
            self._check_room(album_id, key)
            columns: Columns = {"uri": sendable(uri), "kind": kind, "at": at}
            item = ots.UpdateRowItem(self._instance.changed(PINS, key, columns), ots.Condition(ANY))
        # Webhooks learn of pins as they learn of rows: by a change, which is written in the same request.
        change = changes.line(self._instance, named(uri), new_id(), at)
        self._instance.batch((PINS, item), (CHANGES, change), beside=CHANGES)

    def _check_room(self, album_id: str, key: Key) -> None:
        """Raise TooManyPins if a new pin would be one too many."""
        if self._instance.get(PINS, key, ["kind"]) is None:
            pins = sum(1 for _ in self._instance.range(PINS, (album_id,), ["kind"]))
            if pins >= MOST_PINS:
                raise TooManyPins(album_id)

    def pins(self, album_id: str, after: str = "", limit: int = 1000) -> tuple[Pin, ...]:
        if not album_id:
            return ()
        begins = (rows.storable(album_id),)
        behind = (*begins, _place(after)) if after else ()
        found = (row for row in self._instance.range(PINS, begins, start_at=behind) if row[0] > behind)
        return tuple(_pin(columns) for _, columns, _ in islice(found, limit))

    def pins_of(self, album_id: str, uris: Sequence[str]) -> Mapping[str, Pin]:
        if not album_id:
            return {}
        keys = [(rows.storable(album_id), _place(uri)) for uri in uris]
        stored = zip(uris, self._instance.get_many(PINS, keys), strict=True)
        return {uri: _pin(columns) for uri, columns in stored if columns is not None}


class TablestoreTokens:
    """This is a port Tokens. A token's row is found by the hash of its secret, with one strong read."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def put(self, token: Token) -> None:
        columns: Columns = {"id": token.id, "token": token_json(token)}
        if token.revoked_at is not None:
            columns["revoked_at"] = token.revoked_at
        self._instance.update(TOKENS, (token.secret_hash,), columns)

    def by_hash(self, secret_hash: str) -> Token | None:
        found = self._instance.get(TOKENS, (rows.storable(secret_hash),)) if secret_hash else None
        return _token(secret_hash, found) if found is not None else None

    def list(self) -> tuple[Token, ...]:
        stored = ((key[0], columns) for key, columns, _ in self._instance.range(TOKENS, ()))
        found = each_readable(_token, stored)
        return tuple(sorted(found, key=lambda token: (token.made_at, token.id)))

    def revoke(self, token_id: str, at: int) -> bool:
        for key, columns, _ in self._instance.range(TOKENS, (), ["id"]):
            if columns.get("id") == token_id:
                self._instance.update(TOKENS, key, {"revoked_at": at}, when=missing("revoked_at", -1), row=EXISTS)
                return True
        return False


def _place(uri: str) -> str:
    """Return the key of a pin. A URI may be longer than a key is allowed to be."""
    return rows.image_pk(named(uri))


def _pin(columns: Columns) -> Pin:
    with rows.undamaged("a pin"):
        return Pin(readable(columns["uri"]), columns["kind"], columns["at"])


def _token(secret_hash: str, columns: Columns) -> Token:
    with rows.undamaged("a token", TOKEN_CURE):
        token_id, stored = str(columns["id"]), str(columns["token"])
    return read_token(token_id, secret_hash, columns.get("revoked_at"), stored)
