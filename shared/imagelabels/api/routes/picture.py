"""Routes about one picture."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Request, Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from imagelabels.api.here import Here, here
from imagelabels.api.models import CorrectionsBody, CorrectionsForm, PictureWhole
from imagelabels.api.problems import Problem, not_there, understood
from imagelabels.api.streaming import STREAMED, Part, Streamed
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ImageRecord
from imagelabels.usecases import gallery
from imagelabels.usecases.gallery import Found
from imagelabels.views.exports import picture_json
from imagelabels.views.forms import corrections_json, event_json, explained_json

router = Router()  # type: ignore[no-untyped-call]
"""The routes of this module."""


@router.get("/v1/pictures/<picture>", summary="Show a picture", tags=["pictures"])
def picture(picture: str, request: Request) -> PictureWhole:
    """Return the row of a picture, its history, its tags, and why each label is there."""
    at = here(request)
    found = _found(at, picture)
    form = picture_json(found.record, at.services.gallery.words.taxonomy)
    form |= {"waiting_reason": found.waiting, "corrections": corrections_json(found.record.corrections)}
    form |= {"tags_written": found.record.tags_written, "history": [event_json(entry) for entry in found.history]}
    return PictureWhole.model_validate(form | _why(at, found))


@router.post("/v1/pictures/<picture>/corrections", summary="Correct a picture's labels", tags=["pictures"])
def corrections(picture: str, body: CorrectionsBody, request: Request) -> CorrectionsForm:
    """Say what a picture does or does not show, by the rules of `imagelabels correct`. It needs the scope write."""
    from imagelabels.usecases.correct import Said

    at = here(request)
    at.check_may_write()
    if at.services.correct is None:
        raise Problem(403, "switched_off", "this server takes no corrections")
    found = _found(at, picture)
    if not (body.not_ or body.add or body.forget):
        raise Problem(400, "bad_correction", "nothing is said: name words in `not` or `add`, or say `forget`")
    with understood("bad_correction"):
        record = at.services.correct(found.record.ref, Said(tuple(body.not_), tuple(body.add), body.forget))
    taxonomy = at.services.gallery.words.taxonomy
    form = {"picture": picture_json(record, taxonomy), "corrections": corrections_json(record.corrections)}
    return CorrectionsForm.model_validate(form)


COPIED: dict[int, Any] = {
    200: {
        "description": "The small copy of a file of this machine.",
        "content": {"image/jpeg": {"schema": {"type": "string", "contentMediaType": "image/jpeg"}}},
    },
    302: {"description": "The header Location has an address of the small copy.", "content": {}},
}


@router.get(
    "/v1/pictures/<picture>/thumbnail", summary="Find a small copy of a picture", tags=["pictures"], responses=COPIED
)
def thumbnail(
    picture: str,
    request: Request,
    side: Annotated[int, Query(ge=16, le=2048, description="The longer side has at most so many pixels.")] = 256,
) -> Response[str]:
    """Send the client to an address of a small copy, which works for a short time. A picture that is a file of this
    machine has no such address, so its copy is the answer."""
    at = here(request)
    record = gallery.record(at.services.gallery, picture, at.within)
    if record is None:
        raise not_there()
    return small_copy(request, record, side)


def small_copy(request: Request, record: ImageRecord, side: int) -> Response[str]:
    """Answer with the address of a small copy, or with the copy."""
    services = here(request).services
    if services.small is None:
        raise Problem(404, "no_thumbnail", "no small copies of this picture can be had here")
    with understood("no_thumbnail"):
        small = services.small(record, side)
    headers: Any = {"Cache-Control": "private, max-age=60"}
    if isinstance(small, bytes):
        request.context[STREAMED] = Streamed(iter([Part(small, None)]))
        return Response(200, "image/jpeg", "", headers)
    return Response(302, "text/plain", "", headers | {"Location": small})


def _found(at: Here, picture: str) -> Found:
    found = gallery.picture(at.services.gallery, picture, at.within)
    if found is None:
        raise not_there()
    return found


def _why(at: Here, found: Found) -> dict[str, Any]:
    """Return the object's tags and why each label is there, or why that cannot be told: it asks the store."""
    untold: dict[str, Any] = {"tags_ours": None, "tags_yours": None, "explained": None, "why_not": None}
    if at.services.why is None:
        return untold | {"why_not": "this server does not ask the store"}
    try:
        reasons = at.services.why(found.record.ref)
    except LabelingError as error:
        return untold | {"why_not": str(error)}
    explained = [explained_json(label) for label in reasons.labels]
    return untold | {"tags_ours": reasons.ours, "tags_yours": reasons.theirs, "explained": explained}
