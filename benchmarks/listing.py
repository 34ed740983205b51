"""This benchmark compares pages of listings in a bucket of a million objects with those in a bucket of a thousand."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import oss2

from emulator.aliyun.oss.service import OssService
from emulator.core.keyring import Keyring
from emulator.core.parts import Key
from emulator.core.server import Server
from emulator.objectstore.store import ObjectStore

SIZES = {"small": 1_000, "large": 1_000_000}
FOLDERS, PAGE, ROUNDS = 10, 100, 15
ROOT = Key("emulator", "emulator")
CONSTANT = (1, "0" * 32, "0", 0, "Standard", "{}", "{}")
COLUMNS = "bucket, key, file, size, etag, crc64, modified, storage_class, headers, tags, version, sequence"


def report() -> Iterator[str]:
    """Yield each line of the report as soon as it is known. Each object has an older version."""
    with tempfile.TemporaryDirectory() as data:
        store = ObjectStore(Path(data))
        try:
            for bucket, number in SIZES.items():
                _fill(store, bucket, number)
            with Server([OssService(store, Keyring(ROOT))]).running() as server:
                sides = [_listings(f"http://127.0.0.1:{server.port}", bucket) for bucket in SIZES]
                for name in sides[0]:
                    yield _comparison(name, [side[name] for side in sides])
        finally:
            store.close()


def _fill(store: ObjectStore, bucket: str, number: int) -> None:
    """Write the rows of objects straight into the database: a listing reads no more than these."""
    store.create_bucket(bucket)
    marks = ", ".join("?" * (COLUMNS.count(",") + 1))
    for table, sequence in (("object", 2), ("older", 1)):
        rows = (
            (bucket, f"d{n % FOLDERS}/{n:07d}".encode(), f"{bucket}{table}{n}", *CONSTANT, f"{sequence:032d}", sequence)
            for n in range(number)
        )
        with store._disk.transaction() as database:
            database.executemany(f"INSERT INTO {table} ({COLUMNS}) VALUES ({marks})", rows)


def _listings(address: str, bucket: str) -> dict[str, Callable[[], Any]]:
    client = oss2.Bucket(oss2.AuthV4(ROOT.id, ROOT.secret), address, bucket, region="cn-hangzhou")
    return {
        "objects": lambda: client.list_objects(max_keys=PAGE),
        "objects behind a marker": lambda: client.list_objects(marker="d4/0", max_keys=PAGE),
        "objects under a prefix": lambda: client.list_objects(prefix="d4/", max_keys=PAGE),
        "folders": lambda: client.list_objects(delimiter="/", max_keys=PAGE),
        "folders under a prefix": lambda: client.list_objects(prefix="d", delimiter="/", max_keys=PAGE),
        "versions": lambda: client.list_object_versions(max_keys=PAGE),
        "versions under a prefix": lambda: client.list_object_versions(prefix="d4/", max_keys=PAGE),
        "versions, folders": lambda: client.list_object_versions(delimiter="/", max_keys=PAGE),
    }


def _comparison(name: str, sides: list[Callable[[], Any]]) -> str:
    """Let both sides take turns in every round, so that a busy machine slows them equally."""
    rounds = [[_milliseconds(side) for side in sides] for _ in range(ROUNDS + 1)][1:]  # the first round is a warm-up
    small, large = (statistics.median(times) for times in zip(*rounds, strict=True))
    times = f"{small:.1f} ms of {SIZES['small']:,}, {large:.1f} ms of {SIZES['large']:,}"
    return f"a page of {name}: {times}, ratio {large / small:.2f}"


def _milliseconds(listing: Callable[[], Any]) -> float:
    began = time.perf_counter()
    listing()
    return (time.perf_counter() - began) * 1000
