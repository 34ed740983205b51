"""These helpers open a ledger and a search index on the emulator's Tablestore."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
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


@contextmanager
def tablestore(folder: Path) -> Iterator[tuple[TablestoreLedger, TablestoreLabelIndex]]:
    with instance(folder) as opened:
        index_setup.create(opened)
        yield TablestoreLedger(opened), TablestoreLabelIndex(opened)


@contextmanager
def tablestore_ledger(folder: Path) -> Iterator[TablestoreLedger]:
    with instance(folder) as opened:
        index_setup.create_tables(opened)
        yield TablestoreLedger(opened)
