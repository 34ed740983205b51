"""The queue of failed events is worked through once, and nothing of it is deleted before all is recorded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest

from imagelabels.domain.budget import Limits
from imagelabels.domain.errors import LabelingError, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.ports.failed_events import MOST_MESSAGES
from imagelabels.usecases.failed_events import Drain, Drained, is_recorded
from tests.failed_events import HELD, QueueInMemory
from tests.world import J, K, World

PREFIX = "oss://photos/"
ELSEWHERE = ObjectRef("oss", "others", "k.jpg")


class Hands:
    """It takes objects as the function does, and records all but `silent` ones."""

    def __init__(self, queue: QueueInMemory) -> None:
        self.queue = queue
        self.given: list[list[str]] = []
        self.silent: set[ObjectRef] = set()
        self.takes = 0.0
        self.raises: LabelingError | None = None

    def __call__(self, refs: Sequence[ObjectRef]) -> Collection[ObjectRef]:
        self.given.append([ref.key for ref in refs])
        self.queue.now += self.takes
        if self.raises is not None:
            raise self.raises
        return [ref for ref in refs if ref not in self.silent]


@pytest.fixture
def queue() -> QueueInMemory:
    return QueueInMemory()


@pytest.fixture
def hands(queue: QueueInMemory) -> Hands:
    return Hands(queue)


def drained(queue: QueueInMemory, hands: Hands) -> tuple[list[str], Drained]:
    """Work through the queue, and return the ids of the messages that cannot be read, and what became of all."""
    drain = Drain(queue, PREFIX, "imagelabels", hands)
    return [event.message_id for event in drain.run()], drain.drained


def pictures(count: int) -> list[ObjectRef]:
    return [ObjectRef("oss", "photos", f"{number}.jpg") for number in range(count)]


def test_every_message_of_which_all_is_recorded_is_deleted(queue: QueueInMemory, hands: Hands) -> None:
    refs = pictures(MOST_MESSAGES + 2)
    for ref in refs:
        queue.send(ref)
    assert drained(queue, hands) == ([], Drained(deleted=len(refs)))
    assert (queue.ids, queue.calls.count("give_back")) == ([], 0)
    assert hands.given == [[ref.key for ref in refs[:MOST_MESSAGES]], [ref.key for ref in refs[MOST_MESSAGES:]]]


def test_an_object_that_two_messages_name_is_given_once(queue: QueueInMemory, hands: Hands) -> None:
    queue.send(K, J)
    queue.send(K)
    assert drained(queue, hands)[1] == Drained(deleted=2)
    assert hands.given == [["k.jpg", "j.jpg"]]


def test_a_message_stays_while_anything_of_it_is_not_recorded_and_is_given_back(
    queue: QueueInMemory, hands: Hands
) -> None:
    kept, gone = queue.send(K, J), queue.send(K)
    hands.silent = {J}
    assert drained(queue, hands)[1] == Drained(deleted=1, unrecorded=1)
    assert (queue.ids, queue.free) == ([kept], [kept])
    assert gone not in queue.ids


def test_a_message_about_other_objects_stays_and_only_what_was_asked_for_is_given(
    queue: QueueInMemory, hands: Hands
) -> None:
    ids = [queue.send(ELSEWHERE), queue.send(ELSEWHERE, K)]
    assert drained(queue, hands)[1] == Drained(elsewhere=2)
    assert (hands.given, queue.free) == ([["k.jpg"]], ids)


def test_a_message_that_cannot_be_read_stays_and_is_named_and_what_it_names_is_given(
    queue: QueueInMemory, hands: Hands
) -> None:
    ids = [queue.send(faults=("not JSON",)), queue.send(K, faults=("events[1]: missing",))]
    assert drained(queue, hands) == (ids, Drained(unreadable=2))
    assert (hands.given, queue.free) == ([["k.jpg"]], ids)


def test_a_message_about_another_function_stays_and_nothing_of_it_is_given(queue: QueueInMemory, hands: Hands) -> None:
    ids = [queue.send(K, function="thumbnails"), queue.send(function="thumbnails")]
    assert drained(queue, hands)[1] == Drained(elsewhere=2)
    assert (hands.given, queue.free) == ([], ids)


@pytest.mark.parametrize("function", ["", "label"])
def test_a_message_counts_as_that_of_the_function_that_it_names_or_if_it_names_none(
    queue: QueueInMemory, hands: Hands, function: str
) -> None:
    queue.send(K, function=function)
    drain = Drain(queue, PREFIX, "pictures/label", hands)
    assert (list(drain.run()), drain.drained) == ([], Drained(deleted=1))


def test_a_message_that_names_nothing_is_deleted(queue: QueueInMemory, hands: Hands) -> None:
    queue.send()
    assert drained(queue, hands)[1] == Drained(deleted=1)
    assert hands.given == []


def test_a_message_that_was_held_too_long_is_deleted_when_it_comes_again_without_another_try(
    queue: QueueInMemory, hands: Hands
) -> None:
    queue.send(K)
    hands.takes = HELD
    assert drained(queue, hands)[1] == Drained(deleted=1)
    assert (queue.ids, hands.given) == ([], [["k.jpg"]])


def test_a_message_that_somebody_else_took_over_is_counted_as_late(queue: QueueInMemory, hands: Hands) -> None:
    queue.send(K)
    hands.takes = HELD

    def another_takes_it() -> None:
        if hands.given:
            queue.on_receive = lambda: None
            queue.receive()

    queue.on_receive = another_takes_it
    assert drained(queue, hands)[1] == Drained(late=1)
    assert len(queue.ids) == 1


@pytest.mark.parametrize("rounds", [1, 3])
def test_messages_that_stay_and_come_again_end_the_run_when_those_behind_them_are_done(
    queue: QueueInMemory, hands: Hands, rounds: int
) -> None:
    staying = [queue.send(ELSEWHERE) for _ in range((rounds - 1) * MOST_MESSAGES + 1)]
    queue.send(K)

    def time_passes() -> None:
        queue.now += HELD / rounds

    queue.on_receive = time_passes
    assert drained(queue, hands) == ([], Drained(deleted=1, elsewhere=len(staying)))
    assert queue.ids == queue.free == staying


def test_a_function_that_takes_nothing_ends_the_run_and_the_rest_is_not_touched(
    queue: QueueInMemory, hands: Hands
) -> None:
    refs = pictures(MOST_MESSAGES + 1)
    ids = [queue.send(ref) for ref in refs]
    hands.silent = set(refs)
    assert drained(queue, hands)[1] == Drained(unrecorded=MOST_MESSAGES)
    assert (queue.ids, queue.free, queue.calls.count("receive")) == (ids, ids, 1)


def test_what_ends_the_run_gives_back_what_was_received(queue: QueueInMemory, hands: Hands) -> None:
    ids = [queue.send(K)]
    hands.raises = Misconfigured("there is no such function")
    with pytest.raises(Misconfigured):
        drained(queue, hands)
    assert queue.free == ids
    hands.raises = None
    queue.fails = {"delete": Unavailable("throttled"), "give_back": Unavailable("throttled")}
    with pytest.raises(Unavailable):
        drained(queue, hands)
    assert (queue.ids, queue.free) == (ids, [])
    queue.fails = {}
    queue.now += HELD
    assert drained(queue, hands)[1] == Drained(deleted=1)


def test_a_queue_that_takes_nothing_back_is_asked_once(queue: QueueInMemory, hands: Hands) -> None:
    for _ in range(3):
        queue.send(ELSEWHERE)
    queue.fails = {"give_back": Unavailable("timeout")}
    assert drained(queue, hands)[1] == Drained(elsewhere=3)
    assert queue.calls.count("give_back") == 1


def test_two_runs_at_once_share_the_messages(queue: QueueInMemory, hands: Hands) -> None:
    for ref in pictures(2 * MOST_MESSAGES):
        queue.send(ref)
    other = Drain(queue, PREFIX, "imagelabels", Hands(queue))

    def between() -> None:
        queue.on_receive = lambda: None
        list(other.run())

    queue.on_receive = lambda: setattr(queue, "on_receive", between)
    assert drained(queue, hands)[1] == Drained(deleted=MOST_MESSAGES)
    assert other.drained == Drained(deleted=MOST_MESSAGES)
    assert queue.ids == []


class Recorded:
    """What the index has of a delivery that a worker made, as the command finds it out."""

    def __init__(self) -> None:
        self.world = World()
        self.world.user_puts(K, "cat")()
        self.world.wait(2)

    def __call__(self, request: str = "redrive-1") -> bool:
        return is_recorded(self.world.worker().tools, K, request)


@pytest.fixture
def recorded() -> Recorded:
    return Recorded()


def test_nothing_is_recorded_of_an_object_without_a_row(recorded: Recorded) -> None:
    assert not recorded()


def test_an_outcome_counts_if_this_delivery_left_it(recorded: Recorded) -> None:
    recorded.world.worker().gets(K, event_id="redrive-1/k")
    assert recorded("redrive-1")
    assert not recorded("redrive-2")
    assert not recorded("redrive")


def test_an_object_that_is_due_counts_whoever_left_it_so(recorded: Recorded) -> None:
    worker = recorded.world.worker()
    worker.labeler = replace(worker.labeler, limits=Limits(total=0))
    worker.gets(K, event_id="another")
    assert recorded.world.state(K) == "parked"
    assert recorded()


def test_a_row_that_is_finished_tells_nothing_of_another_delivery_whatever_its_state(recorded: Recorded) -> None:
    recorded.world.worker().fails("objects.put_tags", Rejected("tags_refused")).gets(K, event_id="another")
    assert recorded.world.state(K) == "failed"
    assert not recorded()


def test_a_reason_beside_a_good_row_and_a_lock_count_as_due(recorded: Recorded) -> None:
    recorded.world.worker().gets(K, event_id="another")
    recorded.world.user_puts(K, "dog")()
    recorded.world.wait(2)
    recorded.world.worker().fails("objects.tags", Unavailable("throttled")).gets(K, event_id="another")
    assert recorded.world.row(K).waiting == "throttled"
    assert recorded()
    recorded.world.worker().gets(K, event_id="another")
    assert not recorded()
    recorded.world.user_puts(K, "car")()
    recorded.world.wait(2)
    recorded.world.worker().dies_after("ledger.lock").gets(K, event_id="another")
    assert recorded.world.row(K).lock is not None
    assert recorded()


def test_an_index_that_does_not_answer_proves_nothing_and_one_that_refuses_is_told(recorded: Recorded) -> None:
    recorded.world.worker().gets(K, event_id="redrive-1/k")
    for error, kind in ((Unavailable("index_error"), None), (Misconfigured("no"), Misconfigured)):
        tools = recorded.world.worker().fails("ledger.row", error).tools
        if kind is None:
            assert not is_recorded(tools, K, "redrive-1")
        else:
            with pytest.raises(kind):
                is_recorded(tools, K, "redrive-1")
