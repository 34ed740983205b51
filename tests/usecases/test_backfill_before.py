"""What a backfill says of a spent budget and of a wrong clock, and what it does without a call or after another one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from imagelabels.cli.backfill_sum import ran_lines
from imagelabels.domain.budget import Limits
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.listing import Listed
from imagelabels.usecases.backfill import Backfill, Worked
from imagelabels.usecases.walking import Work
from tests.backfilling import Bucket
from tests.fakes import FakeClock
from tests.world import K, Worker, World


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    return Bucket(tmp_path).fill(20)


@pytest.mark.parametrize(
    ("limits", "names"),
    [
        (Limits(total=13), ("IMAGELABELS_BUDGET_TOTAL",)),
        (Limits(per_day=13), ("IMAGELABELS_BUDGET_PER_DAY",)),
        (Limits(per_day=13, total=13), ("IMAGELABELS_BUDGET_TOTAL", "IMAGELABELS_BUDGET_PER_DAY")),
    ],
)
def test_a_budget_that_is_spent_by_the_last_object_would_leave_it_without_a_word(
    bucket: Bucket, limits: Limits, names: tuple[str, ...]
) -> None:
    def limited(worker: Worker) -> None:
        object.__setattr__(worker.labeler, "limits", limits)

    ran = bucket.run(prepare=limited)
    assert ran is not None
    assert len(bucket.world.detector.asked) == 13
    assert (ran.ended_by, ran.spent_settings()) == ("budget", names)
    said = "\n".join(ran_lines(ran, None, ""))
    assert all(name in said for name in names)
    assert ("from 00:00 UTC" in said) == (names == ("IMAGELABELS_BUDGET_PER_DAY",))


@pytest.mark.parametrize("moment", ["objects.read", "objects.head"])
def test_an_object_that_vanishes_where_nothing_is_paid_would_end_the_walk(tmp_path: Path, moment: str) -> None:
    bucket = Bucket(tmp_path)
    ref = bucket.put("gone.jpg")
    bucket.world.wait(2)

    def vanish(worker: Worker) -> None:
        for _ in range(2 if moment == "objects.head" else 0):
            worker.before("objects.head", lambda: None)  # These looks are those of the start and of the repair.
        worker.before(moment, lambda: bucket.world.objects.delete(ref))

    ran = bucket.run(limit=0, prepare=vanish)
    assert ran is not None
    assert [(line["state"], line["paid_calls"]) for line in bucket.lines()] == [("parked", 0)]


@dataclass
class Told:
    """Implements backfill.Book, and keeps what was told."""

    told: list[str] = field(default_factory=list)

    def add(self, uri: str, worked: Worked) -> None:
        self.told.append(uri)

    def save(self, position: str, counts: Counter[str]) -> None:
        """Nothing goes on here."""


@pytest.mark.parametrize("was_delivered", [True, False])
def test_an_object_that_another_delivery_passed_over_would_be_told_by_each_pass(was_delivered: bool) -> None:
    world = World()
    world.user_puts(K, "cat", archived=True)()
    if was_delivered:
        world.worker().gets(K)
    world.wait(2)
    since = world.clock.store
    world.ledger.lock(K, "dead", since + 30, since, "dead")
    counts, book = Counter[str](), Told()
    job = Backfill(world.worker().labeler, "backfill-7-2", book, counts, since)
    work = Work[Worked](0, K.key, Listed(K, "E", 100, since - 1))
    job.sort([work])
    assert not work.is_done
    work.result = job.act(work)
    job.settle(work)
    assert work.result.state == "skipped"
    assert book.told == ([] if was_delivered else [K.uri])


class Ahead(FakeClock):
    """This machine's clock is so many seconds ahead of the store's."""

    ahead = 0.0

    def time(self) -> float:
        return self.store + self.ahead


@pytest.mark.parametrize(("ahead", "is_refused"), [(-3600.0, False), (20.0, False), (60.0, True), (3600.0, True)])
def test_a_machine_whose_clock_is_fast_would_pay_for_each_picture_and_write_no_tags(
    bucket: Bucket, ahead: float, is_refused: bool
) -> None:
    clock = Ahead()
    clock.now, clock.ahead = bucket.world.clock.now, ahead

    def prepare(worker: Worker) -> None:
        object.__setattr__(worker.tools, "clock", clock)

    if is_refused:
        with pytest.raises(Misconfigured, match=f"this machine's clock is {ahead:.0f} s ahead of the store's"):
            bucket.run(prepare=prepare)
        assert (bucket.world.detector.asked, bucket.world.ledger.there) == ([], {})  # type: ignore[attr-defined]
    else:
        assert bucket.run(prepare=prepare) is not None
