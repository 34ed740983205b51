"""Holds what every operation of Tablestore works with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from emulator.aliyun.tablestore.refusal import invalid
from emulator.aliyun.tablestore.search.sessions import Sessions
from emulator.aliyun.tablestore.search.views import Views
from emulator.aliyun.tablestore.store import RowStore
from emulator.aliyun.tablestore.table import Table
from emulator.aliyun.tablestore.transactions import Transactions
from emulator.core.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Switches:
    """The switches choose how the emulator behaves where no source tells what the live service does."""

    # Unproven condition-on-missing-row: A row that does not exist meets a column condition if a row without
    #   columns would. The product's lock relies on nothing of this: it puts if the update fails.
    # Why: no page tells it. The vendor's own live tests count on it.
    # Ask: PutRow with IGNORE and SingleColumnCondition("c", 1, pass_if_missing=True) on a row that does not exist:
    #   whether it is refused.
    missing_rows_as_empty: bool = True
    """A row that does not exist meets a column condition if a row without columns would, so it may pass if missing. The
    SDK's own live tests (filter_and_condition_update, test_batch_write_row) count on it. If this is off, such a row
    never meets a condition."""
    # Unproven increment-with-condition: One UpdateRow may have an increment and a column condition.
    # Why: no page tells whether a count may stand under a condition.
    # Ask: UpdateRow with INCREMENT of a column and SingleColumnCondition on another: whether it is refused, and
    #   with which code.
    increments_with_conditions: bool = True
    """One UpdateRow may have increments and a column condition. If this is off, it is refused with
    OTSParameterInvalid."""


class Now:
    """The time in milliseconds since the epoch. It never goes back, so that a later write has the later version."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock, self._last = clock, 0

    def __call__(self) -> int:
        self._last = max(self._last, int(self._clock() * 1000))
        return self._last


class Counter:
    """Gives numbers for auto-increment columns. Each is larger than all before it, also after a restart."""

    def __init__(self) -> None:
        self._last = 0

    def __call__(self, now: int) -> int:
        self._last = max(self._last + 1, now * 1000)
        return self._last


@dataclass(frozen=True, slots=True)
class TablestoreContext:
    store: RowStore
    views: Views
    now: Now
    switches: Switches
    transactions: Transactions = field(default_factory=Transactions)
    counter: Counter = field(default_factory=Counter)
    scans: Sessions = field(default_factory=Sessions)

    def table(self, instance: str, name: str) -> Table:
        table = self.store.table(instance, name)
        if table is None:
            raise Refusal("OTSObjectNotExist", "Requested table does not exist.")
        return table

    # Unproven write-to-index: A write to a secondary index is refused with OTSParameterInvalid and this message.
    # Why: no page has code or message.
    # Ask: PutRow into a secondary index: the code and the message.
    def main_table(self, instance: str, name: str) -> Table:
        """Return a table that is no secondary index. Those can be read only."""
        table = self.table(instance, name)
        if table.main:
            raise invalid(f"{name} is a secondary index of the table {table.main} and can be read only.")
        return table
