"""What calls to the index do in the small world, and what they answer: the promises of ports.locks and ports.answers.

tests/contract/ checks the real indexes against the same promises.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from imagelabels.domain.budget import Hold, Limits, Spending, refusal
from imagelabels.domain.model import Answer, Asked
from imagelabels.ports import MARGIN, Proof
from imagelabels.records.rows import forgets
from tests.explorer.ports import Call
from tests.explorer.store import Effect, Rules
from tests.explorer.tree import Node
from tests.explorer.values import Fixed, fix_answer, key_of, paid_for
from tests.explorer.world import Kept, Row, World, changed, counted_up


def of_ledger(world: World, call: Call, rules: Rules, by: Node | None) -> Effect:
    """`by` is the worker that calls; None for a write that lands a second time."""
    return _METHODS[call.method](world, rules, by, *call.args)


def _with_row(world: World, key: int, row: Row | None) -> World:
    empty = row is not None and row.record is None and row.waiting is None and row.lock is None
    return world._replace(rows=changed(world.rows, key, None if empty else row))


def _lock(
    world: World, rules: Rules, by: Node | None, key: int, token: str, until: float, now: float, former: str | None
) -> Effect:
    row = world.rows[key] or Row()
    if row.lock in (None, token, former) or row.until + MARGIN < now:
        return _with_row(world, key, row._replace(lock=token, until=until)), True
    return world, False


def _release(world: World, rules: Rules, by: Node | None, key: int, token: str, waiting: str | None) -> Effect:
    row = world.rows[key]
    if row is None or row.lock != token:
        return world, None
    return _with_row(world, key, Row(row.record, waiting or row.waiting)), None


def _holds(row: Row | None, token: str, rules: Rules, condition: str) -> bool:
    return row is not None and (row.lock == token or condition in rules.off)


def _finish(
    world: World,
    rules: Rules,
    by: Node | None,
    key: int,
    token: str,
    record: Fixed[Any] | None,
    line: tuple[str, str, str],
    *rest: Any,
) -> Effect:
    proof: Proof | None
    proof, waiting = rest
    row = world.rows[key]
    if row is None or not _holds(row, token, rules, "cond_row"):
        return world, False
    if record is not None and forgets(record.value, row.record.value if row.record is not None else None):
        return world, False
    new = Row(record) if record is not None else Row(row.record, waiting if row.record is not None else None)
    world = _confirmed(_noted(_with_row(world, key, new), line), proof)
    rests = record is not None and record.value.state in ("labelled", "skipped")
    return _rested_on(world, record) if record is not None and rests else world, True


def _rested_on(world: World, record: Fixed[Any]) -> World:
    """Note that a row rests on the answer that was asked for its object, whether or not it was confirmed."""
    return _with_answers(
        world,
        tuple(
            kept._replace(rests_on=True)
            if kept.answer is not None
            and (asked := kept.answer.value.asked) is not None
            and (asked.ref.uri, asked.head) == (record.value.ref.uri, record.value.head)
            else kept
            for kept in world.answers
        ),
    )


def _confirmed(world: World, proof: Proof | None) -> World:
    if proof is None:
        return world
    return _with_answers(
        world,
        tuple(
            kept._replace(answer=fix_answer(replace(kept.answer.value, asked=None)))
            if kept.answer is not None and (kept.answer_id, kept.nonce) == (proof.answer_id, proof.nonce)
            else kept
            for kept in world.answers
        ),
    )


def _noted(world: World, line: tuple[str, str, str]) -> World:
    return world._replace(lines=tuple(sorted({*world.lines, line})))


def _drop(world: World, rules: Rules, by: Node | None, key: int, token: str, line: tuple[str, str, str]) -> Effect:
    if not _holds(world.rows[key], token, rules, "removal_locks"):
        return world, False
    return _noted(_with_row(world, key, None), line), True


def _row(world: World, rules: Rules, by: Node | None, key: int) -> Effect:
    return world, world.rows[key]


def _kept(world: World, answer_id: str) -> Kept | None:
    return next((kept for kept in world.answers if kept.answer_id == answer_id), None)


def _with_answers(world: World, answers: tuple[Kept, ...]) -> World:
    return world._replace(answers=answers)


def _put(world: World, new: Kept) -> World:
    others = (kept for kept in world.answers if kept.answer_id != new.answer_id)
    return _with_answers(world, tuple(sorted((*others, new), key=lambda kept: kept.answer_id)))


def _without(world: World, gone: Kept) -> World:
    return _with_answers(world, tuple(kept for kept in world.answers if kept is not gone))


def _claim(world: World, rules: Rules, by: Node | None, answer_id: str, nonce: str, until: float, now: float) -> Effect:
    kept = _kept(world, answer_id)
    if kept is not None and kept.answer is not None:
        return world, ("kept", kept.answer, 0)
    if kept is None or kept.nonce == nonce or kept.until < now:
        failures = 0 if kept is None else kept.failures + (kept.nonce != nonce)
        return _put(world, Kept(answer_id, nonce, until, failures=failures)), ("mine", None, failures)
    return world, ("busy", None, 0)


def _store(world: World, rules: Rules, by: Node | None, answer_id: str, nonce: str, answer: Fixed[Answer]) -> Effect:
    kept = _kept(world, answer_id)
    if kept is None or kept.nonce != nonce or (kept.answer is not None and not kept.unconfirmed):
        return world, False
    as_asked = by.asked_as_seen if by is not None else kept.as_asked
    return _put(world, kept._replace(answer=answer, until=0.0, as_asked=as_asked, failures=0)), True


def _answer(world: World, rules: Rules, by: Node | None, answer_id: str) -> Effect:
    kept = _kept(world, answer_id)
    if kept is None:
        return world, None
    return world, (kept.answer, kept.until if kept.answer is None else None)


def _give_back(world: World, rules: Rules, by: Node | None, answer_id: str, nonce: str) -> Effect:
    kept = _kept(world, answer_id)
    if kept is None or kept.nonce != nonce or (kept.answer is not None and not kept.unconfirmed):
        return world, None
    return _without(_excused(world, kept, by), kept), None


def _take_over(
    world: World, rules: Rules, by: Node | None, answer_id: str, old: str, nonce: str, until: float, failures: int
) -> Effect:
    kept = _kept(world, answer_id)
    if kept is None or kept.nonce != old or not kept.unconfirmed:
        return world, False
    return _put(_excused(world, kept, by), Kept(answer_id, nonce, until, failures=failures)), True


def _excused(world: World, kept: Kept, by: Node | None) -> World:
    """Allow the content of a paid answer to be paid for again if the answer is thrown away because of an overwrite."""
    if kept.answer is None or by is None:
        return world
    content, asked = paid_for(kept.answer.value), kept.answer.value.asked
    if content is None or asked is None or not _is_overwritten(world, asked, by):
        return world
    if not kept.as_asked or kept.rests_on:
        return world  # The call itself decided about the first, and the second is no overwrite during a call.
    return world._replace(excused=counted_up(world.excused, content))


def _is_overwritten(world: World, asked: Asked, by: Node) -> bool:
    """Whether the object that was asked about looks otherwise now, or did when the worker looked."""
    key = key_of(asked.ref)
    there = world.present(key)
    if key in by.forbidden and key != by.program.key:
        return True  # Whoever works on another key and may not look must take it for overwritten.
    heads = {head for looked, head in by.heads if looked == key} | {there.head if there is not None else None}
    return heads != {asked.head}


def _take(world: World, rules: Rules, by: Node | None, bucket: str, limits: Limits) -> Effect:
    holds = {held: Hold(reason, until) for held, reason, until in world.holds if until > world.now}
    reason = refusal(Spending(world.counted, world.counted, 0, holds), limits, bucket)
    if reason is not None:
        return world, reason
    return world if limits.total is None else world._replace(counted=world.counted + 1), None


def _hold(world: World, rules: Rules, by: Node | None, bucket: str, reason: str, until: float) -> Effect:
    others = (hold for hold in world.holds if hold[0] != bucket)
    return world._replace(holds=tuple(sorted((*others, (bucket, reason, until))))), None


_METHODS: dict[str, Callable[..., Effect]] = {
    "lock": _lock,
    "release": _release,
    "finish": _finish,
    "drop": _drop,
    "row": _row,
    "claim": _claim,
    "store": _store,
    "answer": _answer,
    "give_back": _give_back,
    "take_over": _take_over,
    "take": _take,
    "hold": _hold,
}
