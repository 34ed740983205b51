"""These helpers open a ledger and a search index on the emulator's Tablestore."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from imagelabels.ports import Clock
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.tablestore import index_setup
from imagelabels.providers.aliyun.tablestore.client import Instance
from imagelabels.providers.aliyun.tablestore.label_index import TablestoreLabelIndex
from imagelabels.providers.aliyun.tablestore.ledger import TablestoreLedger
from imagelabels.providers.aliyun.tablestore.tables import KEYS
from tests.emulator.running import REGION, ROOT, running_tablestore

INSTANCE = "photos-inst"
FILE = "tablestore.sqlite"
"""The emulator keeps all tables in a file of this name."""


@contextmanager
def instance(
    folder: Path, patience: Clock = time, credentials: AliyunCredentials | None = None, **emulator: Any
) -> Iterator[Instance]:
    """Open an instance without tables on a new emulator. `patience` is the clock for our retries."""
    credentials = credentials or AliyunCredentials(AliyunKeys(ROOT.id, ROOT.secret))
    with running_tablestore(folder, **emulator) as running:
        opened = Instance(running.endpoint, INSTANCE, REGION, credentials, KEYS, patience)
        try:
            yield opened
        finally:
            opened.close()


@cache
def _empty(make: Callable[[Instance], None]) -> bytes:
    with TemporaryDirectory() as folder:
        with instance(Path(folder)) as opened:
            make(opened)
        return (Path(folder) / "tablestore" / FILE).read_bytes()


def has_made(make: Callable[[Instance], None], tables: Path) -> None:
    """Let a folder of an emulator's tables hold what `make` makes. That takes many requests, so it is made once."""
    tables.mkdir(parents=True)
    (tables / FILE).write_bytes(_empty(make))


@contextmanager
def tablestore(folder: Path) -> Iterator[tuple[TablestoreLedger, TablestoreLabelIndex]]:
    has_made(index_setup.create, folder / "tablestore")
    with instance(folder) as opened:
        yield TablestoreLedger(opened), TablestoreLabelIndex(opened)


@contextmanager
def tablestore_ledger(folder: Path) -> Iterator[TablestoreLedger]:
    has_made(index_setup.create_tables, folder / "tablestore")
    with instance(folder) as opened:
        yield TablestoreLedger(opened)
