"""`imagelabels why`: say why a picture has its labels."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imagelabels import clouds
from imagelabels.cli.arguments import format_option, object_argument
from imagelabels.cli.command import Command, examples
from imagelabels.cli.objects import Open, by_index, rows_option, settings_needed
from imagelabels.domain.explain import Explained
from imagelabels.domain.model import Answer, EventEntry, ObjectRef, Tags
from imagelabels.domain.moments import shown
from imagelabels.domain.next_step import LOST, next_step, stands_since
from imagelabels.domain.outcomes import PARKED, State
from imagelabels.domain.tally import DetectorSpending
from imagelabels.ports import StoredRow
from imagelabels.usecases.walk import Place
from imagelabels.usecases.why import Reasons, why
from imagelabels.views.forms import Form, error_json, event_json, explained_json, moment, one_line
from imagelabels.views.layout import columns, wrapped
from imagelabels.views.outcomes import budget_json, count_rows
from imagelabels.views.printing import cells, escaped, state_text

Line = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arguments:
    object: ObjectRef
    format: str
    index: str | None = None


def command() -> Command:
    return Command(
        "why",
        run,
        Arguments,
        params=[object_argument(), rows_option(), format_option()],
        help="Say what is recorded of one picture, why each label of the detector's answer stays or goes by the policy "
        f"of now, whose its tags are, and what became of its events. Writes nothing.\n\n{settings_needed()}",
        epilog="Each line of the history ends in the id of what was done: the cloud's own id of an event, by which its "
        "function's log can be searched, or one that begins with the command's name (detect, correct, invoke, "
        "reconcile, relabel, undo), or with resume for the timer."
        "\n\nThe content is told by the beginning of a digest: two objects that show the same one hold the same "
        "bytes.\n\n" + examples("imagelabels why oss://bucket/2026/cat.jpg"),
    )


def run(args: Arguments, open_site: Open | None = None) -> int:
    """0, also for an object that nobody knows; the answer says so. Misconfigured where there is no such bucket."""
    site = (open_site or by_index(args.index))(Place(args.object.store, args.object.bucket, args.object.key))
    found = why(site.tools, args.object)
    now = site.tools.time.now()
    spending = site.spending(now) if _reason(found) in PARKED else []
    if args.format == "json":
        print(one_line(_json(found, now) | {"budgets": [budget_json(one) for one in spending]}))
        return 0
    print(escaped(found.ref.uri))
    last, width = "", columns(sys.stdout)
    for name, *parts in _lines(found, now, spending):
        begin, text = f"  {'' if name == last else name:<9} ", "  ".join(parts)
        for line in [begin + text] if width is None else wrapped(_words(text, width - len(begin)), begin, width):
            print(line.rstrip())
        last = name
    return 0


def _words(text: str, width: int) -> Iterator[str]:
    """Yield the words of a line. The id of an event that is wider than so many columns is broken behind its slash."""
    for word in text.rstrip().split(" "):
        head, slash, rest = word.partition("/")
        yield from (f"{head}/", rest) if cells(word) > width and slash and rest else (word,)


def _lines(found: Reasons, now: float, spending: Sequence[DetectorSpending]) -> Iterator[Line]:
    yield "object", "there" if found.head is not None else "there is none"
    yield from _state(found)
    if (since := stands_since(found.history, _reason(found))) is not None:
        yield "since", shown(since)
    for *number, text in count_rows((), spending):
        yield "budget", " ".join((*number, text))
    if next_words := _next(found, now):
        yield "next", next_words
    if found.content is not None:
        yield "content", found.content[:16], "" if _same(found) else "another than the row was written for"
    yield "answer", _answer(found)
    if found.policy_changed:
        yield "policy", "changed since: `imagelabels relabel` applies it"
    if found.plan is not None and found.plan.reason == "excluded":
        yield "policy", "says that this is not to be labelled"
    width = max((len(escaped(one.name)) for one in found.labels), default=0)
    for one in found.labels:
        yield "labels", f"{escaped(one.name):<{width}}", f"{one.confidence:.3f}", escaped(one.why), _tagged(one)
    yield from _tags("ours", found.ours)
    yield from _tags("yours", found.theirs)
    for entry in found.history:
        yield "history", shown(entry.at), *_event(entry)


def _state(found: Reasons) -> Iterator[Line]:
    row = found.row
    if row is None or _is_empty(row):
        yield "state", "no row"
        return
    record = row.record
    if record is not None:
        notes = " ".join(map(escaped, record.notes))
        yield "state", state_text(record.state, record.reason), shown(record.updated_at), notes
    if row.waiting is not None and record is not None:
        yield "waits", escaped(row.waiting)
    elif row.waiting is not None:
        yield "state", state_text(State.WAITING, row.waiting)
    if row.lock is not None and row.lock_until is not None:
        yield "locked", f"until {shown(round(row.lock_until * 1000))}"


def _is_empty(row: StoredRow) -> bool:
    """Tell whether the row holds nothing, as one does that only a correction or an undo was at work on."""
    return row.record is None and row.waiting is None and row.lock is None


def _reason(found: Reasons) -> str | None:
    """Return the reason that waits beside the row, else the row's own."""
    if found.row is None:
        return None
    return found.row.waiting or (found.row.record.reason if found.row.record is not None else None)


