"""This benchmark measures feeds of 50 pictures over the SQLite index: from the request to the answer in memory.

`python -m benchmarks feed --index FILE` asks an index that `gallery` has kept, or keeps its own for `gallery`.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.index import fill_up, p95
from imagelabels.api.app import Api
from imagelabels.api.auth import Bearers
from imagelabels.api.here import Services
from imagelabels.api.limits import RateLimit
from imagelabels.domain import words
from imagelabels.domain.albums import Album, Question, new_id
from imagelabels.providers.sqlite.albums import SqliteAlbums, SqliteTokens
from imagelabels.providers.sqlite.changes import SqliteChanges
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.label_index import SqliteLabelIndex
from imagelabels.providers.sqlite.ledger import SqliteLedger
from imagelabels.usecases import feeds
from imagelabels.usecases.gallery import Gallery

ROWS, PINS, ASKED, WANTED = 200_000, 1000, 40, 50
"""Rows in the index, pictures put in by hand, how often each feed is asked for, and the milliseconds it may take."""

KINDS = ("rss", "atom", "json")


def report(rows: int = ROWS, kept: Path | None = None) -> Iterator[str]:
    """Yield the lines of the report. `kept`: an index file that is filled if it is not there, and kept."""
    with tempfile.TemporaryDirectory() as folder:
        path = kept or Path(folder) / "index.db"
        fill_up(path, rows)
        yield from _over(path)


def _over(path: Path) -> Iterator[str]:
    with closing(Database(path)) as database:
        ledger, index, albums = SqliteLedger(database), SqliteLabelIndex(database), SqliteAlbums(database)
        tokens = SqliteTokens(database)
        with database.reading() as connection:
            last = [uri for (uri,) in connection.execute("SELECT uri FROM images ORDER BY id DESC LIMIT ?", (PINS,))]
            (rows,) = connection.execute("SELECT count(*) FROM images").fetchone()
        gallery = Gallery(index, ledger, words.load(("ci", "imm")))
        services = Services(
            gallery, albums, SqliteChanges(database), _now, small=lambda record, side: "https://copies.example"
        )
        api = Api(services, Bearers(tokens, _now), RateLimit(10**6, time.monotonic))
        for name, question, pins in (
            ("a question that all match", Question(), 0),
            ("a category", Question(label=("animal",)), 0),
            ("a word", Question(label=("dog",)), 0),
            (f"a word, and {PINS:,} put in by hand", Question(label=("dog",)), PINS),
        ):
            album = Album(new_id(), name, question)
            albums.put(album)
            for uri in last[:pins]:
                albums.pin(album.id, uri.decode(), "in", _now())
            secret = feeds.share(tokens, album.id, name, ("",), _now())[1]
            yield from _measured(api, f"/v1/albums/{album.id}/feed/{secret}", f"{rows:,} rows, {name}")


def _measured(api: Api, address: str, name: str) -> Iterator[str]:
    figures = []
    for kind in KINDS:
        clock, processor = [], []
        answer = _ask(api, f"{address}/{kind}")
        for _ in range(ASKED):
            began, worked = time.perf_counter(), time.process_time()
            answer = _ask(api, f"{address}/{kind}")
            clock.append((time.perf_counter() - began) * 1000)
            processor.append((time.process_time() - worked) * 1000)
        assert answer["statusCode"] == 200, answer
        figures.append(
            f"{kind} {p95(clock):.0f} ms (median {statistics.median(clock):.0f}, processor {p95(processor):.0f})"
        )
    items, size = answer["body"].count('"id":'), len(answer["body"])
    yield f"feed: {name}: {items} pictures, {size / 1000:,.0f} kB, p95 ({WANTED} wanted): {', '.join(figures)}"


def _ask(api: Api, path: str) -> dict[str, Any]:
    http = {"method": "GET", "path": path, "sourceIp": "192.0.2.1"}
    return api.answer(
        {
            "version": "2.0",
            "rawPath": path,
            "headers": {"host": "photos.example"},
            "queryStringParameters": {},
            "requestContext": {"requestId": "r", "stage": "$default", "http": http},
            "body": None,
            "isBase64Encoded": False,
        }
    )


def _now() -> int:
    return time.time_ns() // 1_000_000
