"""These tests check what every invoker promises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagelabels.domain.errors import Misconfigured, Rejected, Unavailable
from imagelabels.domain.tasks import TaskStatus
from tests.contract.invokers import INVOKERS
from tests.contract.world import InvokerWorld

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


@pytest.fixture(params=list(INVOKERS.values()), ids=list(INVOKERS))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[InvokerWorld]:
    with request.param(tmp_path) as world:
        yield world


def test_the_function_gets_the_event_as_it_is_and_its_answer_comes_back(world: InvokerWorld) -> None:
    event = {"key": "照片/狗 50%+ \x1b\n.jpg"}
    reply = world.invoker.invoke(world.function, json.dumps(event, ensure_ascii=False).encode())
    assert reply.failure is None
    assert json.loads(reply.body)["event"] == event
    assert reply.request_id


def test_a_failure_inside_the_function_is_an_answer_with_its_kind_and_its_words(world: InvokerWorld) -> None:
    reply = world.invoker.invoke(world.function, b'{"raise": "no such dog"}')
    assert reply.failure is not None
    assert (reply.failure.kind, reply.failure.message) == ("ValueError", "no such dog")
    assert reply.request_id


def test_an_event_that_is_enqueued_reaches_the_function_later(world: InvokerWorld, tmp_path: Path) -> None:
    event = json.dumps({"touch": str(tmp_path / "seen")}).encode()
    assert world.invoker.enqueue(world.function, event)
    world.settle()
    assert (tmp_path / "seen").exists()


def test_a_function_that_is_not_there_is_named(world: InvokerWorld) -> None:
    for send in (world.invoker.invoke, world.invoker.enqueue):
        with pytest.raises(Misconfigured, match=world.missing):
            send(world.missing, b"{}")


def test_a_wrong_secret_invokes_nothing(world: InvokerWorld, tmp_path: Path) -> None:
    event = json.dumps({"touch": str(tmp_path / "seen")}).encode()
    for send in (world.impostor.invoke, world.impostor.enqueue):
        with pytest.raises(Misconfigured, match="secret"):
            send(world.function, event)
    world.settle()
    assert not (tmp_path / "seen").exists()


def test_a_function_whose_instances_are_all_busy_is_to_be_tried_again(world: InvokerWorld) -> None:
    with world.all_instances_busy(), pytest.raises(Unavailable) as caught:
        world.invoker.invoke(world.limited, b"{}")
    assert caught.value.reason == "throttled"


def test_an_event_that_is_too_long_for_the_queue_is_refused_for_good(world: InvokerWorld) -> None:
    event = json.dumps({"key": "x" * 128 * 1024}).encode()
    with pytest.raises(Rejected) as caught:
        world.invoker.enqueue(world.function, event)
    assert caught.value.reason == "too_large"


def test_a_task_that_ran_has_succeeded_and_its_answer_is_told(world: InvokerWorld) -> None:
    task = world.invoker.start(world.tasks, b'{"key": "dog.jpg"}', "batch-1")
    assert not task.already_there
    world.settle()
    state = world.invoker.state(world.tasks, task.id)
    assert (state.status, state.failure) == (TaskStatus.SUCCEEDED, None)
    assert json.loads(state.body or b"")["event"] == {"key": "dog.jpg"}


def test_who_would_wait_for_a_function_that_runs_asynchronously_would_take_its_silence_for_an_answer(
    world: InvokerWorld,
) -> None:
    reply = world.invoker.invoke(world.tasks, b'{"key": "dog.jpg"}')
    body = reply.body
    if reply.is_queued:
        world.settle()
        body = world.invoker.state(world.tasks, reply.request_id).body or b""
    assert json.loads(body)["event"] == {"key": "dog.jpg"}


def test_a_task_that_failed_says_why(world: InvokerWorld) -> None:
    task = world.invoker.start(world.tasks, b'{"raise": "no such dog"}', "batch-1")
    world.settle()
    state = world.invoker.state(world.tasks, task.id)
    assert (state.status, state.body) == (TaskStatus.FAILED, None)
    assert state.failure is not None
    assert (state.failure.kind, state.failure.message) == ("ValueError", "no such dog")


def test_an_id_that_is_sent_again_starts_nothing_where_callers_choose_ids(world: InvokerWorld, tmp_path: Path) -> None:
    touches = [json.dumps({"touch": str(tmp_path / name)}).encode() for name in ("first", "second")]
    first = world.invoker.start(world.tasks, touches[0], "batch-1")
    world.settle()
    second = world.invoker.start(world.tasks, touches[1], "batch-1")
    world.settle()
    assert not first.already_there
    assert (second.already_there, second.id == first.id) == (world.takes_ids, world.takes_ids)
    assert (tmp_path / "first").exists()
    assert (tmp_path / "second").exists() is not world.takes_ids


def test_a_task_waits_for_an_instance_and_never_runs_once_it_is_stopped(world: InvokerWorld, tmp_path: Path) -> None:
    event = json.dumps({"touch": str(tmp_path / "seen")}).encode()
    with world.holding():
        task = world.invoker.start(world.tasks, event, "batch-1")
        assert world.invoker.state(world.tasks, task.id).status in (TaskStatus.WAITING, TaskStatus.UNKNOWN)
        world.invoker.stop(world.tasks, task.id)
    world.settle()
    assert not (tmp_path / "seen").exists()
    assert world.invoker.state(world.tasks, task.id).status in (TaskStatus.STOPPED, TaskStatus.UNKNOWN)


def test_a_task_that_is_over_or_not_known_can_be_stopped_without_harm(world: InvokerWorld) -> None:
    task = world.invoker.start(world.tasks, b"{}", "batch-1")
    world.settle()
    for task_id in (task.id, "nobody"):
        world.invoker.stop(world.tasks, task_id)
    assert world.invoker.state(world.tasks, task.id).status is TaskStatus.SUCCEEDED
    assert world.invoker.state(world.tasks, "nobody").status is TaskStatus.UNKNOWN


def test_a_task_of_a_function_that_is_not_there_or_with_a_wrong_secret_is_no_unknown_task(world: InvokerWorld) -> None:
    for invoker, function, words in (
        (world.invoker, world.missing, world.missing),
        (world.impostor, world.tasks, "secret"),
    ):
        with pytest.raises(Misconfigured, match=words):
            invoker.start(function, b"{}", "batch-1")
        with pytest.raises(Misconfigured, match=words):
            invoker.state(function, "batch-1")
        with pytest.raises(Misconfigured, match=words):
            invoker.stop(function, "batch-1")


def test_an_id_that_no_caller_may_choose_reaches_no_platform(world: InvokerWorld) -> None:
    for task_id in ("", "1-batch", "a/b", "x" * 129, "a\n"):
        with pytest.raises(ValueError, match="a task id is up to 128"):
            world.invoker.start(world.tasks, b"{}", task_id)
