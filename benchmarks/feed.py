"""This benchmark measures feeds of 50 pictures over the SQLite index: from the request to the answer in memory."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.index import BATCH, Pictures, lock, p95, put, together
from imagelabels.api.app import Api
from imagelabels.api.auth import Bearers
from imagelabels.api.here import Services
from imagelabels.api.limits import RateLimit
from imagelabels.domain import words
from imagelabels.domain.albums import Album, Question
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


def report(rows: int = ROWS) -> Iterator[str]:
    """Yield the lines of the report."""
    with tempfile.TemporaryDirectory() as folder, closing(Database(Path(folder) / "index.db")) as database:
        ledger, index, albums = SqliteLedger(database), SqliteLabelIndex(database), SqliteAlbums(database)
        tokens = SqliteTokens(database)
        pictures = iter(Pictures(random.Random(4)))
        last: list[Any] = []
        for _ in range(rows // BATCH):
            last = list(islice(pictures, BATCH))
            together(ledger, last, lock)
            together(ledger, last, put)
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
            albums.put(Album(name, name, question))
            for row in last[:pins]:
                albums.pin(name, row.ref.uri, "in", _now())
            secret = feeds.share(tokens, name, name, ("",), _now())[1]
            yield from _measured(api, f"/v1/albums/{name}/feed/{secret}", f"{rows:,} rows, {name}")


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
