"""Calls at once: what becomes of their results and errors, and that no delivery starves another one of threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from imagelabels import wiring
from imagelabels.domain.errors import Gone, Misconfigured, Unavailable
from imagelabels.domain.model import Answer, Detection, Look, ObjectChange, ObjectRef, Picture, Tags
from imagelabels.ports import traits_of
from imagelabels.settings import Settings
from imagelabels.usecases.pairs import AtOnce, inline, on
from imagelabels.usecases.reconcile import Labeler
from tests.fakes import FakeClock, FakeDetector, FakeLedger, FakeObjects, jpeg


class Later(Executor):
    """Begins nothing before somebody asks for its result: the slowest of all pools, and no thread."""

    def submit(self, call: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        wait = future.result

        def result(timeout: float | None = None) -> Any:
            if not future.done():
                try:
                    future.set_result(call(*args, **named))
                except Exception as error:
                    future.set_exception(error)
            return wait(timeout)

        future.result = result  # type: ignore[method-assign]
        return future


@pytest.fixture(params=["inline", "later", "threads"])
def at_once(request: pytest.FixtureRequest) -> AtOnce:
    if request.param == "inline":
        return inline
    return on(Later() if request.param == "later" else ThreadPoolExecutor(3))


def fails(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_results_come_in_the_order_of_the_calls(at_once: AtOnce, number: int) -> None:
    assert at_once(*(lambda n=n: n for n in range(number))) == [*range(number)]


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_no_error_is_raised_before_every_call_has_ended(at_once: AtOnce, failing: int) -> None:
    ended: list[int] = []

    def call(number: int) -> None:
        ended.append(number)
        if number == failing:
            raise Unavailable("throttled")

    with pytest.raises(Unavailable):
        at_once(*(lambda n=n: call(n) for n in range(3)))
    assert sorted(ended) == [0, 1, 2]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_error_that_is_not_gone_wins_wherever_it_stands(at_once: AtOnce, place: int) -> None:
    calls = [fails(Gone()), fails(Gone())]
    calls.insert(place, fails(Unavailable("throttled")))
    with pytest.raises(Unavailable):
        at_once(*calls)


def test_gone_is_raised_where_nothing_else_went_wrong(at_once: AtOnce) -> None:
    with pytest.raises(Gone):
        at_once(lambda: 1, fails(Gone()), lambda: 3)


def test_of_several_errors_the_first_in_the_order_of_the_calls_is_raised_and_names_another(at_once: AtOnce) -> None:
    second = Unavailable("timeout")
    with pytest.raises(Misconfigured) as caught:
        at_once(fails(Misconfigured("give the role oss:GetObject")), lambda: 2, fails(second))
    assert caught.value.__cause__ is second


def test_an_error_keeps_what_it_came_from(at_once: AtOnce) -> None:
    error = Unavailable("timeout")
    error.__cause__ = OSError("the connection was closed")
    with pytest.raises(Unavailable) as caught:
        at_once(lambda: 1, fails(error))
    assert isinstance(caught.value.__cause__, OSError)


class Meeting:
    """Where the calls that each of several deliveries makes at once, after its paid call, wait for all the others."""

    def __init__(self, deliveries: int) -> None:
        self.barrier = threading.Barrier(3 * deliveries)
        self.asked: set[str] = set()

    def meet(self, ref: ObjectRef, call: str) -> None:
        if ref.uri in self.asked and f"{ref.uri} {call}" not in self.asked:
            self.asked.add(f"{ref.uri} {call}")
            self.barrier.wait()


class RealTime(FakeClock):
    @property
    def store(self) -> float:
        return time.time()


class Objects(FakeObjects):
    def __init__(self, meeting: Meeting) -> None:
        super().__init__(RealTime())
        self.meeting = meeting

    def head(self, ref: ObjectRef) -> Look:
        self.meeting.meet(ref, "head")
        return super().head(ref)

    def tags(self, ref: ObjectRef) -> Tags:
        self.meeting.meet(ref, "tags")
        return super().tags(ref)


class Detector(FakeDetector):
    def __init__(self, objects: Objects) -> None:
        super().__init__(objects)
        self.meeting = objects.meeting

    def detect(self, picture: Picture) -> Detection:
        self.meeting.asked.add(picture.ref.uri)
        return super().detect(picture)


class Answers(FakeLedger):
    def __init__(self, meeting: Meeting) -> None:
        super().__init__()
        self.meeting = meeting

    def store(self, answer_id: str, nonce: str, answer: Answer) -> bool:
        assert answer.asked is not None
        self.meeting.meet(answer.asked.ref, "store")
        return super().store(answer_id, nonce, answer)


def test_deliveries_in_one_process_make_all_their_calls_at_once_and_starve_nobody(tmp_path: Path) -> None:
    """Every delivery waits within its three calls for those of all the others: a pool with one thread less hangs."""
    settings = Settings(IMAGELABELS_INDEX=f"sqlite:///{tmp_path}/labels.db", IMAGELABELS_CONCURRENCY=5)  # type: ignore[call-arg]
    meeting = Meeting(settings.concurrency)
    objects = Objects(meeting)
    detector, ledger = Detector(objects), Answers(meeting)
    labeler = Labeler(wiring.tools(settings, objects, ledger, traits_of(detector)), detector, ledger)
    records = ThreadPoolExecutor(settings.concurrency, "record")
    function = wiring.Function(labeler, wiring.index(settings.index, {}), "oss", records, settings.concurrency)
    changes = []
    for number in range(3 * settings.concurrency):
        ref = ObjectRef("oss", "photos", f"{number}.jpg")
        objects.put(ref, jpeg(f"cat{number}"), last_modified=int(time.time()) - 60)
        changes.append(ObjectChange(ref, "created", f"event {number}"))
    delivered = function.deliver(changes, time.monotonic() + 3600)
    assert [one.outcome.state for one in delivered if one.outcome is not None] == ["labelled"] * len(changes)
