"""Routes about the work itself: what it has cost, and pictures that are to be tried again."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Request
from aws_lambda_powertools.event_handler.api_gateway import Router

from imagelabels.api.here import Here, here
from imagelabels.api.models_operations import BudgetForm, RedriveBody, RedrivenPicture, RedrivenPictures
from imagelabels.api.problems import Problem, not_there, understood
from imagelabels.domain.budget import even_pace
from imagelabels.domain.moments import moment
from imagelabels.domain.outcomes import State
from imagelabels.domain.tally import DetectorSpending
from imagelabels.usecases import gallery
from imagelabels.usecases.again import Redriver
from imagelabels.usecases.outcomes import spending
from imagelabels.views.outcomes import budget_json

router = Router()  # type: ignore[no-untyped-call]
"""The routes of this module."""


@router.get("/v1/budget", summary="Show what detectors have cost", tags=["operations"])
def budget(request: Request) -> BudgetForm:
    """Return the calls of each detector with their limits and holds. They are counted over all buckets, so a token that
    is limited to prefixes may not see them."""
    at = here(request)
    now = at.services.now()
    detectors = [budget_json(one) | {"even_pace": _pace(one, now / 1000)} for one in _spent(at)]
    form = {"day": f"{moment(now):%Y-%m-%d}", "call_price": at.services.call_price, "detectors": detectors}
    return BudgetForm.model_validate(form)


@router.post("/v1/pictures/<picture>/redrive", summary="Try a picture again", tags=["operations"])
def redrive(picture: str, request: Request) -> RedrivenPicture:
    """Let a picture be tried again that failed, is parked or waits. Asking twice is the same as asking once, and costs
    no second call. It needs the scope write."""
    at = here(request)
    redriver = _allowed(at)
    found = gallery.picture(at.services.gallery, picture, at.within)
    if found is None:
        raise not_there()
    with understood("not_still"):
        by = redriver.picture(found.record.ref, at.within)
    return RedrivenPicture(id=picture, uri=found.record.ref.uri, by=by)


@router.post("/v1/redrive", summary="Try all pictures of a state again", tags=["operations"])
def redrive_all(body: RedriveBody, request: Request) -> RedrivenPictures:
    """Let all pictures be tried again that have a state and lie below the token's prefixes. It needs the scope
    write."""
    at = here(request)
    redriver = _allowed(at)
    with understood("bad_page"):
        tried = redriver.every(State(body.state), at.within, body.page)
    return RedrivenPictures(pictures=tried.pictures, failed=tried.failed, next=tried.next, by=tried.by)


def _spent(at: Here) -> list[DetectorSpending]:
    """Return what was spent on each detector; a Problem for a caller who may not see all pictures."""
    services = at.services
    if services.budget is None:
        raise Problem(403, "switched_off", "this server does not tell of budgets")
    if not at.sees_all:
        raise Problem(403, "limited_token", "calls are counted over all buckets: ask with a token without prefixes")
    return spending(services.budget, services.limits, services.detectors, services.now() / 1000)


def _allowed(at: Here) -> Redriver:
    """Return what lets pictures be tried again, for a caller who may ask for that."""
    at.check_may_write()
    if at.services.redriver is None:
        raise Problem(403, "switched_off", "this server lets no pictures be tried again")
    return at.services.redriver


def _pace(one: DetectorSpending, now: float) -> int | None:
    return None if one.limits.per_day is None else even_pace(one.limits.per_day, now)
