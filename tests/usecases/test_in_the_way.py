"""What a command or a delivery does where something stands in its way: it says so and leaves everything as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from imagelabels.domain.errors import Gone, LabelingError, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import Answer, Look, ObjectRef, Outcome
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.policy import Policy
from imagelabels.ports import Proof
from imagelabels.providers import sqlite
from imagelabels.usecases.correct import Said, correct
from imagelabels.usecases.found import Found, store
from imagelabels.usecases.local import examine, write
from imagelabels.usecases.relabel import Change, foresee, relabel
from imagelabels.usecases.undo import Written, undo, written
from tests.fakes import jpeg
from tests.world import TIMEOUT, J, K, World

CAT, DOG = {"label:cat": "mammal"}, {"label:dog": "mammal"}
UNSIGNABLE = Rejected("unsignable_key", "the SDK cannot sign this key")
LOW = Policy(threshold=0.3)


@pytest.fixture
def labelled(world: World) -> World:
    world.user_puts(K, "cat")()
    world.worker().gets(K)
    return world


def raising(error: Exception) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail


def deadline(world: World) -> float:
    return world.clock.monotonic() + TIMEOUT


# undo


def test_the_row_of_a_key_that_cannot_be_signed_any_more_is_taken_back(labelled: World) -> None:
    worker = labelled.worker().fails("objects.head", UNSIGNABLE, times=9)
    assert written(worker.tools, K) == Written(K, {}, True)
    assert undo(worker.tools, K, deadline(labelled)) == Written(K, {}, True)
    assert labelled.ledger.row(K) is None


def test_undo_waits_for_the_lock_of_a_key_that_cannot_be_signed(labelled: World) -> None:
    now = labelled.clock.store
    assert labelled.ledger.lock(K, "another worker", now + 30, now, "event")
    worker = labelled.worker().fails("objects.head", UNSIGNABLE, times=9)
    worker.after("ledger.row", lambda: None).after("ledger.row", lambda: labelled.ledger.release(K, "another worker"))
    undo(worker.tools, K, deadline(labelled))
    assert labelled.ledger.row(K) is None
    assert worker.wire.calls.count("ledger.lock") >= 2


def test_undo_begins_no_write_at_the_end_of_its_lease(labelled: World) -> None:
    worker = labelled.worker()
    # The first time, undo looks at what is there before it has a lock.
    worker.after("objects.tags", lambda: None).after("objects.tags", lambda: labelled.wait(26))
    assert undo(worker.tools, K, deadline(labelled)).tags == CAT
    assert worker.wire.calls.count("objects.put_tags") == 1
    assert worker.wire.calls.count("ledger.lock") == 2
    assert labelled.tags(K) == {}


def test_undo_gives_up_where_the_object_changes_every_time(labelled: World) -> None:
    worker = labelled.worker()

    def vanish(*_: object) -> None:
        raise Gone

    for _ in range(20):
        worker.instead("objects.put_tags", vanish)
    with pytest.raises(Unavailable) as caught:
        undo(worker.tools, K, deadline(labelled))
    assert caught.value.reason == "unsettled"
    assert (labelled.tags(K), labelled.labels(K)) == (CAT, ("cat",))


# relabel


@pytest.mark.parametrize("error", [Gone(), UNSIGNABLE])
def test_what_cannot_be_looked_at_is_not_relabelled(labelled: World, error: LabelingError | Gone) -> None:
    worker = labelled.worker(policy=LOW)
    for _ in range(2):
        worker.instead("objects.head", raising(error))
    assert foresee(worker.tools, K) == Change(K, "no_answer")
    assert relabel(worker.tools, K, deadline(labelled)) == Change(K, "no_answer")
    assert "ledger.lock" not in worker.wire.calls


def test_a_picture_that_became_a_link_loses_its_labels_and_its_targets_tags_stay(labelled: World) -> None:
    labelled.user_puts(K, "cat", tags=CAT, symlink=True)()
    worker = labelled.worker()
    change = relabel(worker.tools, K, deadline(labelled))
    assert change == Change(K, "changed", labels_go=frozenset({"cat"}))
    assert (labelled.tags(K), labelled.labels(K), labelled.state(K)) == (CAT, (), "skipped")


# correct


@pytest.mark.parametrize("error", [Gone(), UNSIGNABLE])
def test_what_cannot_be_looked_at_is_not_corrected(labelled: World, error: LabelingError | Gone) -> None:
    worker = labelled.worker().instead("objects.head", raising(error))
    with pytest.raises(ValueError, match="there is no such object"):
        correct(worker.tools, K, Said(["cat"]), deadline(labelled))
    assert labelled.labels(K) == ("cat",)


def test_words_about_a_picture_are_not_kept_for_the_one_that_replaces_it_meanwhile(labelled: World) -> None:
    worker = labelled.worker()

    def replace_it() -> None:
        labelled.user_puts(K, "dog")()
        labelled.worker().gets(K)

    worker.before("ledger.lock", replace_it)
    with pytest.raises(ValueError, match="the object changed just now"):
        correct(worker.tools, K, Said(["dog"], ["car"]), deadline(labelled))
    assert (labelled.tags(K), labelled.labels(K)) == (DOG, ("dog",))


# local files

FILE = ObjectRef("file", "", "photos/cat.jpg")


FILES = Policy(tag_limit=0)


def test_a_file_that_changes_while_it_is_looked_at_is_left_for_the_next_run() -> None:
    world = World()
    world.user_puts(FILE, "cat")()
    worker = world.worker(policy=FILES).before("objects.read", world.user_puts(FILE, "dog"))
    with pytest.raises(Unavailable, match="the file changed while it was looked at"):
        examine(worker.labeler, FILE)
    assert world.state(FILE) is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"These are only words", "not_image"), (b"", "empty"), (jpeg("blurred"), "detector_refused")],
)
def test_a_file_that_is_refused_has_a_row_that_says_why(tmp_path: Path, content: bytes, reason: str) -> None:
    ledger = sqlite.open_ledger(tmp_path / "labels.db")
    world = World(ledger)
    world.objects.put(FILE, content)
    world.detector.refuses.add("blurred")
    by = world.worker(policy=FILES).labeler
    assert write(by, ledger, [examine(by, FILE)]) == [Outcome(State.SKIPPED, Reason(reason))]
    assert (world.state(FILE), world.record(FILE).reason) == ("skipped", reason)


# deliveries


def test_without_an_etag_the_size_tells_whether_the_decoded_key_is_meant(world: World) -> None:
    raw, decoded = ObjectRef("oss", "photos", "a%20b.jpg"), ObjectRef("oss", "photos", "a b.jpg")
    world.user_puts(decoded, "dog")()
    size = world.objects.there[decoded.uri].head.size
    got = world.worker().gets(raw, decoded=decoded, size=size)
    assert isinstance(got, Outcome)
    assert (got.labels, got.notes) == (("dog",), ("key_decoded",))
    got = world.worker().gets(raw, decoded=decoded, size=size + 1)
    assert isinstance(got, Outcome)
    assert got.state == "removed"
    assert world.labels(decoded) == ("dog",)


def test_an_object_that_changes_at_every_last_look_is_given_back_to_the_platform(world: World) -> None:
    world.user_puts(K, "cat")()
    worker = world.worker()
    for number in range(3):
        worker.after("ledger.finish", world.user_puts(K, f"picture {number}"))
    assert worker.gets(K) == "unsettled"
    assert world.row(K).lock is None
    got = world.worker().gets(K)
    assert isinstance(got, Outcome)
    assert got.labels == world.labels(K) == ("picture 2",)


def test_an_index_that_refuses_the_row_after_the_tags_were_sent_leaves_the_key_locked(world: World) -> None:
    """The tag write may still land: whoever comes next must wait until its signature has ended."""
    world.user_puts(K, "cat")()
    worker = world.worker().fails("ledger.finish", Misconfigured("give the role ots:PutRow"))
    assert worker.gets(K) == "forbidden"
    assert (world.tags(K), world.labels(K)) == (CAT, None)
    assert world.row(K).lock is not None
    assert isinstance(world.until_done(K), Outcome)
    assert world.labels(K) == ("cat",)


def test_only_an_answer_of_now_is_stored(world: World) -> None:
    by, end = world.worker(), deadline(world)
    kept = Found(Answer(Reason.CORRUPT), kept=True, proof=Proof("answer", "nonce", True))
    assert not store(by.tools.answers, kept, world.clock, end)
    assert not store(by.tools.answers, Found(Answer(Reason.EMPTY), new=True), world.clock, end)
    assert by.wire.calls == []


def test_an_answer_to_a_call_during_which_the_object_changed_is_taken_back_at_once(world: World) -> None:
    """Nobody can confirm it any more, and whoever finds it would have to look at the object for nothing."""
    world.user_puts(K, "cat")()
    world.wait(10)
    old = world.answer_id(K)
    outcome = world.worker().after("detector.detect", world.user_puts(K, "dog")).gets(K)
    assert isinstance(outcome, Outcome)
    assert (outcome.labels, outcome.paid_calls) == (("dog",), 2)
    assert world.ledger.answer(old) is None


def test_a_read_that_says_gone_of_an_object_that_is_there_is_tried_again(world: World) -> None:
    world.user_puts(K, "cat")()
    worker = world.worker().instead("detector.detect", raising(Gone()))
    outcome = worker.gets(K)
    assert isinstance(outcome, Outcome)
    assert (outcome.state, outcome.labels) == ("labelled", ("cat",))


@pytest.mark.parametrize(("first", "second"), [("oss", "cos"), ("cos", "oss")])
def test_an_object_of_another_cloud_is_not_looked_at_through_our_store(world: World, first: str, second: str) -> None:
    """Where all share answers, an unconfirmed one may be of a store that this worker has no client for."""
    theirs, ours = ObjectRef(first, "photos", "k.jpg"), ObjectRef(second, "photos", "k.jpg")
    world.user_puts(theirs, "cat")()
    assert world.worker(reuse="all").dies_after("ledger.store").gets(theirs) == "killed"
    world.user_puts(ours, "cat")()
    looked_at: list[ObjectRef] = []
    head = world.objects.head

    def look(ref: ObjectRef) -> Look:
        looked_at.append(ref)
        return head(ref)

    worker = world.worker(reuse="all")
    for _ in range(9):
        worker.instead("objects.head", look)
    outcome = worker.gets(ours)
    assert isinstance(outcome, Outcome)
    assert (outcome.labels, outcome.paid_calls) == (("cat",), 1)
    assert {ref.store for ref in looked_at} == {second}


def test_an_object_of_before_this_second_is_looked_at_no_more_often_and_waited_for_no_longer(world: World) -> None:
    world.user_puts(K, "cat")()
    world.wait(1 - world.clock.store % 1)
    old = world.worker()
    world.clock.slept.clear()
    assert isinstance(old.gets(K), Outcome)
    assert (world.clock.slept, old.wire.calls.count("objects.head")) == ([], 3)
    world.user_puts(J, "dog")()
    young = world.worker()
    world.clock.slept.clear()
    assert isinstance(young.gets(J), Outcome)
    assert (world.clock.slept, young.wire.calls.count("objects.head")) == ([1.0], 4)


def test_an_index_that_fails_while_a_claim_is_given_back_does_not_hide_what_a_person_must_mend(world: World) -> None:
    world.user_puts(K, "cat")()
    worker = world.worker().fails("detector.detect", Misconfigured("bind the project", "detector_unbound"))
    got = worker.fails("ledger.give_back", Unavailable("index_error", "the index is down")).gets(K)
    assert isinstance(got, Outcome)
    assert (got.state, got.reason) == ("parked", "detector_unbound")


def test_an_index_that_fails_while_the_key_is_freed_does_not_hide_why_the_delivery_failed(world: World) -> None:
    world.user_puts(K, "cat")()
    worker = world.worker().fails("objects.tags", Unavailable("throttled", "too many requests"))
    assert worker.fails("ledger.release", Unavailable("index_error", "the index is down")).gets(K) == "throttled"
    assert isinstance(world.until_done(K), Outcome)
    assert world.labels(K) == ("cat",)
