"""The states of a worker: each is a sequence of results, and the real code is run once for each."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from imagelabels.domain.model import Look, ObjectHead
from imagelabels.usecases.waiting import LEAVE
from tests.explorer.ports import Answered, Call
from tests.explorer.replay import MAIN, Done, End, Program, Replay, Slot, Trace
from tests.explorer.values import TIMEOUT, Failure


class Wait(NamedTuple):
    """What a worker that pauses is waiting for."""

    kind: str
    """lock, claim, time, or nothing: then the pause may end at once."""
    what: Hashable = None
    """The key of the lock, the id of the claimed answer, or the moment."""
    leaves: float = 0.0
    """The worker does not wait any more from this moment on."""
    has_read: bool = False
    """The worker has read who holds it, and goes on waiting."""


class TagsRead(NamedTuple):
    """Tags that a worker has read and may write in its next calls: a user's write in between is the stated risk."""

    key: int
    at: float


class Node:
    """A worker that has had certain results."""

    __slots__ = (
        "asked_as_seen",
        "children",
        "end",
        "forbidden",
        "heads",
        "looked_long_ago",
        "number",
        "pending",
        "program",
        "tags_read",
        "trace",
        "unsaved",
        "waits",
    )

    def __init__(self, number: int, replay: Replay, trace: Trace) -> None:
        self.number = number
        self.program: Program = replay.program
        self.trace = trace
        self.end: End | None = replay.end
        self.pending: tuple[tuple[Slot, Call], ...] = () if replay.end else tuple(sorted(replay.pending.items()))
        self.children: dict[Hashable, Node] = {}
        last = _last_answer(replay.done)
        self.unsaved = last.content if last is not None and not _is_stored(replay.done) else None
        """The content of a paid answer that is not stored yet."""
        self.asked_as_seen = last is None or last.as_asked
        """The last call to the detector was about the object that the worker had looked at."""
        self.forbidden = frozenset(
            one.call.args[0]
            for one in replay.done
            if one.call.method == "head" and isinstance(one.result, Failure) and one.result.kind == "Misconfigured"
        )
        """The store refused to show these keys."""
        self.heads = _heads(replay.done)
        """Each object that was looked at, and how it looked."""
        self.looked_long_ago = _looked_long_ago(replay.done)
        """It has waited since it last looked at its object."""
        self.tags_read = _tags_read(replay.done)
        self.waits = {
            slot: _wait(replay, slot, call) for slot, call in self.pending if (call.port, call.method) == PAUSE
        }
        """The pauses among the pending calls."""
        if self.end is None and not self.pending:
            raise RuntimeError(f"{self.program} neither ended nor calls anything")


PAUSE = ("clock", "sleep")


class Tree:
    """All states of all workers so far."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[Program, Trace], Node] = {}

    def __len__(self) -> int:
        return len(self._nodes)

    def started(self, program: Program) -> Node:
        return self._node(program, ())

    def after(self, node: Node, slot: Slot, result: Hashable, now: float) -> Node:
        """Return the state after one more result."""
        known = node.children.get((slot, result, now))
        if known is None:
            trace = dict(node.trace)
            trace[slot] = (*trace.get(slot, ()), (result, now))
            known = self._node(node.program, tuple(sorted(trace.items(), key=_slot)))
            node.children[slot, result, now] = known
        return known

    def _node(self, program: Program, trace: Trace) -> Node:
        known = self._nodes.get((program, trace))
        if known is None:
            known = self._nodes[program, trace] = Node(len(self._nodes), Replay(program, trace).run(), trace)
        return known


def _slot(item: tuple[Slot, object]) -> Slot:
    return item[0]


def _last_answer(done: list[Done]) -> Answered | None:
    return next((one.result for one in reversed(done) if isinstance(one.result, Answered)), None)


def _is_stored(done: list[Done]) -> bool:
    """Whether the last paid answer was stored."""
    for one in reversed(done):
        if isinstance(one.result, Answered):
            return False
        if one.call.method == "store" and one.result is True:
            return True
    return False


def _heads(done: list[Done]) -> frozenset[tuple[int, ObjectHead | None]]:
    return frozenset(
        (call.args[0], result.head)
        for _, call, result, _ in done
        if isinstance(result, Look) and isinstance(call.args[0], int)
    )


def _looked_long_ago(done: list[Done]) -> bool:
    since = [one.call.method for one in done]
    last = max((at for at, method in enumerate(since) if method == "head"), default=0)
    return "sleep" in since[last:]


def _tags_read(done: list[Done]) -> TagsRead | None:
    """Return the tags that were read last, if only the looks and the store that run beside have ended since."""
    last = next((at for at in reversed(range(len(done))) if done[at].call.method == "tags"), None)
    if last is None or isinstance(done[last].result, Failure):
        return None
    slot, call, _, now = done[last]
    beside = [one for at, one in enumerate(done) if at > last or (slot != MAIN and one.slot[0] == slot[0])]
    if any(one.call.method not in ("head", "store", "tags") for one in beside):
        return None
    return TagsRead(int(str(call.args[0])), now)


def _wait(replay: Replay, slot: Slot, pause: Call) -> Wait:
    """Return what the pause is for: the call before it was refused, or the object was too young."""
    leaves = replay.program.start + TIMEOUT - LEAVE
    before = [one for one in replay.done if slot == MAIN or one.slot == slot]
    last = before[-1] if before else None
    if last is None:
        return Wait("nothing")
    method, args = last.call.method, last.call.args
    if method in ("lock", "row") and not isinstance(last.result, Failure):
        return Wait("lock", args[0], leaves, method == "row")
    if method in ("claim", "answer") and not isinstance(last.result, Failure):
        return Wait("claim", args[0], leaves, method == "answer")
    if method == "read":
        return Wait("time", replay.now + float(str(pause.args[0])))
    return Wait("nothing")
