"""Routes that hand out everything: an export of a question, and the changes since a moment."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Request, Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from imagelabels.api.here import here
from imagelabels.api.models import AskedExport, ChangesForm
from imagelabels.api.problems import Problem, understood
from imagelabels.api.streaming import STREAMED, Part, Streamed
from imagelabels.domain.changes import LIMIT, CursorTooOld
from imagelabels.domain.query import Page
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.usecases import gallery
from imagelabels.usecases.scopes import is_within
from imagelabels.views.exports import heads, lines

router = Router()  # type: ignore[no-untyped-call]
"""The routes of this module."""


EXPORTED: dict[int, Any] = {
    200: {
        "description": "All pictures that match, or the first part of them: then the header Link has the rest.",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    }
}


@router.get("/v1/export", summary="Export pictures", tags=["export"], responses=EXPORTED)
def export(asked: Annotated[AskedExport, Query()], request: Request) -> Response[str]:
    """Return all pictures that match, in the order of their URIs. An answer that was cut has a header Link with the
    address of the rest."""
    at = here(request)
    with understood():
        pages = gallery.all_pages(at.services.gallery, asked.question(), at.within, asked.page)
        first = next(pages)
    parts = _parts(chain([first], pages), asked, at.services.gallery.words.taxonomy)
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
            told, cursor = at.services.changes.since(since or None, limit)
    except CursorTooOld as error:
        raise Problem(410, "cursor_too_old", str(error)) from error
    forms = [
        {"id": line.picture, "uri": line.ref.uri, "kind": line.kind, "at": line.at}
        for line in told
        if is_within(line.ref, at.within)
    ]
    return ChangesForm.model_validate({"changes": forms, "next": cursor})


def _parts(pages: Iterator[Page], asked: AskedExport, taxonomy: Taxonomy) -> Iterator[Part]:
    begin = heads(asked.format) if not asked.page else ""
    for page in pages:
        following = f"/v1/export?{urlencode(asked.fields() | {'page': page.next})}" if page.next is not None else None
        yield Part((begin + lines(page.records, asked.format, taxonomy)).encode("utf-8", "replace"), following)
        begin = ""
