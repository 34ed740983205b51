"""These tests check that no call goes beyond a budget, and what becomes of the pictures that it leaves out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from imagelabels.domain.budget import Limits
from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import ObjectRef, Outcome
from imagelabels.domain.outcomes import Reason, State
from imagelabels.usecases.calling import PATIENCE, TRIES
from tests.world import J, K, L, Worker, World


def _limited(world: World, limits: Limits) -> Worker:
    worker = world.worker()
    worker.labeler = replace(worker.labeler, limits=limits)
    return worker


def _states(got: list[Any]) -> list[str]:
    return [one if isinstance(one, str) else f"{one.state} {one.reason or ''}".strip() for one in got]


def test_the_pictures_beyond_a_budget_are_parked_and_no_call_is_made_for_them(world: World) -> None:
    for ref, content in ((K, "cat"), (J, "dog"), (L, "car")):
        world.user_puts(ref, content)()
    world.wait(2)
    got = [_limited(world, Limits(total=2)).gets(ref) for ref in (K, J, L)]
    assert _states(got) == ["labelled", "labelled", "parked budget"]
    assert world.detector.asked == ["cat", "dog"]
    assert _states([_limited(world, Limits(total=3)).gets(L)]) == ["labelled"]


def test_a_picture_over_the_budget_keeps_the_users_tags_and_loses_stale_labels(world: World) -> None:
    world.user_puts(K, "cat", tags={"trip": "2026", "label:dog": "mammal"})()
    world.wait(2)
    assert _limited(world, Limits(per_day=0)).gets(K) == Outcome(State.PARKED, Reason.BUDGET)
    assert world.tags(K) == {"trip": "2026"}


def test_a_known_content_takes_nothing_from_the_budget(world: World) -> None:
    world.user_puts(K, "cat")()
    world.user_puts(J, "cat")()
    world.wait(2)
    got = [_limited(world, Limits(total=1)).gets(ref) for ref in (K, J, K)]
    assert _states(got) == ["labelled", "labelled", "unchanged"]
    assert world.detector.asked == ["cat"]


def test_a_second_that_is_full_is_waited_out(world: World) -> None:
    refs = [ObjectRef("oss", "photos", f"{number}.jpg") for number in range(4)]
    for ref in refs:
        world.user_puts(ref, ref.key)()
    world.wait(10)
    begun = world.clock.store
    got = [_limited(world, Limits(per_second=1)).gets(ref) for ref in refs]
    assert _states(got) == ["labelled"] * 4
    assert world.clock.store - begun >= 3


def test_waiting_for_the_rate_ends_so_that_the_platform_tries_again(world: World) -> None:
    world.user_puts(K, "cat")()
    world.wait(2)
    begun = world.clock.now
    worker = _limited(world, Limits(per_second=1))
    for _ in range(100):
        worker.instead("ledger.take", lambda *_: Reason.THROTTLED.value)
    assert worker.gets(K) == "throttled"
    assert world.clock.now - begun <= PATIENCE + 2
    assert world.detector.asked == []


def test_a_delivery_waits_for_the_rate_once_and_not_again_for_each_try(world: World) -> None:
    world.user_puts(K, "cat")()
    world.wait(2)
    begun = world.clock.now
    worker = _limited(world, Limits(per_second=1)).fails("detector.detect", Unavailable("throttled"))
    for said in (*[Reason.THROTTLED.value] * 5, None, *[Reason.THROTTLED.value] * 100):
        worker.instead("ledger.take", lambda *_, said=said: said)
    assert worker.gets(K) == "throttled"
    assert world.clock.now - begun <= PATIENCE + 2


def test_a_picture_that_is_replaced_while_the_rate_is_waited_for_is_not_paid_for(world: World) -> None:
    world.user_puts(K, "cat")()
    world.wait(2)
    worker = _limited(world, Limits(per_second=1))
    worker.instead("ledger.take", lambda *_: [world.user_puts(K, "dog")(), Reason.THROTTLED.value][1])
    assert _states([worker.gets(K)]) == ["labelled"]
    assert world.detector.asked == ["dog"]


def test_a_throttled_call_is_made_again_after_growing_pauses_that_chance_shortens(world: World) -> None:
    world.user_puts(K, "cat")()
    world.wait(2)
    world.clock.slept.clear()
    got = world.worker().fails("detector.detect", Unavailable("throttled"), TRIES - 1).gets(K)
    assert _states([got]) == ["labelled"]
    first, second = world.clock.slept
    assert 0.25 <= first <= 0.5
    assert second == 2 * first


def test_every_try_of_a_throttled_call_is_counted(world: World) -> None:
    world.user_puts(K, "cat")()
    world.wait(2)
    worker = _limited(world, Limits(total=2)).fails("detector.detect", Unavailable("throttled"), TRIES)
    assert worker.gets(K) == Outcome(State.PARKED, Reason.BUDGET, paid_calls=2)
    assert world.ledger.spending("fake", world.clock.store).total == 2


def test_a_detector_that_is_billed_for_each_scene_takes_all_its_calls_from_the_budget(world: World) -> None:
    world.detector.calls = 3
    for ref, content in ((K, "cat"), (J, "dog")):
        world.user_puts(ref, content)()
    world.wait(2)
    first = _limited(world, Limits(total=5)).gets(K)
    assert isinstance(first, Outcome)
    assert first.paid_calls == 3
    assert _limited(world, Limits(total=5)).gets(J) == Outcome(State.PARKED, Reason.BUDGET)
    assert world.ledger.spending("fake", world.clock.store).total == 3
    assert world.detector.asked == ["cat"]


def test_a_throttled_call_is_not_made_again_with_too_little_time_left(world: World) -> None:
    world.user_puts(K, "cat")()
    world.wait(2)
    worker = world.worker().fails("detector.detect", Unavailable("throttled"))
    assert worker.gets(K, timeout=20.2) == "throttled"
    assert worker.wire.calls.count("detector.detect") == 1
