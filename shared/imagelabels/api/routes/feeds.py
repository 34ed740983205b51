"""Routes about feeds of albums: reading one by the secret in its address, and sharing, listing and revoking them."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Request, Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from imagelabels.api.feeds.addresses import KINDS, FeedAddress, Kind, base
from imagelabels.api.here import Here, here
from imagelabels.api.models_sharing import FeedBody, FeedMade, FeedsForm
from imagelabels.api.problems import Problem, no_feed, not_there, understood
from imagelabels.api.routes.albums import DONE
from imagelabels.api.routes.picture import COPIED, small_copy
from imagelabels.domain.albums import Album
from imagelabels.ports.tokens import Tokens
from imagelabels.usecases import feeds as use
from imagelabels.usecases import gallery
from imagelabels.usecases.feeds import FeedPage

router = Router()  # type: ignore[no-untyped-call]
"""The routes of this module."""

TEXT = {"schema": {"type": "string"}}
READ: dict[int, Any] = {
    200: {
        "description": "A page of the feed.",
        "content": {"application/rss+xml": TEXT, "application/atom+xml": TEXT, "application/feed+json": {"schema": {}}},
    },
    304: {"description": "The answer that If-None-Match or If-Modified-Since names has not changed."},
}
"""What a reader of a feed is answered, for the document that describes the API."""


@router.get("/v1/albums/<album>/feed/<secret>/<kind>", summary="Read an album's feed", tags=["feeds"], responses=READ)
def feed(
    album: str,
    secret: str,
    kind: Kind,
    request: Request,
    page: Annotated[str, Query(max_length=5000, description="It stands in the feed's link to the next page.")] = "",
) -> Response[str]:
    """Return a page of an album's feed. The secret in the address lets the reader in."""
    from imagelabels.api.feeds import items, written  # What writes XML is loaded when somebody reads a feed.

    at = here(request)
    there = _of_reader(at, album)
    address = FeedAddress(album, secret)
    services, headers = at.services, request.headers
    place = items.Place(
        base(services.site, headers), address, kind, page, services.has_page, services.small is not None
    )
    told = items.feed(place, there, _page(at, there, page), services.gallery.words.taxonomy)
    body = written.FORMATS[kind](told)
    kept: Any = {"Vary": "Host, X-Forwarded-Proto", "Last-Modified": written.last_modified(told, body)}
    return Response(200, written.TYPES[kind], body, kept)


@router.get(
    "/v1/albums/<album>/feed/<secret>/pictures/<picture>/thumbnail",
    summary="Find the small copy of a picture in a feed",
    tags=["feeds"],
    responses=COPIED,
)
def thumbnail(album: str, secret: str, picture: str, request: Request) -> Response[str]:
    """Send the reader of a feed to a small copy of a picture that is in the album now. This address stands in the feed
    and stays the same; the one that it leads to works for a short time."""
    from imagelabels.api.feeds.items import SIDE

    at = here(request)
    there = _of_reader(at, album)
    record = gallery.record(at.services.gallery, picture, at.within)
    with understood():
        if record is None or not use.holds(at.services.gallery, at.services.albums, there, record):
            raise not_there()
    return small_copy(request, record, SIDE)


@router.get("/v1/albums/<album>/feeds", summary="List an album's feeds", tags=["feeds"])
def feeds(album: str, request: Request) -> FeedsForm:
    """Return the feeds of an album, also those that were revoked, without their secrets. It needs the scope write."""
    at = here(request)
    tokens = _tokens_for(at, album)
    return FeedsForm.model_validate({"feeds": [use.feed_form(token) for token in use.shared(tokens, album, at.within)]})


@router.post("/v1/albums/<album>/feeds", summary="Share an album by a feed", tags=["feeds"], status_code=201)
def share(album: str, body: FeedBody, request: Request) -> Response[FeedMade]:
    """Make a secret for a feed and return its addresses, which are told this once. The feed shows the pictures that
    your own token may see. It needs the scope write."""
    at = here(request)
    tokens = _tokens_for(at, album)
    beginning = base(at.services.site, request.headers)
    with understood("bad_feed"):
        token, secret = use.share(tokens, album, body.name, at.within, at.services.now())
    told = use.feed_form(token) | {"addresses": addresses(beginning, album, secret)}
    return Response(201, "application/json", FeedMade.model_validate(told), {"Cache-Control": "no-store"})


@router.delete("/v1/albums/<album>/feeds/<feed>", summary="Revoke a feed", tags=["feeds"], responses=DONE)
def revoke(album: str, feed: str, request: Request) -> Response[str]:
    """Shut out all readers of a feed, at once and for good. It needs the scope write."""
    at = here(request)
    if not use.revoke(_tokens_for(at, album), feed, at.services.now(), album, at.within):
        raise not_there("feed")
    return Response(204, "text/plain", "")


def addresses(beginning: str, album: str, secret: str) -> dict[str, str]:
    """Return the addresses of a feed by its formats."""
    return {kind: beginning + FeedAddress(album, secret).of(kind) for kind in KINDS}


def _of_reader(at: Here, album_id: str) -> Album:
    """Return the album whose feed the caller may read. All others are not there."""
    album = at.services.albums.get(album_id) if at.caller.feed == album_id else None
    if album is None:
        raise no_feed()
    return album


def _page(at: Here, album: Album, token: str) -> FeedPage:
    """Return a page of the feed. An album whose question cannot be asked any more has no pictures, and its feed says
    why: a reader keeps what it has, and shows the words."""
    services = at.services
    try:
        gallery.queried(services.gallery.words, album.question)
    except ValueError as error:
        return FeedPage((), None, album.changed_at, (str(error),))
    with understood("bad_page"):
        return use.page(services.gallery, services.albums, album, at.within, token)


def _tokens_for(at: Here, album_id: str) -> Tokens:
    at.check_may_write()
    if at.services.tokens is None:
        raise Problem(403, "switched_off", "this server shares no feeds: `imagelabels feed create` does")
    if at.services.albums.get(album_id) is None:
        raise not_there("album")
    return at.services.tokens
