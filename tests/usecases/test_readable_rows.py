"""An index that is out of reach would look like one without rows, so that everything would be done anew."""

from __future__ import annotations

import pytest

from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.usecases.readable_rows import ROWS_FAILED, readable_rows
from tests.world import World

REFS = [ObjectRef("oss", "photos", f"{number}.jpg") for number in range(10)]


def test_an_index_that_fails_for_each_row_would_count_as_one_without_rows(world: World) -> None:
    worker = world.worker().fails("ledger.rows", Unavailable("index_error"))
    worker.fails("ledger.row", Unavailable("index_error"), ROWS_FAILED)
    with pytest.raises(Unavailable):
        readable_rows(worker.tools, REFS)


def test_an_index_that_may_not_be_read_would_be_asked_for_each_row(world: World) -> None:
    worker = world.worker().fails("ledger.rows", Unavailable("index_error"))
    worker.fails("ledger.row", Misconfigured("no permission"))
    with pytest.raises(Misconfigured):
        readable_rows(worker.tools, REFS)
    assert worker.wire.calls == ["ledger.rows", "ledger.row"]
