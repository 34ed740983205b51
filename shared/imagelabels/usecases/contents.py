"""Brings together the objects of a walk that have the same content, in a temporary file, so that memory stays small."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from types import TracebackType
from typing import Any

from imagelabels.domain import content
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import Corrections, Crc64, ObjectHead, ObjectRef
from imagelabels.records import rows
from imagelabels.usecases.walk import Place

MOST = 1000
"""Objects of one content are handed out in pieces of at most so many."""

_MD5 = re.compile(r"[0-9A-Fa-f]{32}")


@dataclass(frozen=True, slots=True)
class Member:
    """An object whose content must be known, with what the list and the row told of it."""

    ref: ObjectRef
    etag: str
    size: int
    head: ObjectHead | None = None
    """This is what HEAD would show, as far as content and version go, where the row or an inventory tells it."""
    tag_count: int | None = None
    said: Corrections | None = None
    """A person said this of the content in the row."""
    replan: bool = False
    """Its row was finished for this content by another policy."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Objects of one content. Those of a later piece have the content of the piece before it."""

    members: tuple[Member, ...]
    is_first: bool


def member(listed: Listed, head: ObjectHead | None, said: Corrections | None, replan: bool) -> Member:
    """Return an object as a walk saw it; `head` is that of its row, where the row was written for what is listed."""
    if head is None and listed.crc64 is not None and listed.etag:
        head = ObjectHead(listed.etag, listed.size, listed.crc64, int(listed.modified or 0))
    return Member(listed.ref, listed.etag, listed.size, head, listed.tag_count, said, replan)


class Contents:
    """The objects whose contents must be known. Only one thread may use it."""

    def __init__(self, place: Place, reuse: content.Reuse) -> None:
        self._place, self._reuse = place, reuse
        # SQLite makes a file without a name, and nobody has to remove it: https://www.sqlite.org/inmemorydb.html
        self._database = sqlite3.connect("")
        self._database.execute(
            "CREATE TABLE member (content, key, etag, size, crc64, version, symlink, tags, said, replan)"
        )
        self._database.execute("CREATE TABLE asked (answer_id PRIMARY KEY) WITHOUT ROWID")

    def __enter__(self) -> Contents:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._database.close()

    def add(self, members: Iterable[Member]) -> None:
        """Keep these objects."""
        self._database.executemany("INSERT INTO member VALUES (?,?,?,?,?,?,?,?,?,?)", map(self._columns, members))

    def ask(self, answer_id: str) -> bool:
        """Note that the detector will be asked for this answer; False if that was noted before."""
        return bool(self._database.execute("INSERT OR IGNORE INTO asked VALUES (?)", (answer_id,)).rowcount)

    def pieces(self) -> Iterator[Piece]:
        """Yield all objects, those of one content together and in the order in which they were added."""
        with closing(self._database.cursor()) as cursor:
            cursor.execute("SELECT * FROM member ORDER BY content, rowid")
            for _, same in groupby(cursor, key=lambda columns: columns[0]):
                is_first, members = True, list[Member]()
                for columns in same:
                    if len(members) == MOST:
                        yield Piece(tuple(members), is_first)
                        is_first, members = False, []
                    members.append(self._member(columns))
                yield Piece(tuple(members), is_first)

    def _columns(self, one: Member) -> tuple[Any, ...]:
        head, said = one.head, one.said
        known = (None, None, None) if head is None else (head.crc64, head.version, head.symlink)
        words = None if said is None else json.dumps([said.content, said.without, said.add])
        key = rows.octets(one.ref.key)
        return (self._content(one, key), key, one.etag, one.size, *known, one.tag_count, words, one.replan)

    def _content(self, one: Member, key: bytes) -> bytes:
        """Name the content as far as it is known without a look. Objects whose contents nobody knows have each their
        own name, and so have all objects whose answers are shared with no other object."""
        if self._reuse == "object" or not one.etag:
            return b"key" + key
        if one.head is not None and one.head.crc64 is not None and not _MD5.fullmatch(one.etag):
            return content.content_id(one.head).encode()
        return f"{one.size} {one.etag.upper()}".encode("utf-8", "surrogatepass")

    def _member(self, columns: tuple[Any, ...]) -> Member:
        _, key, etag, size, crc64, version, symlink, tag_count, words, replan = columns
        ref = ObjectRef(self._place.store, self._place.bucket, rows.text(key))
        head = None
        if symlink is not None:
            sum_of_bytes = None if crc64 is None else Crc64(crc64)
            head = ObjectHead(etag, size, sum_of_bytes, 0, version, symlink=bool(symlink))
        said = None
        if words is not None:
            about, without, add = json.loads(words)
            said = Corrections(about, tuple(without), tuple(add))
        return Member(ref, etag, size, head, tag_count, said, bool(replan))
