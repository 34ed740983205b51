"""The grid of pictures, with what narrows it down."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from imagelabels.page import answers
from imagelabels.page.answers import Answer
from imagelabels.page.asked import Asked, Word
from imagelabels.page.conditions import Month, chips, facets, months, shown, without
from imagelabels.page.tiles import groups
from imagelabels.page.visit import Visit
from imagelabels.usecases import gallery as use
from imagelabels.usecases import scopes

PAGE = 120
"""So many pictures come at once."""

FACETS = 200
"""So many labels are counted."""

FEWER = 30
"""So many are counted where each costs a count of its own: labels must be sure enough."""

COMPLETIONS = 8


@dataclass(frozen=True, slots=True)
class Note:
    """It says why a word may find nothing, and what to ask in its place."""

    word: str
    says: str
    """The key of the sentence."""
    instead: tuple[tuple[str, Asked], ...]
    """The ids of labels to try, each with the question for it."""


def grid(visit: Visit) -> Answer:
    """Show the pictures that the question finds."""
    typed = visit.query.get("q", "").strip()
    if typed and (word := understood(visit, typed)) is not None:
        rest = tuple(known for known in visit.asked.words if known.name != word.name)
        return answers.see(replace(visit.asked, words=(*rest, word), state="labelled", reason="").url())
    gallery, within, asked = visit.here.services.gallery, visit.here.within, visit.asked
    page = visit.query.get("page", "")
    found, _ = use.pictures(gallery, asked.question(), within, asked.order, PAGE, page)
    values: dict[str, Any] = {"q": asked, "groups": groups(found.records, asked.order), "start": bool(page)}
    values["next"] = asked.url(page=found.next) if found.next is not None else None
    values["has_thumbnails"] = visit.here.services.small is not None
    if page and visit.is_part:
        return visit.show("_days.html", found.records, **values)
    values |= _conditions(visit)
    values["notes"] = _notes(visit, typed, values["total"])
    return visit.show("grid.html", found.records, view="pictures", typed=typed, **values)


def _notes(visit: Visit, typed: str, total: int) -> list[Note]:
    """Return what to say of words that may be why nothing is found. A word to leave out is one always if nothing is
    called by it: it leaves nothing out."""
    asked = visit.asked
    if typed:
        says, near_ids = _instead(visit, typed)
        return [Note(typed, says, tuple((label_id, asked.toggled(label_id)) for label_id in near_ids))]
    alone = sum(word.how != "not" for word in asked.words) == 1
    notes = []
    for word in asked.words:
        if (word.how == "not" or not total) and (why := _why_nothing(visit, word, alone)) is not None:
            others = ((label_id, Word(word.how, f"={label_id}")) for label_id in why[1])
            instead = ((label_id, asked.swapped(word, other)) for label_id, other in others)
            notes.append(Note(shown(word, visit.text), why[0], tuple(instead)))
    return notes


def _why_nothing(visit: Visit, word: Word, alone: bool) -> tuple[str, Sequence[str]] | None:
    """Return what to say of a word, and the ids of labels to try in its place; None if there is nothing to say. As
    `imagelabels search` does, this names the wider label for a word that was asked alone."""
    words = visit.here.services.gallery.words
    if not words.meant(word.name):
        return None if word.text.startswith("=") else _instead(visit, word.name)
    if word.how == "not":
        return None
    if silent := words.silent(word.name):
        return "silent_word", list(dict.fromkeys(filter(None, silent.values())))
    wider = words.wider(word.name) if alone else None
    return None if wider is None else ("wider_word", [wider])


def _conditions(visit: Visit) -> dict[str, Any]:
    gallery, within, asked = visit.here.services.gallery, visit.here.within, visit.asked
    counted = use.counts(gallery, asked.question(), within, FEWER if asked.min_confidence else FACETS)
    return {
        "total": counted.total,
        "facets": facets(counted, gallery.words.taxonomy),
        "months": _months(visit) if visit.query.get("months") else [],
        "states": _states(visit, counted.total),
        "offs": [] if counted.total else without(gallery, chips(asked, visit.text), within),
        "may_save": visit.may_write,
    }


def by_month(visit: Visit) -> Answer:
    """Show how many pictures each month has. An index takes longer to count months than all the rest, so the script
    asks for them when the pictures are there already, and a reader without scripts by a link."""
    answer = visit.show("_months.html", q=visit.asked, months=_months(visit))
    return answer | {"headers": {**answer["headers"], "Cache-Control": "private, max-age=60"}}


def _months(visit: Visit) -> list[Month]:
    services = visit.here.services
    return months(services.gallery, visit.asked, visit.here.within, services.now())


def _states(visit: Visit, total: int) -> dict[str, int]:
    """Count the pictures in each state. Only labelled ones have labels, so words count for them alone."""
    gallery, asked = visit.here.services.gallery, visit.asked
    anything = replace(plain(asked).question(), state="any")
    counted = scopes.count(gallery.index, use.queried(gallery.words, anything), visit.here.within).states
    return counted | ({"labelled": total} if asked.state == "labelled" else {})


def plain(asked: Asked) -> Asked:
    """Return the question without what only labelled pictures can meet."""
    return replace(asked, words=(), min_confidence=0.0, reason="")


def understood(visit: Visit, typed: str) -> Word | None:
    """Return the word for what somebody typed into the search box; None if nothing is called so."""
    words = visit.here.services.gallery.words
    if words.meant(typed):
        return Word("label", words.meant(typed)[0] if words.taxonomy.named(typed) else typed)
    gallery, word = visit.here.services.gallery, Word("label", typed)
    query = use.queried(gallery.words, Asked((word,)).question())
    return word if scopes.count(gallery.index, query, visit.here.within).total else None


def _instead(visit: Visit, typed: str) -> tuple[str, Sequence[str]]:
    """Return what to say of a word that nothing is called by, and the ids of labels to try in its place."""
    unsaid = visit.here.services.gallery.words.unsaid(typed)
    return ("unknown_word", near(visit, typed)) if unsaid is None else ("unsaid_word", unsaid.near)


def near(visit: Visit, typed: str) -> list[str]:
    """Return the ids of labels that may have been meant by a word that nothing is called by."""
    words = visit.here.services.gallery.words
    ids = (words.meant(word) for word in words.alike(typed))
    return list(dict.fromkeys(meant[0] for meant in ids if meant))


def complete(visit: Visit) -> Answer:
    """Return labels that complete what was typed, those that have pictures first, as JSON for our script."""
    gallery, text = visit.here.services.gallery, visit.text
    typed = visit.query.get("q", "").strip()[:100]
    found = use.completions(gallery.words, typed, text.language, 5 * COMPLETIONS) if typed else []
    counts = scopes.count(gallery.index, use.queried(gallery.words, use.Question()), visit.here.within).labels
    found.sort(key=lambda word: not counts.get(word.id))  # The sort keeps the order of equal ones.
    lines = [
        {
            "id": word.id,
            "name": word.name,
            "other": word.names[text.other],
            "level": text.t(f"level{word.level}"),
            "parent": text.name(word.category_id) if word.category_id and word.category_id != word.id else "",
            "count": counts.get(word.id, 0),
        }
        for word in found[:COMPLETIONS]
    ]
    headers = {"Content-Type": "application/json", "Cache-Control": "private, no-cache"}
    return {"statusCode": 200, "headers": headers, "body": json.dumps(lines), "isBase64Encoded": False}
