"""What the commands about tokens, feeds and webhooks have in common: their arguments, and how each lists what there
is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from imagelabels.domain.moments import now, shown
from imagelabels.domain.tokens import Token
from imagelabels.ports.albums import Albums
from imagelabels.views.forms import Form, one_line
from imagelabels.views.layout import print_rows, say
from imagelabels.views.printing import escaped, nearest

T = TypeVar("T")

MOST_ALBUMS = 1000
"""So many albums are looked through for the one that somebody meant."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The arguments of a command that lists what there is."""

    format: str
    index: str | None


@dataclass(frozen=True, slots=True)
class ListedOfAlbum(Listed):
    """The arguments of a command that lists what an album has, or what all albums have."""

    album: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """The arguments of a command that does something with the token, feed or webhook of this id."""

    id: str
    index: str | None


def print_all(
    values: Sequence[T],
    output_format: str,
    form: Callable[[T], Form],
    cells: Callable[[T], Sequence[str]],
    if_none: str,
) -> int:
    """Print the values as lines of JSON or as rows of cells, which are already escaped, and return the exit status. A
    person who sees no row is told `if_none`."""
    if output_format == "json":
        for value in values:
            print(one_line(form(value)))
        return 0
    print_rows([cells(value) for value in values])
    if not values:
        say(if_none)
    return 0


def places(token: Token) -> str:
    """Say which pictures a token shows."""
    return ", ".join(escaped(prefix) for prefix in token.prefixes if prefix) or "everywhere"


def state(token: Token) -> str:
    """Say whether a token lets somebody in."""
    if token.revoked_at is not None:
        return f"revoked {shown(token.revoked_at)}"
    if token.expires_at is not None:
        return f"{'expired' if token.expires_at <= now() else 'expires'} {shown(token.expires_at)}"
    return "in force"


def no_album(albums: Albums, album_id: str) -> str:
    """Say that there is no album with this id, and which one was probably meant: people may write a title instead."""
    ids: dict[str, str] = {}
    after = ""
    while len(ids) < MOST_ALBUMS and (page := albums.list(after)):
        ids |= {name: album.id for album in page for name in (album.title, album.id)}
        after = page[-1].id
    name = nearest(album_id, ids)
    if name is None:
        return f"there is no album {album_id}: `imagelabels album list` shows them"
    meant = ids[name] if name == ids[name] else f"{ids[name]} ({name})"
    return f"there is no album {album_id}: did you mean {meant}?"
