"""What every queue of failed events promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.ports.failed_events import MOST_MESSAGES
from tests.contract.failed_events import QUEUES, QueueWorld

A, B = ObjectRef("oss", "photos", "照片/a b+c%.jpg"), ObjectRef("oss", "photos", "b.jpg")


@pytest.fixture(params=list(QUEUES.values()), ids=list(QUEUES))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[QueueWorld]:
    with request.param(tmp_path) as opened:
        yield opened


def test_an_empty_queue_shows_and_hands_out_nothing(world: QueueWorld) -> None:
    assert (world.queue.peek(), world.queue.receive()) == ([], [])


def test_a_message_names_its_objects_and_its_function(world: QueueWorld) -> None:
    world.send([A, B])
    (seen,) = world.queue.peek()
    (received,) = world.queue.receive()
    assert (received.refs, received.faults) == ((A, B), ())
    assert received.function == "label"
    assert received.receipt
    assert seen == replace(received, receipt="")


def test_a_message_that_is_held_is_neither_shown_nor_handed_out(world: QueueWorld) -> None:
    world.send([A])
    world.queue.receive()
    assert (world.queue.peek(), world.queue.receive()) == ([], [])
    world.wait(world.held + 1)
    assert [event.refs for event in world.queue.receive()] == [(A,)]


def test_a_message_is_deleted_once(world: QueueWorld) -> None:
    world.send([A])
    (received,) = world.queue.receive()
    assert world.queue.delete(received)
    assert not world.queue.delete(received)
    world.wait(world.held + 1)
    assert world.queue.receive() == []


def test_who_holds_a_message_no_longer_deletes_nothing(world: QueueWorld) -> None:
    world.send([A])
    (late,) = world.queue.receive()
    world.wait(world.held + 1)
    assert not world.queue.delete(late)
    (again,) = world.queue.receive()
    assert again.message_id == late.message_id
    assert not world.queue.delete(late)
    world.queue.give_back(late)
    assert world.queue.receive() == []
    assert world.queue.delete(again)


def test_a_message_that_is_given_back_comes_again_soon(world: QueueWorld) -> None:
    world.send([A])
    (received,) = world.queue.receive()
    world.queue.give_back(received)
    world.wait(2)
    (again,) = world.queue.receive()
    assert again.message_id == received.message_id
    world.queue.delete(again)
    world.queue.give_back(again)


def test_messages_come_in_their_order_and_so_many_at_once(world: QueueWorld) -> None:
    refs = [ObjectRef("oss", "photos", f"{number}.jpg") for number in range(MOST_MESSAGES + 1)]
    for ref in refs:
        world.send([ref])
    assert [event.refs[0] for event in world.queue.peek()] == refs[:MOST_MESSAGES]
    assert [event.refs[0] for event in world.queue.receive()] == refs[:MOST_MESSAGES]
    assert [event.refs[0] for event in world.queue.receive()] == refs[MOST_MESSAGES:]


def test_keys_that_are_wrong_are_told(world: QueueWorld) -> None:
    world.send([A])
    (received,) = world.queue.receive()
    others = world.others()
    for call in (others.peek, others.receive, lambda: others.delete(received), lambda: others.give_back(received)):
        with pytest.raises(Misconfigured, match="secret"):
            call()
    assert world.queue.delete(received)
