"""This benchmark measures the SQLite index with a million rows: writing, searching, counting, and its size."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import accumulate, islice
from pathlib import Path

from imagelabels.domain import taxonomy
from imagelabels.domain.model import EventEntry, ImageRecord, Label, ObjectHead, ObjectRef, crc64
from imagelabels.domain.outcomes import State
from imagelabels.domain.query import ORDERS, Query, Term
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.label_index import SqliteLabelIndex
from imagelabels.providers.sqlite.ledger import SqliteLedger
from imagelabels.providers.sqlite.remembered import Remembered

ROWS, BATCH, SINGLE, THREADS = 1_000_000, 10_000, 1000, 4
SHARES = ((0.0001, 50.0), (0.001, 50.0), (0.01, 50.0), (0.1, 50.0))
"""The share of rows that match a query, and the milliseconds that a page with its counts may take."""
QUERIES = 40
"""So many queries are measured for each share."""
NOW = 1_790_000_000.0
LEAST = 0.7
"""Confidences are between this number and 1."""
LABELS = (3, 4, 5, 5, 6, 7)
"""The numbers of things per row, which are five on average."""


class Pictures:
    """Rows like those of an album: the n-th most frequent thing is on 1/n as many pictures as the most frequent one."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._concepts = taxonomy.load()
        self._leaves = [concept for concept in self._concepts.concepts.values() if concept.level == 3]
        dice.shuffle(self._leaves)
        self._weights = list(accumulate(1 / (n + 1) for n in range(len(self._leaves))))

    def __iter__(self) -> Iterator[ImageRecord]:
        number = 0
        while True:
            yield self._row(number)
            number += 1

    def _row(self, number: int) -> ImageRecord:
        dice = self._dice
        chosen = dict.fromkeys(
            concept.id for concept in dice.choices(self._leaves, cum_weights=self._weights, k=dice.choice(LABELS))
        )
        leaves = (self._concepts.concepts[concept_id] for concept_id in chosen)
        labels = tuple(
            Label(
                leaf.id,
                leaf.names["en"],
                "en",
                3,
                leaf.parent,
                round(dice.uniform(LEAST, 1), 3),
                round(dice.random(), 3),
            )
            for leaf in leaves
        )
        ref = ObjectRef(
            "oss", f"photos-{number % 4}", f"{number // 50_000:04}/{number % 50_000:06}-{dice.getrandbits(32):08x}.jpg"
        )
        etag = f"{dice.getrandbits(128):032X}"
        head = ObjectHead(
            etag, dice.randrange(10**5, 10**7), crc64("xz", str(dice.getrandbits(64))), int(NOW) - 3600 + number // 300
        )
        return ImageRecord(
            ref, State.LABELLED, None, head, f"{etag}-{head.size}", "oss:2023:en:0.1",
            "0123456789abcdef", "oss", "2023",
            labels, {label_id: self._concepts.ancestors(label_id) for label_id in chosen},
            tags_written={f"label:{label_id}": self._concepts.category(label_id) or "" for label_id in chosen},
            width=4000, height=3000, updated_at=int(NOW * 1000) + number,
        )  # fmt: skip


def lock(ledger: SqliteLedger, row: ImageRecord) -> None:
    ledger.lock(row.ref, _event(row), NOW + 30, NOW, _event(row))


def put(ledger: SqliteLedger, row: ImageRecord) -> None:
    entry = EventEntry(_event(row), row.state, None, row.updated_at, 1, {}, row.tags_written)
    assert ledger.finish(row.ref, entry.event_id, row, entry)


def lock_and_put(ledger: SqliteLedger, row: ImageRecord) -> None:
    lock(ledger, row)
    put(ledger, row)


def together(
    ledger: SqliteLedger, rows: Sequence[ImageRecord], step: Callable[[SqliteLedger, ImageRecord], None]
) -> None:
    with ledger.together():
        for row in rows:
            step(ledger, row)


