"""What can happen next in a state of the small world: the user, the workers, time and faults."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import NamedTuple

from imagelabels.domain.content import content_id
from tests.explorer import user
from tests.explorer.ledger import of_ledger
from tests.explorer.ports import Answered, Call
from tests.explorer.promises import harms_a_good_row
from tests.explorer.replay import End, Program, Slot
from tests.explorer.store import Effect, Rules, fails_for, of_detector, of_store
from tests.explorer.tree import PAUSE, Node, Tree
from tests.explorer.values import CONTENTS, TIMEOUT, Failure, head_of, shown
from tests.explorer.waits import holder, holds_anything, is_over, waits_for_itself
from tests.explorer.world import Due, LateWrite, World, changed, counted_up

TICK = 35.0
"""Seconds that sleepers sleep: longer than a lease and the margin after it."""

PAUSE_OF_SLOW = 3.0
"""Seconds for which all may be slow."""

MOST_ATTEMPTS = 6
"""A delivery that is repeated more often than this never ends."""

ERRORS = {"objects": "store_error", "ledger": "index_error", "detector": "detector_error"}
READS = ("head", "read", "tags", "row", "answer")
"""If their replies are lost, it is as if they had failed."""

PERSONS = ("undo", "relabel", "correct")


class Move(NamedTuple):
    """Something that happened, for the schedule that is printed."""

    who: str
    what: Call | str
    how: Hashable = None

    def __str__(self) -> str:
        if isinstance(self.what, str):
            return f"{self.who}: {self.what}"
        return f"{self.who}: {self.what.port}.{self.what.method} -> {shown(self.how)}"


Next = tuple[Move, World]


class Play(NamedTuple):
    """A scenario as it is explored."""

    steps: tuple[user.Step, ...]
    rules: Rules
    manners: user.Manners = user.Manners()
    workers: int = 2
    warm: bool = True
    under: str = "now"
    """The policy or setting under which all is done."""
    claims_stay: bool = False
    """A claim may stay though it was given back: giving it back may fail, or the claim may land a second time."""
    faultless: bool = False
    """No faults may happen, so that nobody leaves a lock or a claim behind."""


def following(tree: Tree, play: Play, world: World) -> list[Next]:
    """Return all that can happen next."""
    if world.broken:
        return []
    free = _free(tree, play, world)
    if free:
        return free
    moves = [*_outside(tree, play, world), *_time(play, world)]
    for node in world.workers:
        moves += _kills(play, world, node)
        for slot, call in node.pending:
            if (call.port, call.method) != PAUSE:
                moves += _calls(tree, play, world, node, slot, call)
            elif waits_for_itself(world, node, node.waits[slot], play.claims_stay):
                moves.append((Move(_name(node.program), "waits"), world._replace(broken="a worker waits for itself")))
    return moves


def _free(tree: Tree, play: Play, world: World) -> list[Next]:
    """Return a step that changes nothing that others could see: no other order of it need be tried."""
    for node in world.workers:
        for slot, call in node.pending:
            if (call.port, call.method) == PAUSE:
                if is_over(world, node, node.waits[slot]):
                    return [_after(tree, play, world, node, slot, call, None)]
            elif call.method == "take" and world.limit is None:
                return _calls(tree, play, world, node, slot, call)
    return []


def _outside(tree: Tree, play: Play, world: World) -> Iterator[Next]:
    if world.step < len(play.steps):
        step = play.steps[world.step]
        yield Move("user", str(step)), user.done(world, step, play.manners)
    for at, write in enumerate(world.late):
        rest = world._replace(late=(*world.late[:at], *world.late[at + 1 :]))
        if world.now <= write.before and world.stored(write.key, write.version) is not None:
            yield Move("late tag write", f"lands: {write.tags}"), rest.key_held(write.key, write.version, write.tags)
        yield Move("late tag write", "never lands"), rest
    for at, call in enumerate(world.again):
        rest = world._replace(again=(*world.again[:at], *world.again[at + 1 :]))
        yield Move("index", call.method + " lands again"), of_ledger(rest, call, play.rules, None)[0]
        yield Move("index", call.method + " does not land again"), rest
    if len(world.workers) < play.workers:
        for at, due in enumerate(world.due):
            if not at or due[:3] != world.due[at - 1][:3]:
                yield _started(tree, play, world, at)


def _started(tree: Tree, play: Play, world: World, at: int) -> Next:
    due = world.due[at]
    program = Program(due.what, due.key, due.number, due.attempt, world.now, world.limit, play.under, play.warm)
    workers = _sorted(*world.workers, tree.started(program))
    rest = (*world.due[:at], *world.due[at + 1 :])
    return Move(_name(program), "starts"), world._replace(due=rest, workers=workers)


def _sorted(*workers: Node) -> tuple[Node, ...]:
    return tuple(sorted(workers, key=lambda node: node.number))


def _kills(play: Play, world: World, node: Node) -> Iterator[Next]:
    if world.faults.crash:
        left = world._replace(faults=world.faults._replace(crash=world.faults.crash - 1))
        yield Move(_name(node.program), "is killed"), _killed(play, left, node)


def _killed(play: Play, world: World, node: Node) -> World:
    world = _doubted(world._replace(workers=tuple(other for other in world.workers if other is not node)))
    if node.unsaved is not None and node.asked_as_seen:
        world = world._replace(excused=counted_up(world.excused, node.unsaved))
    return _delivered_again(play, world, node.program)


def _delivered_again(play: Play, world: World, program: Program) -> World:
    if program.what == "correct":
        world = world._replace(said=changed(world.said, program.key, "perhaps"))
    is_last = program.number in play.rules.last or program.what in PERSONS
    if not is_last and not play.rules.redelivers:
        return _forgotten(world, program)
    if program.attempt >= MOST_ATTEMPTS:
        return world._replace(broken="a delivery never ends")
    due = Due(program.key, program.what, program.number, program.attempt + 1)
    return world._replace(due=tuple(sorted((*world.due, due))))


def _forgotten(world: World, program: Program) -> World:
    """The delivery has ended or is given up: its lines of history are of no more interest."""
    return world._replace(lines=tuple(line for line in world.lines if line[0] != program.event_id))


def _effect(world: World, call: Call, rules: Rules, node: Node) -> Effect:
    if call.port == "objects":
        return of_store(world, call, rules)
    if call.port == "detector":
        return of_detector(world, call, rules, node)
    if call.port == "ledger":
        return of_ledger(world, call, rules, node)
    return world, None


def _calls(tree: Tree, play: Play, world: World, node: Node, slot: Slot, call: Call) -> list[Next]:
    """Return how a call can end: well, without effect, or with its effect and without its reply."""
    effect, result = _effect(world, call, play.rules, node)
    if call.method == "finish" and harms_a_good_row(world, effect, node.program.key):
        effect = effect._replace(broken="a good row was replaced because its object could not be looked at")
    failed = [*_without_effect(world, call)]
    if call.method not in READS:
        failed += _with_effect(effect, call, result, node)
    ends = [(effect, result), *((_disturbed(play, world, then, call), heard) for then, heard in failed)]
    return [_after(tree, play, then, node, slot, call, heard) for then, heard in ends]


def _doubted(world: World) -> World:
    return world._replace(doubts=world.doubts + 1)


def _disturbed(play: Play, before: World, after: World, call: Call) -> World:
    """Return the world after a fault in a call: a call in vain is counted, or the count of failures may be wrong."""
    if play.rules.fails and call.port == "detector" and fails_for(call.args[1]):  # type: ignore[arg-type]
        return after._replace(in_vain=before.in_vain + 1)
    return _doubted(after) if call.port in ("ledger", "detector") else after


def _without_effect(world: World, call: Call) -> Iterator[Effect]:
    faults = world.faults
    if faults.fail:
        yield world._replace(faults=faults._replace(fail=faults.fail - 1)), _failed(call)
    if faults.forbid and call.port == "objects":
        left = world._replace(faults=faults._replace(forbid=faults.forbid - 1))
        yield left, Failure("Misconfigured", "forbidden", "403")
    if faults.late and call.method == "put_tags":
        left = world._replace(faults=faults._replace(late=faults.late - 1), late=(*world.late, _late(call)))
        yield left, Failure("Unavailable", "timeout")


def _with_effect(effect: World, call: Call, result: Hashable, node: Node) -> Iterator[Effect]:
    faults = effect.faults
    if faults.lost:
        left = effect._replace(faults=faults._replace(lost=faults.lost - 1))
        if call.method in ("take_over", "finish", "drop") and result is True:
            # An adapter that repeats a call whose reply was lost is told that the condition does not hold any more.
            yield left, False
        if isinstance(result, Answered) and (result.as_asked or node.looked_long_ago):
            left = left._replace(excused=counted_up(left.excused, result.content))
        yield left, _failed(call)
    if faults.twice and call.port == "ledger" and call.method not in ("take", "hold"):
        yield effect._replace(faults=faults._replace(twice=faults.twice - 1), again=(*effect.again, call)), result


def _failed(call: Call) -> Failure:
    return Failure("Unavailable", ERRORS[call.port])


def _late(call: Call) -> LateWrite:
    key, version, tags, before = call.args
    assert isinstance(key, int)
    assert isinstance(tags, tuple)
    assert isinstance(before, float)
    return LateWrite(key, str(version) if version is not None else None, tags, before)


def _after(tree: Tree, play: Play, world: World, node: Node, slot: Slot, call: Call, result: Hashable) -> Next:
    move = Move(_name(node.program), call, result)
    node_then = tree.after(node, slot, result, world.now)
    others = tuple(other for other in world.workers if other is not node)
    if node_then.end is None:
        return move, world._replace(workers=_sorted(*others, node_then))
    return move, _ended(play, world._replace(workers=others), node_then)


def _ended(play: Play, world: World, node: Node) -> World:
    program, end = node.program, node.end
    assert end is not None
    if end.how == "raised":
        return _delivered_again(play, world, program)
    if play.faultless and holds_anything(world, program.serial):
        return world._replace(broken="a worker ended and left a lock or a claim behind")
    if program.what == "correct":
        return _said(world, program.key, end)
    if program.what == "reconcile" and (program.event_id, end.state, end.reason) not in world.lines:
        return world._replace(broken="an event ended without a recorded outcome")
    return _forgotten(world, program)


def _said(world: World, key: int, end: End) -> World:
    """A correction holds for one content, which the row names, if the row has not been written anew already."""
    row = world.rows[key]
    record = row.record.value if row is not None and row.record is not None else None
    if end.how != "done" or record is None or not record.corrections:
        return world
    content = next(name for name in CONTENTS if content_id(head_of(name, 0, None)) == record.content)
    return world._replace(said=changed(world.said, key, content))


def _time(play: Play, world: World) -> Iterator[Next]:
    """Time passes where somebody waits for a second to end, where all wait, and where workers may sleep."""
    waits = [wait for node in world.workers for wait in node.waits.values()]
    timed = [wait.what for wait in waits if wait.kind == "time" and isinstance(wait.what, float)]
    if timed:
        yield _later(play, world, min(timed))
    elif waits and all(len(node.waits) == len(node.pending) for node in world.workers):
        ends = [holder(world, wait)[1] + 1 for wait in waits]
        yield _later(
            play, world, min(moment for moment in (*ends, *(wait.leaves for wait in waits)) if moment > world.now)
        )
    if world.faults.sleep and world.workers:
        left = world._replace(faults=world.faults._replace(sleep=world.faults.sleep - 1))
        yield _later(play, left, world.now + TICK)
    if world.faults.slow and world.workers:
        left = world._replace(faults=world.faults._replace(slow=world.faults.slow - 1))
        yield _later(play, left, world.now + PAUSE_OF_SLOW)


def _later(play: Play, world: World, now: float) -> Next:
    seconds = now - world.now
    world = world._replace(now=now)
    for node in world.workers:
        if now >= node.program.start + TIMEOUT:
            world = _killed(play, world, node)
    return Move("time", f"{seconds:g} s pass"), world


def _name(program: Program) -> str:
    what = "delivery" if program.what == "reconcile" else program.what
    return f"{what} {program.number}.{program.attempt}"
