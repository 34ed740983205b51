"""A walk that does the same to each object must count and tell every one, whatever becomes of it."""

from __future__ import annotations

from collections import Counter

from imagelabels.domain.errors import LabelingError, Unavailable
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import ObjectRef
from imagelabels.usecases.acting import Acting
from imagelabels.usecases.walking import Work
from tests.world import J, K, L


def test_an_object_that_failed_or_brought_nothing_would_not_count_or_end_the_walk() -> None:
    taken: list[str] = []
    failed: list[tuple[ObjectRef, LabelingError]] = []
    saved: list[str] = []
    counts = Counter[str]()
    job = Acting[str](taken.append, lambda ref, error: failed.append((ref, error)), counts, saved.append)
    error = Unavailable("throttled", "too many requests")
    results: list[str | LabelingError | None] = ["done", error, None]
    for number, (ref, result) in enumerate(zip((K, J, L), results, strict=True)):
        work = Work[str](number, ref.key, Listed(ref, "", 0))
        job.sort([work])
        assert (work.is_done, job.may_begin(work, 7), job.quiet_until()) == (False, True, 0.0)
        assert job.again(work, result if result is not None else "") is None
        work.result = result
        job.settle(work)
    job.save("l.jpg")
    assert (taken, failed, saved) == (["done"], [(J, error)], ["l.jpg"])
    assert counts == {"objects": 3, "failed:throttled": 1}
