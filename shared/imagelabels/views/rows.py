"""Prints what `imagelabels search` finds: JSON, lines for a pipe, or paragraphs for people."""

from __future__ import annotations

import shlex
import shutil
import sys

from imagelabels.domain.model import ImageRecord
from imagelabels.domain.moments import shown
from imagelabels.domain.query import Counts, Page
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.views.forms import counts_json, one_line, row_json
from imagelabels.views.layout import enumerated, print_rows, wrapped
from imagelabels.views.printing import escaped, label_text, state_text

INDENT = "    "


def print_counts(counts: Counts, output_format: str) -> None:
    """Print how many pictures match: one line of JSON, or a row for each number."""
    if output_format == "json":
        print(one_line(counts_json(counts)))
        return
    rows: list[tuple[str, ...]] = [(f"{counts.total}", "pictures")]
    # With one state only the total says how many are in it.
    states = counts.states if len(counts.states) > 1 else {}
    words = ("state", "reason", "note", "category", "label")
    numbers_by = (states, counts.reasons, counts.notes, counts.categories, counts.labels)
    for word, numbers in zip(words, numbers_by, strict=True):
        rows += [(f"{number}", word, escaped(name)) for name, number in numbers.items()]
    print_rows(rows)


def print_page(page: Page, output_format: str, taxonomy: Taxonomy) -> None:
    """Print the pictures of a page: a line of JSON each, a paragraph each on a terminal, or a line with tabs each."""
    if output_format == "json":
        _print_json(page, taxonomy)
        return
    for record in page.records:
        if sys.stdout.isatty():
            _print_paragraph(record)
        else:
            print("\t".join((escaped(record.ref.uri), ", ".join(_labels(record)), *_facts(record), _became(record))))
    if page.next is not None:
        print(f"there are more: --page {shlex.quote(escaped(page.next))}", file=sys.stderr)


def _print_json(page: Page, taxonomy: Taxonomy) -> None:
    for record in page.records:
        print(one_line(row_json(record, taxonomy)))
    if page.next is not None:
        print(one_line({"next": page.next}))


def _print_paragraph(record: ImageRecord) -> None:
    """Print the URI on a line of its own, so that it can be copied whole however long it is, and the rest below it."""
    print(escaped(record.ref.uri))
    facts = [fact for fact in (*_facts(record), _became(record)) if fact]
    for parts in (_labels(record), facts):
        if parts:
            print("\n".join(wrapped(enumerated(parts), INDENT, shutil.get_terminal_size().columns)))


def _labels(record: ImageRecord) -> list[str]:
    return [label_text(label.name, label.confidence) for label in record.labels]


def _facts(record: ImageRecord) -> tuple[str, str]:
    """Tell the pixels, and when the row was written; what is not known is an empty text."""
    size = f"{record.width}x{record.height}" if record.width is not None and record.height is not None else ""
    return size, shown(record.updated_at) if record.updated_at else ""


def _became(record: ImageRecord) -> str:
    return state_text(record.state, record.reason, record.notes)
