"""How `imagelabels search` prints rows and counts: JSON, lines for a pipe, or paragraphs for people."""

from __future__ import annotations

import json
import shutil
import sys

from imagelabels.domain.model import ImageRecord
from imagelabels.domain.moments import shown
from imagelabels.domain.query import Counts, Page
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.views.layout import enumerated, print_rows, wrapped
from imagelabels.views.printing import escaped, label_json

INDENT = "    "


def print_counts(counts: Counts, format: str) -> None:
    kinds = {
        "states": counts.states,
        "reasons": counts.reasons,
        "notes": counts.notes,
        "categories": counts.categories,
        "labels": counts.labels,
    }
    if format == "json":
        print(json.dumps({"total": counts.total, **kinds}))
        return
    rows: list[tuple[str, ...]] = [(f"{counts.total}", "pictures")]
    for kind, word in zip(kinds, ("state", "reason", "note", "category", "label"), strict=True):
        if word == "state" and len(counts.states) == 1:
            continue  # the total says it
        rows += [(f"{number}", word, escaped(name)) for name, number in kinds[kind].items()]
    print_rows(rows)


def print_page(page: Page, format: str, taxonomy: Taxonomy) -> None:
    if format == "json":
        _print_json(page, taxonomy)
        return
    for record in page.records:
        if sys.stdout.isatty():
            _print_paragraph(record)
        else:
            print("\t".join((escaped(record.ref.uri), ", ".join(_labels(record)), *_facts(record), _became(record))))
    if page.next is not None:
        print(f"there are more: --page {page.next}", file=sys.stderr)


def _print_json(page: Page, taxonomy: Taxonomy) -> None:
    # ASCII only, so that no terminal obeys a name; one picture per line.
    for record in page.records:
        row = {
            "uri": record.ref.uri,
            "labels": [label_json(label, taxonomy) for label in record.labels],
            "width": record.width,
            "height": record.height,
            "taken_at": record.taken_at,
            "updated_at": record.updated_at,
            "state": record.state,
            "reason": record.reason,
            "notes": record.notes,
        }
        print(json.dumps(row).replace("\x7f", "\\u007f"))
    if page.next is not None:
        print(json.dumps({"next": page.next}))


def _print_paragraph(record: ImageRecord) -> None:
    """The URI on a line of its own, so that it can be copied whole however long it is; the rest indented below."""
    print(escaped(record.ref.uri))
    facts = [fact for fact in (*_facts(record), _became(record)) if fact]
    for parts in (_labels(record), facts):
        if parts:
            print("\n".join(wrapped(enumerated(parts), INDENT, shutil.get_terminal_size().columns)))


def _labels(record: ImageRecord) -> list[str]:
    return [f"{escaped(label.name)} {label.confidence:.2f}" for label in record.labels]


def _facts(record: ImageRecord) -> tuple[str, str]:
    """Pixels, and when the row was written; empty where they are not known."""
    size = f"{record.width}x{record.height}" if record.width is not None and record.height is not None else ""
    return size, shown(record.updated_at) if record.updated_at else ""


def _became(record: ImageRecord) -> str:
    """The state, with the reason and the notes."""
    why = ", ".join(escaped(word) for word in (record.reason, *record.notes) if word)
    return f"{record.state}: {why}" if why else record.state
