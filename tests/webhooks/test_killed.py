"""Nothing is lost when receivers fail half the time and the worker is killed at any call of the index: the small form.

`python -m benchmarks webhooks` is the big one, with real receivers, processes and kills.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.webhooks.judge import Judge
from imagelabels.domain.changes import named
from imagelabels.ports.receivers import SendResult
from imagelabels.records.rows import image_pk
from imagelabels.usecases.hook_turn import LEASE
from tests.fakes_webhooks import BROKEN, OK, Sent
from tests.webhooks_world import CAT, DOG, URL, World

PICTURES, ROUNDS = 15, 6
OTHER = "https://example.com/other"


class Killed(BaseException):
    """The worker's process has ended."""


def deadly(world: World, chance: random.Random) -> None:
    """Let each write for webhooks kill the worker now and then, before it or after it."""

    def risky(write: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            fate = chance.random()
            if fate < 0.02:
                raise Killed
            answer = write(*args)
            if fate > 0.98:
                raise Killed
            return answer

        return call

    kept = world.kept
    for port, names in ((kept.hooks, ["put"]), (kept.outbox, ["add", "write", "remove"]), (kept.known, ["note"])):
        for name in names:
            setattr(port, name, risky(getattr(port, name)))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_change_would_be_lost_come_too_early_or_with_two_ids_when_workers_die(seed: int) -> None:
    chance, judge, world, kills = random.Random(seed), Judge(), World(), 0

    def receive(sent: Sent) -> SendResult:
        fate = chance.choice(["taken", "refused", "lost"])
        judge.arrived(sent.url, sent.id, sent.message, fate != "refused")
        return OK if fate == "taken" else BROKEN

    hooks = [world.hook(URL), world.hook(OTHER)]
    world.receivers.answers |= {URL: receive, OTHER: receive}
    deadly(world, chance)
    for turn in range(ROUNDS):
        for number in range(PICTURES):
            world.has(f"{number}.jpg", CAT if turn % 2 else DOG)
        while not has_read(world) or (turn == ROUNDS - 1 and any(list(world.waiting(hook)) for hook in hooks)):
            try:
                world.run()
            except Killed:
                kills += 1
            due = [one.due_at - world.now for hook in hooks for one in world.waiting(hook) if one.failed_at is None]
            world.later(max(LEASE, min(due, default=0)) / 1000)
    uris = [named(f"oss://photos/{number}.jpg") for number in range(PICTURES)]
    assert judge.verdict({(url, image_pk(ref)): ROUNDS for url in (URL, OTHER) for ref in uris}) == []
    assert kills > 20
    assert judge.numbers["duplicates"] > 20


def has_read(world: World) -> bool:
    """Return whether every webhook has read all changes."""
    end = world.changes.end()
    return all((hook.stage, hook.cursor) == ("following", end) for hook in world.kept.hooks.list())


def test_the_judge_would_overlook_what_is_wrong() -> None:
    def message(number: int, kind: str) -> dict[str, Any]:
        return {"type": f"album.picture.{kind}", "data": {"picture": "p", "change": number}}

    def judged(*arrivals: tuple[str, dict[str, Any]]) -> str:
        judge = Judge()
        for message_id, sent in arrivals:
            judge.arrived("h", message_id, sent, True)
        return "; ".join(judge.verdict({("h", "p"): 2}))

    first, second = message(1, "entered"), message(2, "left")
    assert judged(("a", first), ("a", first), ("b", second), ("a", first)) == ""
    assert "never delivered" in judged(("a", first))
    assert "before change 1" in judged(("b", second), ("a", first))
    assert "two ids" in judged(("a", first), ("c", first), ("b", second))
    assert "the same id" in judged(("a", first), ("a", second))
    assert "is left" in judged(("a", message(1, "left")), ("b", second))
    assert "nothing has changed" in "; ".join(_told_for_nothing(first))


def _told_for_nothing(sent: dict[str, Any]) -> list[str]:
    judge = Judge()
    judge.arrived("h", "a", sent, True)
    return judge.verdict({})
