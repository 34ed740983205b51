"""The SQLite index with a million rows: how fast it is written, searched and counted, and how large it is."""

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

ROWS, BATCH, SINGLE, THREADS = 1_000_000, 10_000, 1000, 4
SHARES = ((0.0001, 20.0), (0.001, 20.0), (0.01, 50.0), (0.1, 300.0))
"""Of the rows that match, and what a page together with its counts may take, milliseconds."""
ASKED = 40
"""Questions of each share."""
NOW = 1_790_000_000.0
LEAST = 0.7
"""Confidences are between this and 1."""
LABELS = (3, 4, 5, 5, 6, 7)
"""Leaves per row, five on average."""


class Pictures:
    """Rows as an album has them: the n-th commonest of the taxonomy's leaves is on 1/n as many as the commonest."""

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
        found = (self._concepts.concepts[id] for id in chosen)
        labels = tuple(
            Label(
                one.id, one.names["en"], "en", 3, one.parent, round(dice.uniform(LEAST, 1), 3), round(dice.random(), 3)
            )
            for one in found
        )
        ref = ObjectRef(
            "oss", f"photos-{number % 4}", f"{number // 50_000:04}/{number % 50_000:06}-{dice.getrandbits(32):08x}.jpg"
        )
        etag = f"{dice.getrandbits(128):032X}"
        head = ObjectHead(
            etag, dice.randrange(10**5, 10**7), crc64("xz", str(dice.getrandbits(64))), int(NOW) - 3600 + number // 300
        )
        return ImageRecord(
            ref, State.LABELLED, None, head,
            f"{etag}-{head.size}", "oss:2023:en:0.1", "0123456789abcdef", "oss", "2023",
            labels, {id: self._concepts.ancestors(id) for id in chosen},
            tags_written={f"label:{id}": self._concepts.category(id) or "" for id in chosen},
            width=4000, height=3000, updated_at=int(NOW * 1000) + number,
        )  # fmt: skip


def lock(ledger: SqliteLedger, row: ImageRecord) -> None:
    ledger.lock(row.ref, _event(row), NOW + 30, NOW, _event(row))


def put(ledger: SqliteLedger, row: ImageRecord) -> None:
    entry = EventEntry(_event(row), row.state, None, row.updated_at, 1, {}, row.tags_written)
    assert ledger.finish(row.ref, entry.event_id, row, entry)


def both(ledger: SqliteLedger, row: ImageRecord) -> None:
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
    """Rows are made outside of the clock."""
    some = list(islice(pictures, SINGLE))
    alone = SINGLE / seconds(lambda: list(map(partial(both, ledger), some)))
    some = list(islice(pictures, SINGLE))
    with ThreadPoolExecutor(THREADS) as threads:
        side_by_side = SINGLE / seconds(lambda: list(threads.map(partial(both, ledger), some)))
    yield f"index: lock and put, each alone: {alone:,.0f} rows/s from one thread, {side_by_side:,.0f} from {THREADS}"
    locks, puts = [], []
    for _ in range((rows - 2 * SINGLE) // BATCH):
        some = list(islice(pictures, BATCH))
        locks.append(seconds(partial(together, ledger, some, lock)))
        puts.append(seconds(partial(together, ledger, some, put)))
    made = len(puts) * BATCH
    last = puts[-len(puts) // 10 :]
    yield (
        f"index: {BATCH:,} in a transaction: {made / sum(puts):,.0f} puts/s over {rows:,} rows (5,000 wanted),"
        f" {len(last) * BATCH / sum(last):,.0f} over the last tenth, {made / sum(locks + puts):,.0f} with their locks"
    )


def questions(database: Database, rows: int, dice: random.Random) -> Iterator[list[Query]]:
    """For each share, words that about so many rows show: leaves, groups and categories as they come, and only as sure
    as leaves the right number where none is so rare."""
    with database.reading() as connection:
        sizes = connection.execute(
            "SELECT id, count(*) FROM postings JOIN names ON number = label GROUP BY id"
        ).fetchall()
    concepts = taxonomy.load()
    for share, _ in SHARES:
        wanted = rows * share
        near = sorted(sizes, key=lambda size: abs(size[1] / wanted - 1))[:8]
        words = [
            Term(concepts.resolve(id.decode()), 1 - (1 - LEAST) * wanted / size if size > 2 * wanted else 0.0)
            for id, size in near
        ]
        yield [Query(all_of=(dice.choice(words),), order=ORDERS[n % len(ORDERS)]) for n in range(ASKED)]


def ask(index: SqliteLabelIndex, query: Query) -> tuple[int, float, float]:
    """Rows that match, and milliseconds of a page and of the counts."""
    began = time.perf_counter()
    index.search(query)
    middle = time.perf_counter()
    total = index.count(query).total
    return total, (middle - began) * 1000, (time.perf_counter() - middle) * 1000


def read_through(path: Path) -> None:
    """Into the system's memory, as the file of an index in use is."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def report(rows: int = ROWS) -> Iterator[str]:
    """Lines for people."""
    dice = random.Random(4)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.db"
        with closing(Database(path)) as database:
            ledger, index = SqliteLedger(database), SqliteLabelIndex(database)
            yield from fill(ledger, iter(Pictures(dice)), rows)
            read_through(path)
            for (share, most), asked in zip(SHARES, questions(database, rows, dice), strict=True):
                timed = [ask(index, query) for query in asked]
                found = sorted(total for total, _, _ in timed)
                pages, counts = [page for _, page, _ in timed], [count for _, _, count in timed]
                whole = p95([page + count for _, page, count in timed])
                yield (
                    f"index: {share:.2%} of {rows:,} rows match ({found[0]:,} to {found[-1]:,}): page and counts p95"
                    f" {whole:.0f} ms ({most:.0f} wanted), page {p95(pages):.1f}, counts {p95(counts):.1f}"
                )
        size = path.stat().st_size
        yield f"index: {size / rows:,.0f} bytes per row, history included; asked with the file in the system's memory"
