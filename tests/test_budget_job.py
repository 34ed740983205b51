"""A budget is a hard stop that several workers share, and what it leaves over is labelled by the timer alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.budget import Budgeted, emulator

pytestmark = pytest.mark.story

CALLS, PICTURES, INSTANCES = 20, 100, 4


def test_a_budget_of_20_calls_under_several_workers_and_100_pictures_is_kept_and_the_timer_labels_the_rest(
    tmp_path: Path,
) -> None:
    with emulator(tmp_path, CALLS, INSTANCES) as runs:
        for run in runs.values():
            _is_kept_and_made_up_for(run)


def _is_kept_and_made_up_for(run: Budgeted) -> None:
    run.upload(PICTURES)
    before = run.counted()
    assert before.calls == CALLS
    assert before.states == {"labelled": CALLS, "parked budget": PICTURES - CALLS}
    idle = run.timer(raised=False)
    assert idle == {
        "ended": "done",
        "objects": 0,
        "states": {},
        "paid_calls": 0,
        "passed_over": {"*": ["budget"]},
        "message": None,
    }
    done = run.timer(raised=True)
    assert (done["ended"], done["states"], done["paid_calls"]) == ("done", {"labelled": PICTURES - CALLS}, 80)
    after = run.counted()
    assert after.calls == PICTURES
    assert after.states == {"labelled": PICTURES}
    assert after.events == before.events == PICTURES
    paid = [sum(line.paid_calls for line in run.history(key)) for key in run.keys]
    assert paid == [1] * PICTURES
