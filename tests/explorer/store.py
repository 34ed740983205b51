"""What calls to the store and to the detector do in the small world, and what they answer."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from imagelabels.domain.model import Look, ObjectHead
from tests.explorer.ports import Answered, Call
from tests.explorer.tree import Node
from tests.explorer.values import GONE, Failure, TagPairs, head_of, picture_of
from tests.explorer.world import World, counted_up


@dataclass(frozen=True, slots=True)
class Rules:
    """How the services behave."""

    refused: frozenset[str] = frozenset()
    """The detector refuses these contents."""
    bound: bool = False
    """The detector reads the version that it is asked about. Otherwise it reads what the key names."""
    off: frozenset[str] = frozenset()
    """Conditions of the index that do not work: what the explorer must find then."""
    last: frozenset[int] = field(default_factory=frozenset)
    """The last event of each key. Its deliveries are always repeated until they end."""
    fails: int = 0
    """So many calls about the content A end in an error, though they are paid for; every later one is answered."""
    redelivers: bool = True
    """Deliveries of other events that did not end are repeated too."""


Effect = tuple[World, Hashable]
"""The world after the call, and the result."""


def of_store(world: World, call: Call, rules: Rules) -> Effect:
    key, *rest = call.args
    assert isinstance(key, int)
    if call.method == "head":
        there = world.present(key)
        return world, Look(float(int(world.now)), there.head if there is not None else None)
    if call.method == "read":
        (head,) = rest
        assert isinstance(head, ObjectHead)
        there = world.stored(key, head.version)
        return world, picture_of(there.content) if there is not None and there.head.etag == head.etag else GONE
    version, *written = rest
    assert version is None or isinstance(version, str)
    there = world.stored(key, version)
    if there is None:
        return world, GONE
    if call.method == "tags":
        return world, there.tags
    tags, before = written
    return _put_tags(world, key, version, tags, before)


def _put_tags(world: World, key: int, version: str | None, tags: Hashable, before: Hashable) -> Effect:
    assert isinstance(tags, tuple)
    assert isinstance(before, float)
    if world.now > before:
        return world, Failure("Unavailable", "busy", "the request has expired")
    pairs: TagPairs = tags
    return world.key_held(key, version, pairs), None


def of_detector(world: World, call: Call, rules: Rules, by: Node) -> Effect:
    key, head = call.args
    assert isinstance(key, int)
    assert isinstance(head, ObjectHead)
    there = world.stored(key, head.version if rules.bound else None)
    if there is None:
        return world, GONE
    if world.in_vain < rules.fails and fails_for(head):
        return world._replace(in_vain=world.in_vain + 1), Failure("Unavailable", "detector_error")
    world = world._replace(calls=counted_up(world.calls, there.content))
    as_asked = there.head == head
    if not as_asked and not by.looked_long_ago:
        # The object was overwritten just before the call: this answer will be thrown away.
        world = world._replace(excused=counted_up(world.excused, there.content))
    return world, Answered(there.content, as_asked, there.content in rules.refused)


def fails_for(head: ObjectHead) -> bool:
    """Tell whether a call about the object may be one that fails."""
    return head.etag == head_of("A", 0, None).etag
