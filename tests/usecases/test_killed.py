"""A worker killed before and after every call of the ordinary event."""

from __future__ import annotations

import pytest

from imagelabels.domain.model import Outcome
from tests.world import K, World

CALLS = 12
DETECT, STORE, FINISH = 6, 7, 11


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, CALLS + 1))
def test_a_killed_worker_leaves_nothing_that_the_next_delivery_does_not_mend(
    world: World, number: int, moment: str
) -> None:
    world.user_puts(K, "cat", tags={"mine": "1"})()
    world.wait(1)
    worker = world.worker()
    worker.wire.kill_at = (number, moment)
    assert worker.gets(K) == "killed"
    assert isinstance(world.until_done(K), Outcome)
    assert world.tags(K) == {"label:cat": "mammal", "mine": "1"}
    assert world.labels(K) == ("cat",)
    row = world.ledger.row(K)
    assert row is not None
    assert (row.lock, row.waiting) == (None, None)
    stored = (number, moment == "after") >= (STORE, True)
    paid_for_nothing = (DETECT, True) <= (number, moment == "after") <= (STORE, False)
    assert len(world.detector.asked) == (2 if paid_for_nothing else 1)
    finished = (number, moment == "after") >= (FINISH, True)
    assert [line.paid_calls for line in world.ledger.history(K)] == ([1, 0] if finished else [0 if stored else 1])


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, CALLS + 1))
def test_a_killed_worker_whose_event_is_never_delivered_again_leaves_a_trace_or_a_finished_row(
    world: World, number: int, moment: str
) -> None:
    world.user_puts(K, "cat")()
    world.wait(1)
    worker = world.worker()
    worker.wire.kill_at = (number, moment)
    worker.gets(K)
    row = world.ledger.row(K)
    if (number, moment) in ((1, "before"), (1, "after"), (2, "before")):
        assert row is None
    else:
        assert row is not None
        assert row.lock is not None or (row.record is not None and row.record.state == "labelled")
