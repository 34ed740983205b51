"""The work of `imagelabels album`."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from imagelabels.cli.arguments import complain
from imagelabels.cli.asking import REFUSED, agreed, nobody_to_ask
from imagelabels.cli.desk import Desk, full_page, open_desk, pin
from imagelabels.cli.questions import Asked, question_of, question_text
from imagelabels.cli.sharing import Listed
from imagelabels.domain.albums import Album, Changed, PinKind, new_id
from imagelabels.domain.errors import Damaged, LabelingError
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.moments import now
from imagelabels.domain.query import Order
from imagelabels.usecases import albums as use
from imagelabels.usecases import gallery
from imagelabels.usecases.gallery import EVERYTHING
from imagelabels.views.forms import one_line
from imagelabels.views.layout import say, wrapped
from imagelabels.views.printing import escaped, number_of
from imagelabels.views.rows import INDENT, print_page

SHOWN = 5
"""A dry run shows so many pictures."""

OpenDesk = Callable[[str | None], Desk]


@dataclass(frozen=True, slots=True)
class Create(Asked):
    title: str
    language: str
    order: Order
    cover: ObjectRef | None
    dry_run: bool
    format: str
    index: str | None


@dataclass(frozen=True, slots=True)
class Show:
    id: str
    limit: int
    page: str
    format: str
    index: str | None


@dataclass(frozen=True, slots=True)
class Delete:
    id: str
    dry_run: bool
    yes: bool
    index: str | None


@dataclass(frozen=True, slots=True)
class Pin:
    id: str
    pictures: tuple[ObjectRef, ...]
    index: str | None
    out: bool = False


def create(args: Create, desk_of: OpenDesk = open_desk) -> int:
    """Print the id on stdout, and all else on stderr, so that a script can take the id alone."""
    made_at = now()
    try:
        desk = desk_of(args.index)
        cover = args.cover.uri if args.cover is not None else None
        album = Album(new_id(), args.title, question_of(args), args.language, args.order, cover, made_at, made_at)
        if args.cover is not None:
            desk.check_there(args.cover)
        counted = gallery.counts(desk.gallery, album.question, EVERYTHING, 0)
        if args.dry_run:
            _preview(args, desk, album, counted.total)
        else:
            desk.albums.put(album)
            print(one_line(use.album_json(album, EVERYTHING)) if args.format == "json" else album.id)
            say(f"It holds {number_of(counted.total, 'picture')} now: `imagelabels album show {album.id}` prints them")
    except (LabelingError, ValueError) as error:
        return complain("album create", str(error))
    _say_hints(counted.hints)
    return 0


def list_albums(args: Listed, desk_of: OpenDesk = open_desk) -> int:
    desk, after, any_there = desk_of(args.index), "", False
    while albums := desk.albums.list(after):
        for album in albums:
            _print_album(album, args.format)
        after, any_there = albums[-1].id, True
    if not any_there:
        say("there are no albums: `imagelabels album create` makes one")
    return 0


def show(args: Show, desk_of: OpenDesk = open_desk) -> int:
    """0 also when the album is empty."""
    try:
        desk = desk_of(args.index)
        album = desk.album(args.id)
        kinds = Counter(pin.kind for pin in use.all_pins(desk.albums, album.id))
        page, hints = full_page(desk, album, args.limit, args.page)
    except (LabelingError, ValueError) as error:
        return complain("album show", str(error))
    if not args.page:
        by_hand = f"; by hand {kinds['in']:,} in, {kinds['out']:,} out" if kinds else ""
        say(f"{escaped(album.title)}: {question_text(album.question) or 'all pictures'}{by_hand}")
    print_page(page, args.format, desk.gallery.words.taxonomy)
    if not page.records:
        say("it holds no picture" if not args.page else "there are no more pictures")
    _say_hints(hints)
    return 0


def put_in_or_out(args: Pin, desk_of: OpenDesk = open_desk) -> int:
    return _pinned("pin", args, "out" if args.out else "in", desk_of)


def leave_to_question(args: Pin, desk_of: OpenDesk = open_desk) -> int:
    return _pinned("unpin", args, None, desk_of)


def delete(args: Delete, desk_of: OpenDesk = open_desk) -> int:
    """0 deleted, 1 a person said no, 2 it cannot be deleted or nobody could be asked."""
    if (status := nobody_to_ask("album delete", args.yes or args.dry_run)) is not None:
        return status
    try:
        desk = desk_of(args.index)
        title, version = _title_and_version(desk, args.id)
        say(f"{title}: {_ending(desk, args.id)} its pictures stay", sys.stdout)
        if args.dry_run:
            return 0
        if not agreed("Delete this album?", args.yes):
            return REFUSED
        desk.albums.delete(args.id, version)
        desk.webhooks.delete_all(args.id)
    except Changed:
        return complain("album delete", "somebody changed the album at this moment: look at it and run this again")
    except (LabelingError, ValueError) as error:
        return complain("album delete", str(error))
    print("deleted")
    return 0


def _preview(args: Create, desk: Desk, album: Album, total: int) -> None:
    found, _ = gallery.pictures(desk.gallery, album.question, EVERYTHING, album.order, SHOWN)
    print_page(replace(found, next=None), args.format, desk.gallery.words.taxonomy)
    first = f"; these are the first {len(found.records)}" if total > len(found.records) else ""
    say(f"It would hold {number_of(total, 'picture')}{first}. Nothing was saved.")


def _pinned(name: str, args: Pin, kind: PinKind | None, desk_of: OpenDesk) -> int:
    wrong = pin(desk_of(args.index), args.id, args.pictures, kind, now())
    if wrong is not None:
        return complain(f"album {name}", wrong)
    became = {"in": "put in by hand", "out": "taken out by hand", None: "left to the question"}[kind]
    print(f"{number_of(len(args.pictures), 'picture')} {became}")
    return 0


def _title_and_version(desk: Desk, album_id: str) -> tuple[str, int | None]:
    """Return what an album is called, and its version. One that cannot be read can be deleted all the same."""
    try:
        album = desk.album(album_id)
    except Damaged:
        return f"the album {escaped(album_id)}, which cannot be read", None
    return escaped(album.title), album.version


def _ending(desk: Desk, album_id: str) -> str:
    """Say what ends with an album: the choices by hand, the addresses of its feed that work, and its webhooks."""
    pins = len(use.all_pins(desk.albums, album_id))
    at = now()
    secrets = [token for token in desk.tokens.list() if token.album == album_id and token.revoked_at is None]
    feeds = sum(token.expires_at is None or at < token.expires_at for token in secrets)
    hooks = len(desk.webhooks.hooks(album_id))
    parts = [
        number_of(number, *names)
        for number, *names in (
            (pins, "choice by hand", "choices by hand"),
            (feeds, "feed address", "feed addresses"),
            (hooks, "webhook"),
        )
        if number
    ]
    verb = "ends" if pins + feeds + hooks == 1 else "end"
    return f"with it {verb} {', '.join(parts)};" if parts else "nothing else ends;"


def _print_album(album: Album, output_format: str) -> None:
    """Print an album: a line of JSON, a paragraph on a terminal, or a line with tabs."""
    asked = question_text(album.question) or "all pictures"
    if output_format == "json":
        print(one_line(use.album_json(album, EVERYTHING)))
    elif sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        print("\n".join(wrapped(escaped(album.title).split(), "", width)))
        print("\n".join([f"{INDENT}{album.id}", *wrapped(asked.split(), INDENT, width)]))
    else:
        print("\t".join((album.id, escaped(album.title), asked)))


def _say_hints(hints: Sequence[str]) -> None:
    for line in hints:
        say(escaped(line))
