"""Writes the rows of many pictures for other programs: CSV for spreadsheets, or a line of JSON each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Literal, get_args

from imagelabels.domain.model import ImageRecord
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.records.rows import image_pk
from imagelabels.views.forms import Form, one_line, row_json
from imagelabels.views.spreadsheets import cell

ExportFormat = Literal["csv", "jsonl"]
EXPORT_FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)

COLUMNS = ("id", "uri", "state", "reason", "label_ids", "labels", "width", "height", "taken_at", "updated_at")


def picture_json(record: ImageRecord, taxonomy: Taxonomy) -> Form:
    """Show a picture's row with its id."""
    return {"id": image_pk(record.ref)} | row_json(record, taxonomy)


def heads(export_format: ExportFormat) -> str:
    """Write what an export begins with: CSV has a line with the names of its columns."""
    return csv_lines([COLUMNS]) if export_format == "csv" else ""


def lines(records: Iterable[ImageRecord], export_format: ExportFormat, taxonomy: Taxonomy) -> str:
    """Write the lines of some pictures."""
    if export_format == "csv":
        return csv_lines(_cells(record, taxonomy) for record in records)
    return "".join(f"{one_line(picture_json(record, taxonomy))}\n" for record in records)


def csv_lines(rows: Iterable[Sequence[object]]) -> str:
    """Write rows as lines of CSV (RFC 4180) in which no cell is taken for a formula."""
    text = io.StringIO()
    csv.writer(text).writerows(["" if value is None else cell(str(value)) for value in row] for row in rows)
    return text.getvalue()


def _cells(record: ImageRecord, taxonomy: Taxonomy) -> tuple[object, ...]:
    form = row_json(record, taxonomy)
    ids = " ".join(label["id"] for label in form["labels"])
    names = "; ".join(label["name"] for label in form["labels"])
    ends = (form[name] for name in COLUMNS[6:])
    return (image_pk(record.ref), form["uri"], form["state"], form["reason"], ids, names, *ends)