def _event(row: ImageRecord) -> str:
    return f"event-{row.updated_at}"


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def fill(ledger: SqliteLedger, pictures: Iterator[ImageRecord], rows: int) -> Iterator[str]:
    """Write the rows and measure the time, without the time that it takes to make them."""
    batch = list(islice(pictures, SINGLE))
    alone = SINGLE / seconds(lambda: list(map(partial(lock_and_put, ledger), batch)))
    batch = list(islice(pictures, SINGLE))
    with ThreadPoolExecutor(THREADS) as threads:
        side_by_side = SINGLE / seconds(lambda: list(threads.map(partial(lock_and_put, ledger), batch)))
    yield f"index: lock and put, each alone: {alone:,.0f} rows/s from one thread, {side_by_side:,.0f} from {THREADS}"
    locks, puts = [], []
    for _ in range((rows - 2 * SINGLE) // BATCH):
        batch = list(islice(pictures, BATCH))
        locks.append(seconds(partial(together, ledger, batch, lock)))
        puts.append(seconds(partial(together, ledger, batch, put)))
    written = len(puts) * BATCH
    last = puts[-len(puts) // 10 :]
    yield (
        f"index: {BATCH:,} in a transaction: {written / sum(puts):,.0f} puts/s over {rows:,} rows (5,000 wanted),"
        f" {len(last) * BATCH / sum(last):,.0f} over the last tenth, {written / sum(locks + puts):,.0f} with locks"
    )


def fill_up(path: Path, rows: int) -> None:
    """Write rows until the index file has so many. It goes on with a file that it has begun."""
    with closing(Database(path)) as database:
        with database.reading() as connection:
            (there,) = connection.execute("SELECT count(*) FROM images").fetchone()
        ledger, pictures = SqliteLedger(database), islice(Pictures(random.Random(4)), there, None)
        for start in range(there, rows, BATCH):
            together(ledger, list(islice(pictures, min(BATCH, rows - start))), lock_and_put)


def queries(database: Database, rows: int, dice: random.Random) -> Iterator[list[Query]]:
    """Yield for each share the queries that about so many rows match.

    Their words are things, groups or categories. If no word is rare enough, a least confidence reduces the rows.
    """
    with database.reading() as connection:
        sizes = connection.execute(
            "SELECT id, count(*) FROM postings JOIN names ON number = label GROUP BY id"
        ).fetchall()
    concepts = taxonomy.load()
    for share, _ in SHARES:
        wanted = rows * share
        near = sorted(sizes, key=lambda size: abs(size[1] / wanted - 1))[:8]
        words = [
            Term(concepts.resolve(word.decode()), 1 - (1 - LEAST) * wanted / size if size > 2 * wanted else 0.0)
            for word, size in near
        ]
        yield [Query(all_of=(dice.choice(words),), order=ORDERS[n % len(ORDERS)]) for n in range(QUERIES)]


def measure(index: SqliteLabelIndex, query: Query) -> tuple[int, float, float]:
    """Return how many rows match, and the milliseconds of a page and of the counts."""
    began = time.perf_counter()
    index.search(query)
    middle = time.perf_counter()
    total = index.count(query).total
    return total, (middle - began) * 1000, (time.perf_counter() - middle) * 1000


def read_through(path: Path) -> None:
    """Read the file, so that it is in the system's cache, as the file of an index in use would be."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def report(rows: int = ROWS) -> Iterator[str]:
    """Yield the lines of the report."""
    dice = random.Random(4)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.db"
        with closing(Database(path)) as database:
            ledger, index = SqliteLedger(database), SqliteLabelIndex(database, remembered=Remembered(patient=0))
            yield from fill(ledger, iter(Pictures(dice)), rows)
            read_through(path)
            filled = seconds(lambda: index.count(Query()))
            yield f"index: the first count of all {rows:,} rows, which fills the memory, takes {filled:.1f} s"
            for (share, most), share_queries in zip(SHARES, queries(database, rows, dice), strict=True):
                timed = [measure(index, query) for query in share_queries]
                totals = sorted(total for total, _, _ in timed)
                pages, counts = [page for _, page, _ in timed], [count for _, _, count in timed]
                whole = p95([page + count for _, page, count in timed])
                yield (
                    f"index: {share:.2%} of {rows:,} rows match ({totals[0]:,} to {totals[-1]:,}): page and counts p95"
                    f" {whole:.0f} ms ({most:.0f} wanted), page {p95(pages):.1f}, counts {p95(counts):.1f}"
                )
        size = path.stat().st_size
        yield f"index: {size / rows:,.0f} bytes per row, history included; measured with the file in the system's cache"
