"""Routes about albums: saved questions, with pictures that people put in or took out by hand."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Request, Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Header, Query

from imagelabels.api.here import Here, here
from imagelabels.api.models import AlbumBody, AlbumForm, AlbumsPage, PicturesPage, PinBody, PreviewForm
from imagelabels.api.problems import Problem, not_there, understood
from imagelabels.domain.albums import Album, Changed, TooManyPins, new_id
from imagelabels.usecases import albums as use
from imagelabels.usecases import gallery
from imagelabels.views.exports import picture_json

router = Router()  # type: ignore[no-untyped-call]
"""The routes of this module."""

DONE: dict[int, Any] = {204: {"description": "It is done.", "content": {}}}

IfMatch = Annotated[
    str,
    Header(
        alias="if-match",
        max_length=100,
        description="The ETag of the album as you read it, so that nobody's change is lost.",
    ),
]


@router.get("/v1/albums", summary="List albums", tags=["albums"])
def albums(
    request: Request,
    after: Annotated[str, Query(max_length=100, description="`next` of the answer before.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000, description="At most so many albums.")] = 100,
) -> AlbumsPage:
    """Return the albums in the order of their ids."""
    at = here(request)
    found = at.services.albums.list(after, limit + 1)
    following = found[limit - 1].id if len(found) > limit else None
    forms = [_form(album, at) for album in found[:limit]]
    return AlbumsPage.model_validate({"albums": forms, "next": following})


@router.post("/v1/albums", summary="Make an album", tags=["albums"], status_code=201)
def make(body: AlbumBody, request: Request) -> Response[AlbumForm]:
    """Save a question as a new album. It needs the scope write."""
    at = here(request)
    at.check_may_write()
    with understood("bad_album"):
        album = _album(body, new_id(), at.services.now())
        use.check(at.services.gallery.words, album.question)
        at.services.albums.put(album)
    return _answer(201, album, at, {"Location": f"/v1/albums/{album.id}"})


@router.post("/v1/albums/preview", summary="Show what an album would hold", tags=["albums"])
def preview(body: AlbumBody, request: Request) -> PreviewForm:
    """Return what an album would hold, and save nothing."""
    at = here(request)
    with understood("bad_album"):
        album = _album(body, "preview", 0)
        page, hints = gallery.pictures(at.services.gallery, album.question, at.within, album.order)
        total = gallery.counts(at.services.gallery, album.question, at.within, 0).total
    forms = [picture_json(record, at.services.gallery.words.taxonomy) for record in page.records]
    return PreviewForm.model_validate({"total": total, "pictures": forms, "hints": list(hints)})


@router.get("/v1/albums/<album>", summary="Show an album", tags=["albums"])
def album(album: str, request: Request) -> Response[AlbumForm]:
    """Return an album. Its ETag is what changes of it name."""
    at = here(request)
    return _answer(200, _there(at, album), at, {})


@router.put("/v1/albums/<album>", summary="Change an album", tags=["albums"])
def change(album: str, body: AlbumBody, request: Request, if_match: IfMatch = "") -> Response[AlbumForm]:
    """Write an album in place of the one that the header If-Match names. It needs the scope write."""
    at = here(request)
    at.check_may_write()
    old = _there(at, album)
    version = _version(if_match, old)
    with understood("bad_album"):
        new = _album(body, album, old.made_at, at.services.now(), version + 1)
        use.check(at.services.gallery.words, new.question)
        try:
            at.services.albums.put(new, version)
        except Changed as error:
            raise _changed() from error
    return _answer(200, new, at, {})


@router.delete("/v1/albums/<album>", summary="Delete an album", tags=["albums"], responses=DONE)
def delete(album: str, request: Request, if_match: IfMatch = "") -> Response[str]:
    """Delete the album that the header If-Match names, with its pins. Its feeds and webhooks end too. It needs the
    scope write."""
    at = here(request)
    at.check_may_write()
    try:
        at.services.albums.delete(album, _version(if_match, _there(at, album)))
    except Changed as error:
        raise _changed() from error
    return Response(204, "text/plain", "")


@router.get("/v1/albums/<album>/pictures", summary="List an album's pictures", tags=["albums"])
def pictures(
    album: str,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=1000, description="At most so many pictures.")] = 20,
    page: Annotated[str, Query(max_length=5000, description="`next` of the page before.")] = "",
) -> PicturesPage:
    """Return a page of an album's pictures: first those that people put in, then what its question finds."""
    at = here(request)
    there = _there(at, album)
    with understood():
        found, hints = use.pictures(at.services.gallery, at.services.albums, there, at.within, limit, page)
    forms = [picture_json(record, at.services.gallery.words.taxonomy) for record in found.records]
    return PicturesPage.model_validate({"pictures": forms, "next": found.next, "hints": list(hints)})


@router.put("/v1/albums/<album>/pins/<picture>", summary="Put in or out by hand", tags=["albums"], responses=DONE)
def pin(album: str, picture: str, body: PinBody, request: Request) -> Response[str]:
    """Put a picture into an album or take it out, whatever the question says. It needs the scope write."""
    return _pinned(here(request), album, picture, body.kind)


@router.delete("/v1/albums/<album>/pins/<picture>", summary="Leave it to the question", tags=["albums"], responses=DONE)
def unpin(album: str, picture: str, request: Request) -> Response[str]:
    """Leave a picture to the album's question again. It needs the scope write."""
    return _pinned(here(request), album, picture, None)


def _pinned(at: Here, album: str, picture: str, kind: Literal["in", "out"] | None) -> Response[str]:
    at.check_may_write()
    _there(at, album)
    record = gallery.record(at.services.gallery, picture, at.within)
    uri = record.ref.uri if record is not None else None
    if kind is None and uri is None:  # A picture that is gone may still have a pin, which can be taken away.
        uri = use.uri_of_pin(at.services.albums, album, picture, at.within)
    if uri is None:
        raise not_there()
    try:
        at.services.albums.pin(album, uri, kind, at.services.now())
    except TooManyPins as error:
        raise Problem(409, "too_many_pins", str(error)) from error
    except Changed as error:
        raise not_there("album") from error
    return Response(204, "text/plain", "")


def _there(at: Here, album_id: str) -> Album:
    album = at.services.albums.get(album_id)
    if album is None:
        raise not_there("album")
    return album


def _album(body: AlbumBody, album_id: str, made_at: int, changed_at: int | None = None, version: int = 1) -> Album:
    question = body.question.question()
    order: Any = body.order
    times = made_at, made_at if changed_at is None else changed_at
    return Album(album_id, body.title, question, body.language, order, body.cover, *times, version)


def _version(if_match: str, album: Album) -> int:
    """Return the album's version if the header names it."""
    if not if_match:
        raise Problem(428, "no_version", "name the album as you read it: send its ETag in the header If-Match")
    if if_match.strip() not in (f'"{album.version}"', f'W/"{album.version}"'):
        raise _changed()
    return album.version


def _changed() -> Problem:
    return Problem(412, "changed", "somebody changed the album after you read it: read it again")


def _answer(status: int, album: Album, at: Here, headers: dict[str, Any]) -> Response[AlbumForm]:
    form = AlbumForm.model_validate(_form(album, at))
    return Response(status, "application/json", form, {"ETag": f'"{album.version}"', **headers})


def _form(album: Album, at: Here) -> dict[str, Any]:
    return use.album_json(album, at.within)
