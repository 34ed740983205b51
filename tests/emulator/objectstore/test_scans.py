"""Listings read as little of a bucket as they show, however large it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from emulator.objectstore.pages import page
from emulator.objectstore.store import ObjectStore
from emulator.objectstore.version_lists import version_page

SMALL, LARGE = 400, 20_000
ROW = "bucket, key, file, size, etag, crc64, modified, storage_class, headers, tags, version, sequence"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """Return a store with two buckets that differ in size alone. Each has a hundred folders, and two of each object."""
    store = ObjectStore(Path(tmp_path_factory.mktemp("store")))
    database = store._disk.db
    for bucket, number in (("small", SMALL), ("large", LARGE)):
        store.create_bucket(bucket)
        for table, sequence in (("object", 2), ("older", 1)):
            rows = (
                (bucket, f"d{n % 100:02d}/{n:07d}".encode(), f"{bucket}{table}{n}", f"v{sequence}", sequence)
                for n in range(number)
            )
            with store._disk.transaction():
                database.executemany(
                    f"INSERT INTO {table} ({ROW}) VALUES (?, ?, ?, 1, 'e', '0', 0, 'Standard', '{{}}', '{{}}', ?, ?)",
                    rows,
                )
    yield store
    store.close()


def steps(store: ObjectStore, listing: Any) -> int:
    """Return how many tens of instructions the database needs for a listing."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    store._disk.db.set_progress_handler(count, 10)
    listing()
    store._disk.db.set_progress_handler(None, 0)
    return counted


QUERIES: list[dict[str, str]] = [
    {},
    {"marker": "d49/"},
    {"prefix": "d05/", "limit": "4"},
    {"delimiter": "/"},
    {"delimiter": "/", "marker": "d49/"},
    {"prefix": "d0", "delimiter": "/"},
    {"prefix": "d05/", "delimiter": "/", "limit": "4"},
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
@pytest.mark.parametrize("kind", ["objects", "versions"])
def test_a_page_of_a_large_bucket_costs_as_much_as_one_of_a_small_bucket(
    store: ObjectStore, kind: str, query: dict[str, str]
) -> None:
    limit, marker = int(query.get("limit", "50")), query.get("marker", "")

    def listing(bucket: str) -> Any:
        if kind == "objects":
            return page(store, bucket, query, marker, limit)
        call: Any = SimpleNamespace(bucket=bucket, query=query | {"key-marker": marker})
        return version_page(store, call, limit)

    small, large = (steps(store, lambda bucket=bucket: listing(bucket)) for bucket in ("small", "large"))
    assert small > 0
    assert large <= small * 1.3 + 10


def test_versions_come_by_key_and_the_newest_first_whatever_table_they_are_in(store: ObjectStore) -> None:
    rows = store.scan_versions("small", b"d00/", b"", None, 5)
    assert [(row.key[-3:], row.sequence) for row in rows] == [
        ("000", 2),
        ("000", 1),
        ("100", 2),
        ("100", 1),
        ("200", 2),
    ]
    behind = store.scan_versions("small", b"d00/", rows[0].key.encode(), 2, 2)
    assert [(row.key[-3:], row.sequence) for row in behind] == [("000", 1), ("100", 2)]
    assert store.scan_versions("small", b"a", rows[0].key.encode(), 2, 9) == []
