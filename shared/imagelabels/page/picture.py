"""One picture in large: its labels, why each is there, its tags and its history; corrections in place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from imagelabels.api.problems import not_there
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.explain import Explained
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.page import answers
from imagelabels.page.answers import Answer
from imagelabels.page.asked import Asked
from imagelabels.page.text import Text
from imagelabels.page.tiles import Tile
from imagelabels.page.visit import Refusal, Visit
from imagelabels.usecases import gallery as use
from imagelabels.usecases.beside import beside
from imagelabels.usecases.gallery import Found

DEEPEST = 2
"""The style sheet indents labels so far."""


@dataclass(frozen=True, slots=True)
class Line:
    """A label of a picture, with the reason why it is there or not."""

    id: str
    name: str
    sure: float
    cause: str
    why: str
    level: int
    depth: int = 0
    least: float = 0.0
    """The threshold that the label was compared with; 0 if none is known."""


def picture(visit: Visit, picture_id: str) -> Answer:
    """Show a picture."""
    found = there(visit, picture_id)
    record, services = found.record, visit.here.services
    before, behind = beside(services.gallery, visit.asked.question(), visit.here.within, visit.asked.order, record)
    values: dict[str, Any] = {
        "tile": Tile(record),
        "record": record,
        "home": Asked(),
        "pinned": visit.query.get("pinned", ""),
        "q": visit.asked,
        "waiting": found.waiting,
    }
    values |= {"previous": _address(visit.asked, before), "next": _address(visit.asked, behind)}
    values |= _explained(visit, record)
    values["history"] = found.history[::-1]
    can_correct = services.correct is not None and (services.why is None or values["theirs"] is not None)
    values["may_correct"] = visit.may_write and can_correct  # A store that tells no reasons takes no corrections.
    values["has_thumbnails"] = services.small is not None
    values["albums"] = services.albums.list("", 100) if visit.may_write else ()
    return visit.show("picture.html", [record], view="pictures", **values)


def correct(visit: Visit, picture_id: str) -> Answer:
    """Take a correction by the rules of `imagelabels correct`, and show the picture again."""
    found = there(visit, picture_id)
    visit.here.check_may_write()
    if visit.here.services.correct is None:
        raise Refusal(403, "switched_off", visit.text.t("no_corrections"))
    word = visit.form.get("label", "").strip()
    if word:
        from imagelabels.usecases.correct import Said  # A function that takes no corrections need not load it.

        said = Said((word,)) if visit.form.get("do") == "not" else Said((), (word,))
        visit.here.services.correct(found.record.ref, said)
    return answers.see(visit.asked.url(f"/pictures/{picture_id}"))


def there(visit: Visit, picture_id: str) -> Found:
    """Return the picture, or refuse the request as if it were not there."""
    found = use.picture(visit.here.services.gallery, picture_id, visit.here.within)
    if found is None:
        raise not_there()
    return found


def _address(asked: Asked, record: ImageRecord | None) -> str | None:
    return asked.url(f"/pictures/{Tile(record).id}") if record is not None else None


def _explained(visit: Visit, record: ImageRecord) -> dict[str, Any]:
    """Tell the labels with their reasons. The store is asked where that is possible; else the row tells what it can."""
    asked_store = _reasons(visit, record.ref)
    lines, left, ours, theirs = asked_store or (_of_row(record, visit.text), [], dict(record.tags_written), None)
    return {"tree": list(_tree(lines, record, visit.text)), "left": left, "ours": ours, "theirs": theirs}


def _reasons(visit: Visit, ref: ObjectRef) -> tuple[list[Line], list[Line], dict[str, str], dict[str, str]] | None:
    why = visit.here.services.why
    if why is None:
        return None
    try:
        reasons = why(ref)
    except LabelingError:
        return None
    if reasons.plan is None:
        return None
    lines = [(label, _line(label, visit.text)) for label in reasons.labels]
    kept = [line for label, line in lines if label.kept]
    return kept, [line for label, line in lines if not label.kept], dict(reasons.ours), dict(reasons.theirs)


def _line(label: Explained, text: Text) -> Line:
    least = f"{label.least:.2f}"
    why = label.why if text.language == "en" else text.t(f"why_{label.cause}", least)
    if label.kept and label.least:
        why = text.t("why_kept_from", why, least)
    name = text.name(label.id, label.name)
    return Line(label.id, name, label.confidence, label.cause, why, _level(label.id, text), least=label.least)


def _of_row(record: ImageRecord, text: Text) -> list[Line]:
    added = set(record.corrections.add if record.corrections else ())
    by_hand = {text.taxonomy.named(word) or word for word in added}
    lines = []
    for label in record.labels:
        cause = "added" if label.id in by_hand or label.id.startswith("user:") else "kept"
        cause = "tag_left_out" if cause == "kept" and label.id in record.tags_left_out else cause
        name = text.name(label.id, label.name)
        lines.append(Line(label.id, name, label.confidence, cause, text.t(f"why_{cause}"), label.level))
    return lines


def _tree(lines: Sequence[Line], record: ImageRecord, text: Text) -> Iterator[Line]:
    """Yield each label below the one above it, the surest branch first, with the labels above that an answer names."""
    every = {line.id: line for line in lines}
    for line in lines:
        for up in _above(line.id, record, text):
            if up not in every:
                why = text.t("why_above", line.name)
                every[up] = Line(up, text.name(up), line.sure, "above", why, _level(up, text))
    below: dict[str | None, list[Line]] = {}
    for line in every.values():
        parent = next((up for up in _above(line.id, record, text) if up in every), None)
        below.setdefault(parent, []).append(line)
    yield from _walked(None, 0, below)


def _walked(parent: str | None, depth: int, below: dict[str | None, list[Line]]) -> Iterator[Line]:
    for line in sorted(below.pop(parent, ()), key=lambda line: (-line.sure, line.id)):
        yield replace(line, depth=min(depth, DEEPEST))
        yield from _walked(line.id, depth + 1, below)


def _above(label_id: str, record: ImageRecord, text: Text) -> tuple[str, ...]:
    """Return the labels above one: those that the answer named, or those of the taxonomy."""
    return tuple(record.ancestors.get(label_id) or text.taxonomy.ancestors(label_id))


def _level(label_id: str, text: Text) -> int:
    concept = text.taxonomy.concepts.get(label_id)
    return concept.level if concept is not None else 3
