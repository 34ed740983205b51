"""Routes about webhooks: receivers that are told when pictures enter or leave an album.

They are for callers that may write, because an address may hold a secret of the receiver's.
"""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Request, Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from imagelabels.api.here import Here, here
from imagelabels.api.models_sharing import (
    SecretForm,
    WebhookBody,
    WebhookMade,
    WebhookRetried,
    WebhooksForm,
    WebhookWhole,
)
from imagelabels.api.problems import Problem, not_there, understood
from imagelabels.api.routes.albums import DONE
from imagelabels.domain.webhooks import Hook
from imagelabels.usecases.hook_keeping import Keeper, TooManyHooks, delivery_form, hook_form

router = Router()  # type: ignore[no-untyped-call]
"""The routes of this module."""


@router.get("/v1/albums/<album>/webhooks", summary="List an album's webhooks", tags=["webhooks"])
def webhooks(album: str, request: Request) -> WebhooksForm:
    """Return the webhooks of an album without their secrets. It needs the scope write."""
    keeper = _keeper(here(request), album)
    return WebhooksForm.model_validate({"webhooks": [hook_form(hook) for hook in keeper.hooks(album)]})


@router.post("/v1/albums/<album>/webhooks", summary="Make a webhook", tags=["webhooks"], status_code=201)
def make(album: str, body: WebhookBody, request: Request) -> Response[WebhookMade]:
    """Let a receiver be told when pictures enter or leave an album. The answer shows the secret, this once only. It
    needs the scope write."""
    keeper = _keeper(here(request), album)
    with understood("bad_webhook"):
        try:
            hook = keeper.make(album, body.url)
        except TooManyHooks as error:
            raise Problem(409, "too_many_webhooks", str(error)) from error
    form = WebhookMade.model_validate({**hook_form(hook), "secret": hook.secrets[0]})
    place = f"/v1/albums/{album}/webhooks/{hook.id}"
    return Response(201, "application/json", form, {"Location": place, "Cache-Control": "no-store"})


@router.get("/v1/albums/<album>/webhooks/<hook>", summary="Show a webhook", tags=["webhooks"])
def webhook(album: str, hook: str, request: Request) -> WebhookWhole:
    """Return a webhook with the deliveries that wait and those that have failed. It needs the scope write."""
    keeper = _keeper(here(request), album)
    found = _there(keeper, album, hook)
    deliveries = [delivery_form(one) for one in keeper.deliveries(found.id)]
    return WebhookWhole.model_validate({**hook_form(found), "deliveries": deliveries})


@router.delete("/v1/albums/<album>/webhooks/<hook>", summary="Delete a webhook", tags=["webhooks"], responses=DONE)
def delete(album: str, hook: str, request: Request) -> Response[str]:
    """Delete a webhook with everything that waits for its receiver. It needs the scope write."""
    keeper = _keeper(here(request), album)
    keeper.delete(_there(keeper, album, hook).id)
    return Response(204, "text/plain", "")


@router.post("/v1/albums/<album>/webhooks/<hook>/retries", summary="Send again what failed", tags=["webhooks"])
def retry(album: str, hook: str, request: Request) -> WebhookRetried:
    """Switch a webhook on and send its failed deliveries again with the next run. It needs the scope write."""
    keeper = _keeper(here(request), album)
    count = keeper.retry(_there(keeper, album, hook).id)
    if count is None:
        raise not_there("webhook")
    return WebhookRetried(sent_again=count)


@router.post(
    "/v1/albums/<album>/webhooks/<hook>/secrets", summary="Make a new secret", tags=["webhooks"], status_code=201
)
def rotate(album: str, hook: str, request: Request) -> Response[SecretForm]:
    """Give a webhook a new secret, which the answer shows, this once only. For a day, messages are signed with the
    former one too. It needs the scope write."""
    keeper = _keeper(here(request), album)
    rotated = keeper.rotate(_there(keeper, album, hook).id)
    if rotated is None:
        raise not_there("webhook")
    form = SecretForm(secret=rotated.secrets[0])
    return Response(201, "application/json", form, {"Cache-Control": "no-store"})


def _keeper(at: Here, album: str) -> Keeper:
    at.check_may_write()
    services = at.services
    if services.webhooks is None:
        raise Problem(403, "switched_off", "webhooks are not offered here")
    if services.albums.get(album) is None:
        raise not_there("album")
    return Keeper(services.webhooks, services.changes, services.now, at.within, services.anywhere)


def _there(keeper: Keeper, album: str, hook_id: str) -> Hook:
    hook = keeper.get(hook_id)
    if hook is None or hook.album != album:
        raise not_there("webhook")
    return hook
