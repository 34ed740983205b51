"""Routes that hand out everything: an export of a question, and the changes since a moment."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Request, Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from imagelabels.api.here import Here, here
from imagelabels.api.models import AskedExport, ChangesForm
from imagelabels.api.problems import Problem, understood
from imagelabels.api.routes.pictures import picture_json
from imagelabels.api.streaming import STREAMED, Part, Streamed
from imagelabels.domain.changes import LIMIT, CursorTooOld
from imagelabels.domain.model import ImageRecord
from imagelabels.domain.query import Page
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.records.rows import image_pk
from imagelabels.usecases import gallery
from imagelabels.usecases.scopes import is_within
from imagelabels.views.forms import one_line, row_json
from imagelabels.views.spreadsheets import cell

router = Router()  # type: ignore[no-untyped-call]
"""The routes of this module."""

PAGE = 500
"""So many pictures are read at once. An export holds no more of them."""

COLUMNS = ("id", "uri", "state", "reason", "label_ids", "labels", "width", "height", "taken_at", "updated_at")


@router.get("/v1/export", summary="Export pictures", tags=["export"])
def export(asked: Annotated[AskedExport, Query()], request: Request) -> Response[str]:
    """Return all pictures that match, in the order of their URIs. An answer that was cut has a header Link with the
    address of the rest."""
    pages = _pages(here(request), asked)
    with understood():
        first = next(pages)
    parts = _parts(chain([first], pages), asked, here(request).services.gallery.words.taxonomy)
    kinds = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
    headers: Any = {
        "Content-Disposition": f'attachment; filename="pictures.{asked.format}"',
        "Cache-Control": "no-store",
    }
    request.context[STREAMED] = Streamed(parts)
    return Response(200, kinds[asked.format], "", headers)


@router.get("/v1/changes", summary="Follow changes", tags=["export"])
def changes(
    request: Request,
    since: Annotated[
        str, Query(max_length=1000, description="`next` of the answer before, or `now`; empty: the oldest ones.")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=LIMIT, description="Read at most so many changes.")] = 100,
) -> ChangesForm:
    """Return the pictures that came, changed or went, in order, each at least once, and the cursor behind them."""
    at = here(request)
    if since == "now":
        return ChangesForm(changes=[], next=at.services.changes.end())
    try:
        with understood("bad_cursor"):
            lines, cursor = at.services.changes.since(since or None, limit)
    except CursorTooOld as error:
        raise Problem(410, "cursor_too_old", str(error)) from error
    forms = [
        {"id": line.picture, "uri": line.ref.uri, "kind": line.kind, "at": line.at}
        for line in lines
        if is_within(line.ref, at.within)
    ]
    return ChangesForm.model_validate({"changes": forms, "next": cursor})


def _pages(at: Here, asked: AskedExport) -> Iterator[Page]:
    page = asked.page
    while True:
        found, _ = gallery.pictures(at.services.gallery, asked.question(), at.within, "uri", PAGE, page)
        yield found
        if found.next is None:
            return
        page = found.next


def _parts(pages: Iterator[Page], asked: AskedExport, taxonomy: Taxonomy) -> Iterator[Part]:
    heads = csv_lines([COLUMNS]) if asked.format == "csv" and not asked.page else ""
    for page in pages:
        following = f"/v1/export?{urlencode(asked.fields() | {'page': page.next})}" if page.next is not None else None
        yield Part((heads + _lines(page, asked.format, taxonomy)).encode("utf-8", "replace"), following)
        heads = ""


def _lines(page: Page, output_format: Literal["csv", "jsonl"], taxonomy: Taxonomy) -> str:
    if output_format == "csv":
        return csv_lines([_cells(record, taxonomy) for record in page.records])
    return "".join(f"{one_line(picture_json(record, taxonomy))}\n" for record in page.records)


def _cells(record: ImageRecord, taxonomy: Taxonomy) -> tuple[object, ...]:
    form = row_json(record, taxonomy)
    ids, names = (" ".join(label[name] for label in form["labels"]) for name in ("id", "name"))
    names = "; ".join(label["name"] for label in form["labels"])
    ends = (form[name] for name in COLUMNS[6:])
    return (image_pk(record.ref), form["uri"], form["state"], form["reason"], ids, names, *ends)


def csv_lines(rows: list[tuple[Any, ...]]) -> str:
    """Write rows as lines of CSV (RFC 4180) in which no cell is taken for a formula."""
    text = io.StringIO()
    csv.writer(text).writerows([["" if value is None else cell(str(value)) for value in row] for row in rows])
    return text.getvalue()
