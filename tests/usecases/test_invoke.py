"""Objects are given to a deployed function, and each gets its outcome."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from imagelabels.domain.errors import Misconfigured, Rejected, Unavailable
from imagelabels.domain.invocations import Failure, Invoked, batches
from imagelabels.domain.model import ObjectRef
from imagelabels.usecases.invoke import invoke
from tests.invoking import FakeInvoker

REFS = [ObjectRef("oss", "photos", f"{number}.jpg") for number in range(41)]


def event(refs: Sequence[ObjectRef]) -> bytes:
    return json.dumps([ref.uri for ref in refs]).encode()


def outcome(uri: str | None, state: str = "labelled") -> dict[str, Any]:
    return {"uri": uri, "state": state}


def answering(*records: dict[str, Any]) -> FakeInvoker:
    return FakeInvoker({"label": lambda event: {"records": list(records)}})


def invoked(invoker: FakeInvoker, refs: Sequence[ObjectRef] = REFS[:2], later: bool = False) -> list[Invoked]:
    return list(invoke(invoker, "label", batches(refs, event), later))


def test_every_object_gets_its_own_outcome_over_several_invocations() -> None:
    invoker = FakeInvoker({"label": lambda event: {"records": [outcome(uri) for uri in json.loads(event)]}})
    done = invoked(invoker, REFS)
    assert [one.uri for one in done] == [ref.uri for ref in REFS]
    assert all(one.is_fine and one.outcome is not None for one in done)
    assert len(invoker.events) == 2
    assert len({one.request_id for one in done}) == 2


@pytest.mark.parametrize(
    ("state", "fine"),
    [
        ("labelled", True),
        ("unchanged", True),
        ("removed", True),
        ("skipped", True),
        ("parked", False),
        ("waiting", False),
        ("failed", False),
        ("a state of another version", False),
    ],
)
def test_an_outcome_is_fine_if_nothing_is_left_to_do(state: str, fine: bool) -> None:
    (done,) = invoked(answering(outcome(REFS[0].uri, state)), REFS[:1])
    assert done.is_fine is fine


def test_the_object_that_the_function_acted_on_is_named() -> None:
    """A function that finds no object under the raw key takes the decoded key."""
    first, second = invoked(answering(outcome("oss://photos/decoded.jpg"), outcome(None)))
    assert (first.uri, second.uri) == ("oss://photos/decoded.jpg", REFS[1].uri)


def test_an_object_that_the_answer_does_not_mention_has_failed() -> None:
    first, second = invoked(answering(outcome(REFS[0].uri)))
    assert first.is_fine
    assert not second.is_fine
    assert str(second.error).startswith("no outcome: ")


def test_outcomes_of_objects_that_nobody_asked_for_are_left_out() -> None:
    assert len(invoked(answering(*[outcome("oss://other/x.jpg")] * 5), REFS[:1])) == 1


def test_another_functions_answer_is_no_outcome() -> None:
    for done in invoked(FakeInvoker({"label": lambda event: "hello"})):
        assert isinstance(done.error, Failure)
        assert "no function of imagelabels" in str(done.error)


def test_a_function_that_runs_asynchronously_would_be_called_a_foreign_one() -> None:
    queueing = FakeInvoker({"label": lambda event: {"records": []}}, never_waits=True)
    done = invoked(queueing)
    assert all("`imagelabels why` shows later" in str(one.error) for one in done)
    assert not any(one.is_fine for one in done)


def test_a_failure_inside_the_function_is_said_of_every_object_of_the_event() -> None:
    def fail(event: bytes) -> None:
        raise ValueError("no dog")

    done = invoked(FakeInvoker({"label": fail}))
    assert [str(one.error) for one in done] == ["ValueError: no dog"] * 2
    assert not any(one.is_fine for one in done)
    assert all(one.request_id for one in done)


def test_an_invocation_that_is_refused_does_not_keep_the_others_from_being_tried() -> None:
    invoker = FakeInvoker({"label": lambda event: {"records": [outcome(uri) for uri in json.loads(event)]}})
    invoker.fails = [Unavailable("throttled", "busy")]
    done = invoked(invoker, REFS)
    assert [one.is_fine for one in done] == [False] * 40 + [True]
    assert str(done[0].error) == "busy"


def test_what_is_wrong_with_every_invocation_ends_them_at_once() -> None:
    invoker = FakeInvoker({})
    with pytest.raises(Misconfigured, match="no function 'label'"):
        invoked(invoker, REFS)
    assert len(invoker.events) == 1


def test_objects_that_a_platform_takes_for_later_are_accepted_and_not_done() -> None:
    invoker = FakeInvoker({"label": lambda event: {}})
    invoker.fails = [Rejected("too_large", "too long")]
    done = invoked(invoker, REFS, later=True)
    assert [one.accepted for one in done] == [False] * 40 + [True]
    assert [one.is_fine for one in done] == [False] * 40 + [True]
    assert (done[-1].outcome, done[-1].error, done[-1].request_id) == (None, None, "request-2")
    assert len(invoker.waiting) == 1