def _next(found: Reasons, now: float) -> str:
    if found.row is None or _is_empty(found.row):
        if found.head is None:
            return ""
        return LOST if found.ref.store != clouds.files_store().scheme else "`imagelabels detect` labels it"
    record = found.row.record
    until = found.row.lock_until if found.row.lock is not None else None
    return next_step(record.state if record is not None else None, _reason(found), until, now)


def _answer(found: Reasons) -> str:
    if found.answer is None:
        return "none is kept"
    if found.answer.reason is not None:
        return escaped(f"refused: {found.answer.reason}: {found.answer.message}".rstrip(": "))
    seen = found.answer.detection
    return escaped(f"kept, by {seen.detector} {seen.model}".rstrip()) if seen is not None else "kept"


def _same(found: Reasons) -> bool:
    record = found.row.record if found.row is not None else None
    return record is None or record.content in (None, found.content)


def _tags(name: str, tags: Tags) -> Iterator[Line]:
    for key, value in sorted(tags.items()):
        yield name, escaped(f"{key}={value}")


def _tagged(one: Explained) -> str:
    return "" if one.tag is None else escaped(f"tag {one.tag[0]}={one.tag[1]}")


def _event(entry: EventEntry) -> Iterator[str]:
    yield state_text(entry.state, entry.reason)
    if entry.paid_calls:
        yield f"{entry.paid_calls} paid"
    yield escaped(entry.event_id)


def _json(found: Reasons, now: float) -> Form:
    record = found.row.record if found.row is not None else None
    lock_ends = found.row.lock_until if found.row is not None else None
    is_waiting = found.row is not None and record is None and found.row.waiting is not None
    since = stands_since(found.history, _reason(found))
    return {
        "uri": found.ref.uri,
        "exists": found.head is not None,
        "state": record.state if record is not None else State.WAITING if is_waiting else None,
        "reason": record.reason if record is not None else _reason(found),
        "notes": list(record.notes) if record is not None else [],
        "updated_at": moment(record.updated_at) if record is not None else None,
        "waiting_reason": found.row.waiting if found.row is not None else None,
        "lock_ends_at": moment(round(lock_ends * 1000)) if lock_ends is not None else None,
        "stands_since": moment(since) if since is not None else None,
        "next_step": _next(found, now) or None,
        "content_id": found.content,
        "same_content": _same(found),
        "answer": _answer_json(found.answer),
        "policy_changed": found.policy_changed,
        "excluded": found.plan is not None and found.plan.reason == "excluded",
        "explained": [explained_json(label) for label in found.labels],
        "tags_ours": found.ours,
        "tags_yours": found.theirs,
        "untagged_ids": list(found.plan.left_out) if found.plan is not None else [],
        "history": [event_json(entry) for entry in found.history],
    }


def _answer_json(answer: Answer | None) -> Form | None:
    if answer is None:
        return None
    seen = answer.detection
    return {
        "detector": seen.detector if seen is not None else None,
        "model": seen.model if seen is not None else None,
        "error": error_json(answer.reason, answer.message) if answer.reason is not None else None,
    }
