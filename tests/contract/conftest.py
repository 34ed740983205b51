"""This file lists the adapters that must pass the contract suites.

A contract.py in a folder beside this one adds more of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from imagelabels.ports import LabelIndex, Ledger
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.label_index import FEW, SqliteLabelIndex
from imagelabels.providers.sqlite.ledger import SqliteLedger
from imagelabels.providers.sqlite.remembered import Remembered
from tests.contract.tablestore_provider import tablestore, tablestore_ledger
from tests.contract.world import elsewhere
from tests.fakes import FakeLedger

Pair = tuple[Ledger, LabelIndex]
"""A ledger, and the search index of the rows that it writes."""


def _sqlite(few: int, remembers: bool = False) -> Callable[[Path], AbstractContextManager[Pair]]:
    @contextmanager
    def opened(folder: Path) -> Iterator[Pair]:
        database = Database(folder / "index.db")
        try:
            yield SqliteLedger(database), SqliteLabelIndex(database, few, Remembered(1, 3, 0) if remembers else None)
        finally:
            database.close()

    return opened


@contextmanager
def _sqlite_ledger(folder: Path) -> Iterator[Ledger]:
    with _sqlite(FEW)(folder) as (ledger, _):
        yield ledger


@contextmanager
def _memory(folder: Path) -> Iterator[Ledger]:
    yield FakeLedger()


LEDGERS: dict[str, Callable[[Path], AbstractContextManager[Ledger]]] = {
    "sqlite": _sqlite_ledger,
    "memory": _memory,
    "tablestore": tablestore_ledger,
    **elsewhere("LEDGERS"),
}

# With this limit, the differential test uses both ways of searching: from a few candidates, and along an order.
COMPARED = {
    "sqlite": _sqlite(25),
    "sqlite-remembering": _sqlite(1, True),
    "tablestore": tablestore,
    **elsewhere("COMPARED"),
}

# The second one walks its ordered indexes even if few rows match, as it would do with many rows. The third one counts
# in memory, and makes its arrays anew after a few changes.
INDEXES = {
    "sqlite": _sqlite(FEW),
    "sqlite-walking": _sqlite(2),
    "sqlite-remembering": _sqlite(1, True),
    "tablestore": tablestore,
    **elsewhere("INDEXES"),
}


@pytest.fixture(params=list(LEDGERS.values()), ids=list(LEDGERS))
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    with request.param(tmp_path) as opened:
        yield opened


@pytest.fixture(params=list(INDEXES.values()), ids=list(INDEXES))
def index_pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    with request.param(tmp_path) as opened:
        yield opened
