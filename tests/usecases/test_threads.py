"""A walk whose objects are worked on in threads of this process."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from imagelabels.domain.errors import LabelingError, Unavailable
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import ObjectRef
from imagelabels.usecases.acting import Acting
from imagelabels.usecases.threads import AHEAD, Threads
from imagelabels.usecases.walking import WINDOW, Walking, Work
from tests.fakes import FakeClock


def source(number: int, read: list[str] | None = None) -> Iterator[tuple[str, Listed]]:
    for n in range(number):
        key = f"{n:06}"
        if read is not None:
            read.append(key)
        yield key, Listed(ObjectRef("oss", "photos", key), "", 0)


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


def test_results_and_errors_would_come_in_another_order_than_the_objects(executor: ThreadPoolExecutor) -> None:
    results: list[str] = []
    saved: list[str] = []

    def act(work: Work[str]) -> str:
        if work.number % 7 == 3:
            raise Unavailable("throttled")
        return work.position

    def fail(ref: ObjectRef, error: LabelingError) -> None:
        results.append(f"{ref.key} {error.reason}")

    counts: Counter[str] = Counter()
    job = Acting[str](results.append, fail, counts, saved.append)
    assert Walking(lambda after: source(600), job, Threads(act, executor, 4), FakeClock()).run()
    assert results == [f"{n:06}" + (" throttled" if n % 7 == 3 else "") for n in range(600)]
    assert (counts["objects"], counts["failed:throttled"]) == (600, 86)
    assert saved == sorted(saved)
    assert saved[-1] == "000599"


def test_a_bug_would_be_taken_for_a_failure_of_the_object(executor: ThreadPoolExecutor) -> None:
    def act(work: Work[str]) -> str:
        raise KeyError(work.position)

    job = Acting[str](lambda result: None, lambda ref, error: None, Counter(), lambda position: None)
    with pytest.raises(KeyError):
        Walking(lambda after: source(1), job, Threads(act, executor, 4), FakeClock()).run()


def test_one_slow_object_would_let_the_walk_run_away_from_its_checkpoint(executor: ThreadPoolExecutor) -> None:
    read: list[str] = []
    full = threading.Event()

    def act(work: Work[str]) -> str:
        if work.number == 0:
            full.wait()
        elif work.number == WINDOW - 1:
            full.set()
        return work.position

    most: list[int] = []
    job = Acting[str](lambda result: most.append(len(read)), lambda ref, error: None, Counter(), lambda position: None)
    assert Walking(lambda after: source(3 * WINDOW, read), job, Threads(act, executor, 4), FakeClock()).run()
    assert most[0] == WINDOW


def test_more_objects_would_be_taken_than_threads_can_use(executor: ThreadPoolExecutor) -> None:
    runner = Threads[str](lambda work: work.position, executor, 4)
    for number, (position, listed) in enumerate(source(AHEAD * 4)):
        assert runner.room() > 0
        runner.begin(Work(number, position, listed))
    assert runner.room() == 0
    ended = []
    while runner.under_way():
        ended += runner.ended(None)
    assert sorted(result for _, result in ended if isinstance(result, str)) == [f"{n:06}" for n in range(AHEAD * 4)]


def test_a_walk_that_is_stopped_would_not_say_where_to_go_on(executor: ThreadPoolExecutor) -> None:
    saved, results = list[str](), list[str]()
    job = Acting[str](results.append, lambda ref, error: None, Counter(), saved.append)
    runner = Threads[str](lambda work: work.position, executor, 4)
    stopped = Walking(lambda after: source(900), job, runner, FakeClock(), lambda: len(results) >= 300)
    assert not stopped.run()
    assert saved[-1] == results[-1]
    assert len(results) < 900
