"""This benchmark asks the HTTP API over a SQLite index with a million rows, and exports all of them.

It measures what a view of the page needs, which is the first page of pictures and the counts of its facets, from the
request to the finished JSON, without a network. The index is opened as `imagelabels serve` opens it.
`python -m benchmarks gallery --index FILE` keeps the index in a file, and asks that file the next time.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.index import LEAST, SHARES, fill_up, p95, read_through
from imagelabels.api.app import Api
from imagelabels.api.here import Caller
from imagelabels.api.limits import RateLimit
from imagelabels.api.opened import services
from imagelabels.domain.query import ORDERS
from imagelabels.providers.sqlite.database import Database

ROOT = Path(__file__).resolve().parent.parent
ROWS = 1_000_000
QUESTIONS = 40
"""So many questions are asked for each share."""
EXPORTS = {"one folder": ("--prefix", "oss://photos-0/0000/"), "everything": ()}


def report(rows: int = ROWS, kept: Path | None = None) -> Iterator[str]:
    """Yield the lines of the report. `kept`: an index file that is filled if it is not there, and kept."""
    with tempfile.TemporaryDirectory() as folder:
        path = kept or Path(folder) / "index.db"
        fill_up(path, rows)
        read_through(path)
        yield from _exports(path, Path(folder) / "export.jsonl")
        api = _api(path)
        for _ in range(4):
            _asked(api, "/v1/counts", {})  # Counting fills the memory of a process that counts again and again.
        for (share, _), words in zip(SHARES, _words(path, rows), strict=True):
            yield _line(api, share, rows, words)


def _exports(path: Path, output: Path) -> Iterator[str]:
    for title, words in EXPORTS.items():
        program = [sys.executable, "-m", "imagelabels", "export", *words, "--output", str(output)]
        environ = {**os.environ, "IMAGELABELS_INDEX": f"sqlite:///{path}", "PYTHONPATH": f"{ROOT / 'shared'}"}
        began = time.perf_counter()
        exporting = subprocess.Popen(program, env=environ, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(exporting.pid, 0)
        seconds = time.perf_counter() - began
        assert status == 0
        with output.open("rb") as file:
            lines = sum(1 for _ in file)
        size = output.stat().st_size
        output.unlink()
        yield (
            f"export of {title}: {lines:,} pictures, {size / 1e6:,.0f} MB, {seconds:.1f} s,"
            f" {used.ru_utime + used.ru_stime:.1f} s of the processor's time, at most {used.ru_maxrss / 1024:.0f} MB"
            " resident"
        )


def _api(path: Path) -> Api:
    built, _ = services(f"sqlite:///{path}")
    return Api(built, lambda event: Caller("everybody"), RateLimit(10**9, time.monotonic))


def _words(path: Path, rows: int) -> Iterator[list[str]]:
    """Yield for each share the words that about so many rows match. If no word is rare enough, a least confidence
    reduces the rows."""
    with closing(Database(path)) as database, database.reading() as connection:
        sizes = connection.execute(
            "SELECT id, count(*) FROM postings JOIN names ON number = label GROUP BY id"
        ).fetchall()
    for share, _ in SHARES:
        wanted = rows * share
        near = sorted(sizes, key=lambda size: abs(size[1] / wanted - 1))[:8]
        yield [
            f"{name.decode()}:{1 - (1 - LEAST) * wanted / size:.4f}" if size > 2 * wanted else name.decode()
            for name, size in near
        ]


def _line(api: Api, share: float, rows: int, words: Sequence[str]) -> str:
    dice = random.Random(5)
    pages, counts, totals = [], [], []
    for number in range(QUESTIONS):
        label = {"label": dice.choice(words)}
        pages.append(_asked(api, "/v1/pictures", {**label, "order": ORDERS[number % len(ORDERS)]})[0])
        times, answer = _asked(api, "/v1/counts", label)
        counts.append(times)
        totals.append(answer["total"])
    figures = [
        f"{name} p95 {p95([page[at] + count[at] for page, count in zip(pages, counts, strict=True)]):.0f} ms (page"
        f" {p95([page[at] for page in pages]):.1f}, counts {p95([count[at] for count in counts]):.1f})"
        for at, name in enumerate(("by the clock", "processor's time"))
    ]
    return (
        f"API, {share:.2%} of {rows:,} rows match ({min(totals):,} to {max(totals):,}): page and counts"
        f" {', '.join(figures)} (50 wanted)"
    )


def _asked(api: Api, path: str, query: dict[str, str]) -> tuple[tuple[float, float], Any]:
    """Return the milliseconds that an answer takes by the clock and of the processor, and the answer."""
    http = {"method": "GET", "path": path, "sourceIp": "127.0.0.1"}
    event = {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": urlencode(query),
        "headers": {},
        "queryStringParameters": query,
        "requestContext": {"requestId": "r", "stage": "$default", "http": http},
        "body": None,
        "isBase64Encoded": False,
    }
    began, worked = time.perf_counter(), time.process_time()
    answer = api.answer(event)
    times = ((time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000)
    assert answer["statusCode"] == 200, answer
    return times, json.loads(answer["body"])
