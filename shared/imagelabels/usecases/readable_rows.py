"""Reads the rows of many objects, of which one may be damaged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imagelabels.domain.errors import LabelingError, Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.ports import StoredRow
from imagelabels.usecases.tools import Tools

ROWS_FAILED = 5
"""After so many rows in a row that cannot be read, the index is taken to be out of reach."""


def readable_rows(by: Tools, refs: Sequence[ObjectRef]) -> Sequence[StoredRow | None]:
    """Read the rows of many objects. If that fails, they are read one by one, since one of them may be damaged: an
    object whose row cannot be read counts as one without a row, and the work on it says what is wrong."""
    try:
        return by.rows.rows(refs)
    except Misconfigured:
        raise
    except LabelingError:
        return [*_one_by_one(by, refs)]


def _one_by_one(by: Tools, refs: Sequence[ObjectRef]) -> Iterator[StoredRow | None]:
    failures = 0
    for ref in refs:
        try:
            row, failures = by.rows.row(ref), 0
        except Misconfigured:
            raise
        except LabelingError:
            row, failures = None, failures + 1
            if failures == ROWS_FAILED:
                raise
        yield row
