"""What the commands about albums work with, and how an album's pictures are read and put in or out by hand."""

from __future__ import annotations

from dataclasses import dataclass

from imagelabels.cli.sharing import no_album
from imagelabels.domain.albums import Album, Changed, PinKind, TooManyPins
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.query import LeftOut, Page
from imagelabels.ports.albums import Albums
from imagelabels.ports.tokens import Tokens
from imagelabels.usecases import albums as use
from imagelabels.usecases.gallery import EVERYTHING, Gallery
from imagelabels.usecases.hook_keeping import Keeper


@dataclass(frozen=True, slots=True)
class Desk:
    """The pictures, the albums of them, the secrets of the albums' feeds, and the albums' webhooks."""

    gallery: Gallery
    albums: Albums
    tokens: Tokens
    webhooks: Keeper

    def album(self, album_id: str) -> Album:
        """Return an album; ValueError if it is not there."""
        album = self.albums.get(album_id)
        if album is None:
            raise ValueError(no_album(self.albums, album_id))
        return album

    def check_there(self, ref: ObjectRef) -> None:
        """Raise ValueError if the index has no row of a picture: its URI was probably mistyped."""
        row = self.gallery.rows.row(ref)
        if row is None or (row.record is None and row.waiting is None):
            raise ValueError(f"the index has no picture {ref.uri}: `imagelabels search` shows those that it has")


def open_desk(url: str | None) -> Desk:
    """Open what is behind the URL of an index, or behind IMAGELABELS_INDEX."""
    from imagelabels import wiring_commands

    gallery = wiring_commands.gallery(url)  # It refuses a file that is not there, which the others would make.
    albums, tokens = wiring_commands.albums(url), wiring_commands.tokens(url)
    return Desk(gallery, albums, tokens, wiring_commands.keeper(url))


def full_page(desk: Desk, album: Album, limit: int, page: str) -> tuple[Page, tuple[str, ...]]:
    """Return a page that has `limit` pictures, unless the album has no more, and hints about its words.

    ValueError: the page token is not one of this album, or its question cannot be asked any more.
    """
    records: list[ImageRecord] = []
    left_out: list[LeftOut] = []
    while True:
        found, hints = use.pictures(desk.gallery, desk.albums, album, EVERYTHING, limit - len(records), page)
        records += found.records
        left_out += found.left_out
        if found.next is None or len(records) >= limit:
            return Page(tuple(records), found.next, tuple(left_out)), hints
        page = found.next


def pin(desk: Desk, album_id: str, refs: tuple[ObjectRef, ...], kind: PinKind | None, now: int) -> str | None:
    """Put pictures into an album or take them out by hand; None for `kind` leaves them to the question again.

    Return what is wrong, if something is. Pictures in front of a wrong one are pinned already.
    """
    try:
        desk.album(album_id)
        if kind is not None:  # A picture that is gone may still have a pin, which can be taken away.
            for ref in refs:
                desk.check_there(ref)
        for ref in refs:
            desk.albums.pin(album_id, ref.uri, kind, now)
    except Changed:
        return f"somebody deleted the album {album_id} at this moment"
    except (TooManyPins, LabelingError, ValueError) as error:
        return str(error)
    return None
