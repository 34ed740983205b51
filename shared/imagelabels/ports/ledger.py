"""All that is kept about objects, as one adapter offers it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from imagelabels.ports.answers import Answers
from imagelabels.ports.budget import Budget
from imagelabels.ports.locks import Locks
from imagelabels.ports.rows import Rows


class Ledger(Locks, Rows, Answers, Budget, Protocol):
    """Locks, rows, history, kept answers and budgets in one place: a finished row confirms an answer in one write."""


class BulkLedger(Ledger, Protocol):
    """A ledger that can write many rows at once."""

    def together(self) -> AbstractContextManager[object]:
        """What this thread does within it is one transaction: many times as fast, all or nothing, and others wait."""
