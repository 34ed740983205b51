"""These tests check what every invoker promises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagelabels.domain.errors import Misconfigured, Rejected, Unavailable
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
