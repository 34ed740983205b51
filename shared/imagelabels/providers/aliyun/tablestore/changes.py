"""Tells in Tablestore what has changed, and reads it again.

The line of a change is sent in the request that writes the row, and its key begins with the time of the delivery. The
service refuses a request whose date is more than 15 minutes from its own time
(https://www.alibabacloud.com/help/en/tablestore/developer-reference/error-codes), so it writes each line within LATE of
that time, and notes the moment. A reader asks for the lines that were written between two moments. It leaves out the
youngest seconds, in which a line may still become visible and the row beside it be written.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import tablestore as ots

from imagelabels.domain.changes import KEPT_DAYS, Change, CursorTooOld, named
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.aliyun.tablestore.client import ANY, Instance, Key
from imagelabels.providers.aliyun.tablestore.tables import CHANGES, IMAGES, readable, sendable
from imagelabels.records import rows

HELD_BACK = 10_000
"""A line is told when it is so many milliseconds old. So the reader's clock may be fast by almost as much."""

LATE = 35 * 60_000
"""A line is written at most so many milliseconds after the time in its key: the sender's clock may be fast by 15
minutes, so that its request may be under way for 30."""

SEARCHED = 5 * 60_000
"""The search index shows a row so many milliseconds after it was written, at the latest. The service says three seconds
for 99 % of rows, and a minute for a new index
(https://www.alibabacloud.com/help/en/tablestore/limits-on-search-index)."""

FORGOTTEN = (KEPT_DAYS - 1) * 86_400_000
"""A cursor that is older than so many milliseconds is refused. The service removes lines a day after that."""

OLDEST = FORGOTTEN - 86_400_000
"""A reader without a cursor is told of so many milliseconds, and has a day for the pages of them."""

AT_ONCE = 1000
"""One request reads so many lines at most."""

_PLACE = re.compile(r"[0-9]{13} [0-9a-f]{32}")


def line(instance: Instance, ref: ObjectRef, token: str, at: int) -> Any:
    """Return what tells a change of the object's row, for a batch."""
    key = instance.key(CHANGES, (_moment(at), rows.image_pk(ref), token))
    return ots.PutRowItem(ots.Row(key, [("uri", sendable(ref.uri))]), ots.Condition(ANY))


class _Place(NamedTuple):
    """The place behind a line: the moment in its key, and a digest of the rest.

    The key itself would tell a reader of a picture that it may not see. Nobody can guess the token in it.
    """

    at: str
    digest: str

    @classmethod
    def behind(cls, key: Key) -> _Place:
        at, image, token = (str(part) for part in key)
        return cls(at, hashlib.sha256(f"{image} {token}".encode()).hexdigest()[:32])


class _Cursor(NamedTuple):
    """All lines that were written up to the moment `told` are told, and those up to `until` that are in front of
    `place`. Moments are milliseconds since 1970; no place means that nothing was told behind `told`."""

    told: int
    until: int
    place: _Place | None = None

    def text(self) -> str:
        octets = json.dumps([self.told, self.until, *(self.place or ())], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(octets).decode().rstrip("=")


class TablestoreChanges:
    """This is a port Changes. `clock` gives seconds since 1970."""

    def __init__(self, instance: Instance, clock: Callable[[], float] = time.time) -> None:
        self._instance, self._clock = instance, clock

    def since(self, cursor: str | None, limit: int = 100) -> tuple[tuple[Change, ...], str]:
        now = rows.milliseconds(self._clock())
        start = _read(cursor) if cursor is not None else _Cursor(now - OLDEST, now - OLDEST)
        if start.told < now - FORGOTTEN:
            raise CursorTooOld
        while True:
            if start.place is None:
                start = _Cursor(start.told, max(start.told, now - HELD_BACK))
            lines = list(islice(self._lines(start, limit), limit))
            if len(lines) == limit:
                return self._changes(lines), start._replace(place=_Place.behind(lines[-1][0])).text()
            all_told = _Cursor(start.until, start.until)
            if lines or start.place is None:
                return self._changes(lines), all_told.text()
            start = all_told  # The page before was the last one up to that moment. There may be later lines.

    def end(self) -> str:
        until = rows.milliseconds(self._clock()) - SEARCHED  # What is younger may not be found by a search yet.
        return _Cursor(until, until).text()

    def _changes(self, lines: list[tuple[Key, ObjectRef]]) -> tuple[Change, ...]:
        """Say of each line what has become of its row by now: the row is there, or it is not."""
        there = self._instance.get_many(IMAGES, [(key[1],) for key, _ in lines], ["schema"]) if lines else []
        return tuple(
            Change(ref, key[1], "removed" if columns is None else "written", int(key[0]))
            for (key, ref), columns in zip(lines, there, strict=True)
        )

    def _lines(self, cursor: _Cursor, limit: int) -> Iterator[tuple[Key, ObjectRef]]:
        """Yield the lines behind the cursor's place that were written within its moments, in the order of their keys.

        If the line at the place is not there, because a repeated request has written it anew, all lines of its moment
        are told again.
        """
        if cursor.until <= cursor.told:
            return
        place = cursor.place
        lines = self._lines_from(cursor, place.at if place is not None else _moment(max(0, cursor.told - LATE)), limit)
        told: list[tuple[Key, ObjectRef]] = []
        for line in lines:
            if place is None:
                yield line
            elif _Place.behind(line[0]) == place:
                told, place = [], None
            elif line[0][0] == place.at:
                told.append(line)
            else:
                yield from (*told, line)
                told, place = [], None
        yield from told

    def _lines_from(self, cursor: _Cursor, at: str, limit: int) -> Iterator[tuple[Key, ObjectRef]]:
        start: Any = [("at", at), ("image", ots.INF_MIN), ("token", ots.INF_MIN)]
        while start is not None:
            start, some = self._page(start, min(AT_ONCE, limit + 1), (cursor.told + 1, cursor.until + 1))
            for row in some:
                key = tuple(str(value) for _, value, *_ in row.primary_key)
                cells = {name: value for name, value, _ in row.attribute_columns}
                if "uri" in cells:
                    with rows.undamaged(f"the change {key!r}"):
                        ref = named(readable(cells["uri"]))
                    yield key, ref

    def _page(self, start: Any, limit: int, written: tuple[int, int]) -> tuple[Any, Any]:
        """Read some rows. Those that were written at another time may come without columns."""
        end = [(name, ots.INF_MAX) for name in ("at", "image", "token")]
        _, following, some, _ = self._instance.call(
            "GetRange",
            CHANGES,
            lambda: self._instance.sdk.get_range(
                CHANGES, ots.Direction.FORWARD, start, end, ["uri"], limit=limit, max_version=1, time_range=written
            ),
        )
        return following, some


def _moment(milliseconds: int) -> str:
    """Write a time so that texts sort as the times do, up to the year 2286."""
    return f"{milliseconds:013}"


def _read(cursor: str) -> _Cursor:
    try:
        octets = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        told, until, *place = json.loads(octets)
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise _no_cursor() from None
    is_ours = all(type(moment) is int and 0 <= moment < rows.YEAR_10000 for moment in (told, until))
    if is_ours and not place:
        return _Cursor(told, until)
    is_place = len(place) == 2 and all(isinstance(part, str) for part in place)
    if not is_ours or not is_place or not _PLACE.fullmatch(" ".join(place)):
        raise _no_cursor()
    return _Cursor(told, until, _Place(*place))


def _no_cursor() -> ValueError:
    return ValueError("this is no cursor of this index: use one as it was given, or start from an export")
