"""What the project promises of the world at rest, when nothing is due and nothing is at work."""

from __future__ import annotations

from collections.abc import Iterator

from imagelabels.domain.content import content_id
from imagelabels.domain.outcomes import State
from imagelabels.domain.pauses import MOST_FAILURES
from tests.explorer.store import Rules, fails_for
from tests.explorer.user import Step
from tests.explorer.values import CONTENTS, KEYS, SHOWS, of_ours, of_user, tag_of
from tests.explorer.world import Row, Stored, World


def is_at_rest(world: World, steps: tuple[Step, ...]) -> bool:
    return world.step == len(steps) and not (world.workers or world.due or world.late or world.again)


def broken(world: World, steps: tuple[Step, ...], rules: Rules) -> list[str]:
    """Return what is not as promised, one sentence each."""
    if world.broken:
        return [world.broken]
    if not is_at_rest(world, steps):
        return [*_of_calls(world)]
    is_undone = {step.key for step in steps if step.what == "undo"}
    found: list[str] = []
    for key, name in enumerate(KEYS):
        there, row = world.present(key), world.rows[key]
        if there is None:
            if row is not None and row.record is not None and not _is_forbidden(row):
                found.append(f"{name} was removed and has a row")
            continue
        found += _of_labels(world, key, there, rules, key in is_undone)
        if of_user(there.tags) != world.wanted[key] and not world.at_risk[key]:
            found.append(f"the user's tags of {name} are {of_user(there.tags)} and not {world.wanted[key]}")
    return [*found, *_of_calls(world)]


def _of_labels(world: World, key: int, there: Stored, rules: Rules, is_undone: bool) -> Iterator[str]:
    """Tags and row describe the present content, or the row says why not."""
    name, row, tags = KEYS[key], world.rows[key], of_ours(there.tags)
    record = row.record.value if row is not None and row.record is not None else None
    if record is None:
        if not is_undone:
            yield f"{name} is lost: it has no row"
        elif tags:
            yield f"{name} has tags of ours and no row"
        return
    if _is_forbidden(row):
        return
    if record.content != content_id(there.head):
        yield f"the row of {name} is about another content than {there.content}"
        return
    if record.state is State.PARKED and record.reason in ("budget", "detector_failing"):
        yield from _of_parked(world, name, there, record.reason)
        return
    expected = _expected(world, key, there.content, rules)
    labels = tuple(sorted(label.id for label in record.labels))
    state = State.SKIPPED if there.content in rules.refused else State.LABELLED
    if record.state is not state or labels not in expected:
        yield f"the row of {name} says {record.state} {labels}, and the object shows {expected[0]}"
    if tags != tuple(sorted(tag_of(label) for label in labels)):
        yield f"the tags of {name} are {tags}, and the row says {labels}"


def _of_parked(world: World, name: str, there: Stored, reason: str) -> Iterator[str]:
    """A picture that is parked has no tags of ours, and it rests only after so many failures. A death counts as one,
    and so does a claim of which the worker never heard, since nobody can tell it from a dead worker's."""
    if tags := of_ours(there.tags):
        yield f"{name} is parked and has the tags {tags}"
    failures = world.doubts + (world.in_vain if fails_for(there.head) else 0)
    if reason == "detector_failing" and failures < MOST_FAILURES:
        yield f"{name} rests after {failures} failures"


def _is_forbidden(row: Row | None) -> bool:
    """Whether the row says that its object could not be looked at."""
    if row is None:
        return False
    record = row.record.value if row.record is not None else None
    return row.waiting == "forbidden" or (record is not None and record.reason == "forbidden")


def _expected(world: World, key: int, content: str, rules: Rules) -> list[tuple[str, ...]]:
    """Return the labels that the row may have."""
    if content in rules.refused:
        return [()]
    plain, corrected = (SHOWS[content],), tuple(sorted({SHOWS[content], "car"}))
    if world.said[key] == "perhaps":
        return [plain, corrected]
    return [corrected if world.said[key] == content else plain]


def _of_calls(world: World) -> Iterator[str]:
    if world.limit is not None and world.counted > world.limit:
        yield f"{world.counted} calls were counted, and the budget is {world.limit}"
    for at, content in enumerate(CONTENTS):
        most = 1 + world.excused[at]
        if world.calls[at] > most:
            yield f"{content} was paid for {world.calls[at]} times, and may be {most} times"
    if world.in_vain > MOST_FAILURES * (1 + world.doubts):
        yield f"A was asked about {world.in_vain} times in vain"
    if world.limit is not None and sum(world.calls) > world.limit:
        yield f"{sum(world.calls)} calls were made, and the budget is {world.limit}"


def harms_a_good_row(world: World, after: World, key: int) -> bool:
    """Tell whether a write replaced the row of the present content by one that says that nobody could look."""
    there, before, now = world.present(key), world.rows[key], after.rows[key]
    if there is None or before is None or before.record is None or now is None or now.record is None:
        return False
    was, is_now = before.record.value, now.record.value
    return was.state == "labelled" and was.head == there.head and is_now.reason == "forbidden"
