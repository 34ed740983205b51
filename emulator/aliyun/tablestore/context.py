"""What every operation has at hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from emulator.aliyun.tablestore.search.views import Views
from emulator.aliyun.tablestore.store import RowStore
from emulator.aliyun.tablestore.table import Table
from emulator.core.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Switches:
    """What no source says about the live service, as the emulator takes it."""

    missing_rows_as_empty: bool = True
    """A row that does not exist meets a column condition as one without columns would, so it may pass if missing. The
    SDK's own live tests (filter_and_condition_update, test_batch_write_row) count on it. Off: it never does."""
    increments_with_conditions: bool = True
    """Increments may stand in one UpdateRow with a column condition. Off: OTSParameterInvalid."""


class Now:
    """Milliseconds since the epoch, never less than before, so that a later write has the later version."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock, self._last = clock, 0

    def __call__(self) -> int:
        self._last = max(self._last, int(self._clock() * 1000))
        return self._last


@dataclass(frozen=True, slots=True)
class TablestoreContext:
    store: RowStore
    views: Views
    now: Now
    switches: Switches

    def table(self, instance: str, name: str) -> Table:
        table = self.store.table(instance, name)
        if table is None:
            raise Refusal("OTSObjectNotExist", "Requested table does not exist.")
        return table
