"""Albums, tokens and changes in memory, with the same promises as the real adapters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from imagelabels.domain.albums import MOST_PINS, Album, Changed, Pin, PinKind, TooManyPins
from imagelabels.domain.changes import Change, CursorTooOld, named
from imagelabels.domain.errors import Damaged
from imagelabels.domain.tokens import Token
from imagelabels.records.albums import question_json
from imagelabels.records.rows import image_pk, octets


class FakeAlbums:
    """Albums and pins in dictionaries."""

    def __init__(self) -> None:
        self.there: dict[str, Album] = {}
        self.damaged: set[str] = set()
        self.damaged_pins: set[str] = set()
        self.pinned: dict[str, dict[str, Pin]] = {}
        self.changes: list[Change] = []
        self.pages_of_pins = 0
        """So many pages of pins were read."""

    def get(self, album_id: str) -> Album | None:
        if album_id in self.damaged:
            raise Damaged(f"the album {album_id!r} in the index is damaged")
        return self.there.get(album_id)

    def list(self, after: str = "", limit: int = 100) -> tuple[Album, ...]:
        readable = sorted(self.there.keys() - self.damaged)
        return tuple(self.there[name] for name in readable if name > after)[:limit]

    def put(self, album: Album, expected_version: int | None = None) -> None:
        question_json(album.question)
        self._check(album.id, expected_version)
        self.there[album.id] = album

    def delete(self, album_id: str, expected_version: int | None) -> None:
        if expected_version is not None or album_id not in self.there:
            self._check(album_id, expected_version or 1)
        del self.there[album_id]
        self.damaged.discard(album_id)
        self.pinned.pop(album_id, None)

    def pin(self, album_id: str, uri: str, kind: PinKind | None, at: int) -> None:
        if album_id not in self.there:
            raise Changed(album_id)
        pins = self.pinned.setdefault(album_id, {})
        if kind is None:
            pins.pop(uri, None)
        elif uri not in pins and len(pins) >= MOST_PINS:
            raise TooManyPins(album_id)
        else:
            pins[uri] = Pin(uri, kind, at)
        self.changes.append(Change(named(uri), image_pk(named(uri)), "written", at))

    def pins(self, album_id: str, after: str = "", limit: int = 1000) -> tuple[Pin, ...]:
        if album_id in self.damaged_pins:
            raise Damaged("a pin in the index is damaged")
        self.pages_of_pins += 1
        pins = self.pinned.get(album_id, {})
        uris = sorted((uri for uri in pins if octets(uri) > octets(after)), key=octets)
        return tuple(pins[uri] for uri in uris[:limit])

    def pins_of(self, album_id: str, uris: Sequence[str]) -> Mapping[str, Pin]:
        if album_id in self.damaged_pins:
            raise Damaged("a pin in the index is damaged")
        pins = self.pinned.get(album_id, {})
        return {uri: pins[uri] for uri in uris if uri in pins}

    def _check(self, album_id: str, expected_version: int | None) -> None:
        there = self.there.get(album_id)
        if (there.version if there is not None else None) != expected_version:
            raise Changed(album_id)


class FakeTokens:
    """Tokens in a dictionary."""

    def __init__(self) -> None:
        self.there: dict[str, Token] = {}
        self.damaged: set[str] = set()

    def put(self, token: Token) -> None:
        self.there[token.id] = token

    def by_hash(self, secret_hash: str) -> Token | None:
        return next((token for token in self.there.values() if token.secret_hash == secret_hash), None)

    def list(self) -> tuple[Token, ...]:
        readable = (token for name, token in self.there.items() if name not in self.damaged)
        return tuple(sorted(readable, key=lambda token: (token.made_at, token.id)))

    def revoke(self, token_id: str, at: int) -> bool:
        token = self.there.get(token_id)
        if token is None:
            return False
        if token.revoked_at is None:
            self.there[token_id] = replace(token, revoked_at=at)
        return True


class FakeChanges:
    """Reads a list of changes, as FakeLedger writes one. Cursors count the changes, also those that were removed."""

    def __init__(self, lines: Sequence[Change]) -> None:
        self.lines = lines
        self.removed = 0
        self.not_searched = 0
        """A search may not show so many of the last changes yet."""

    def since(self, cursor: str | None, limit: int = 100) -> tuple[tuple[Change, ...], str]:
        if cursor is not None and not (cursor.isascii() and cursor.isdigit()):
            raise ValueError("this is no cursor of this index: use one as it was given, or start from an export")
        start = int(cursor) if cursor is not None else self.removed
        if start > len(self.lines):
            raise ValueError("this is no cursor of this index: start from an export")
        if start < self.removed:
            raise CursorTooOld
        end = min(start + limit, len(self.lines))
        return tuple(self.lines[start:end]), str(max(start, end))

    def end(self) -> str:
        return str(max(self.removed, len(self.lines) - self.not_searched))

    def remove(self, count: int) -> None:
        """Remove the oldest changes, so that so many have been removed in all."""
        self.removed = count
