"""`imagelabels feed`: share albums by feeds, and shut their readers out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import click

from imagelabels.cli.arguments import complain, format_option, index_option, uri_prefix
from imagelabels.cli.command import Command, Group, Several, examples
from imagelabels.cli.sharing import ListedOfAlbum, Named, no_album, places, print_all, state
from imagelabels.domain.moments import now
from imagelabels.domain.tokens import Token
from imagelabels.ports.albums import Albums
from imagelabels.ports.tokens import Tokens
from imagelabels.usecases import feeds as use
from imagelabels.views.forms import Form
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped

SITE = "http://127.0.0.1:8080"
"""`imagelabels serve` answers there unless it is told otherwise."""


class Kept(NamedTuple):
    """What an index keeps albums and the secrets of their feeds in."""

    albums: Albums
    tokens: Tokens


Open = Callable[[str | None], Kept]


@dataclass(frozen=True, slots=True)
class Create:
    album: str
    name: str
    prefix: tuple[str, ...]
    site: str
    index: str | None


def command() -> Group:
    return Group(
        "feed",
        commands=[_create(), _list(), _revoke()],
        help="Share an album by a feed, or shut the readers of a feed out. The secret stands in the address, and "
        "only its hash is kept. docs/feeds.md tells what is in a feed.",
        epilog=examples("imagelabels feed create ALBUM --name editors --index sqlite:///photos.db"),
    )


def _create() -> Command:
    return Command(
        "create",
        create,
        Create,
        params=[
            click.Argument(["album"], metavar="ALBUM", help="the album's id, as `imagelabels album list` shows it"),
            click.Option(["--name"], default="feed", show_default=True, help="who will read the feed"),
            Several(
                ["--prefix"],
                type=uri_prefix,
                metavar="URI...",
                help="the feed shows only pictures whose URIs begin so (all)",
            ),
            click.Option(
                ["--site"],
                metavar="ADDRESS",
                default=SITE,
                show_default=True,
                help="where the API is served, as https://photos.example",
            ),
            index_option("where the album is kept"),
        ],
        help="Make a feed of an album and print its addresses, for RSS, Atom and JSON Feed. They are shown this once "
        "only.",
        short_help="make a feed of an album and print its addresses",
        epilog=examples("imagelabels feed create ALBUM --name editors --site https://photos.example"),
    )


def _list() -> Command:
    return Command(
        "list",
        list_feeds,
        ListedOfAlbum,
        params=[
            click.Option(["--album"], metavar="ALBUM", help="only feeds of the album with this id"),
            format_option(),
            index_option("where the feeds are kept"),
        ],
        help="List the feeds, without their secrets.",
        short_help="list the feeds",
        epilog=examples("imagelabels feed list"),
    )


def _revoke() -> Command:
    return Command(
        "revoke",
        revoke,
        Named,
        params=[
            click.Argument(["id"], metavar="ID", help="the feed's id, as `imagelabels feed list` shows it"),
            index_option("where the feed is kept"),
        ],
        help="Revoke a feed for good. Its addresses show nothing any more, and other feeds of the album stay.",
        short_help="revoke a feed for good",
        epilog=examples("imagelabels feed revoke ID"),
    )


def create(args: Create, opened: Open | None = None) -> int:
    """Print the addresses on stdout, and all else on stderr, so that a script can take them alone."""
    from imagelabels.api.feeds.addresses import KINDS, FeedAddress, checked_site

    kept = (opened or _open)(args.index)
    if kept.albums.get(args.album) is None:
        return complain("feed create", no_album(kept.albums, args.album))
    try:
        site = checked_site(args.site)
        token, secret = use.share(kept.tokens, args.album, args.name, args.prefix or ("",), now())
    except ValueError as error:
        return complain("feed create", str(error))
    for kind in KINDS:
        print(f"{site}{FeedAddress(args.album, secret).of(kind)}")
    say(f"These are the addresses of the feed {token.id}. They are shown this once only, and who has one can read it.")
    return 0


def list_feeds(args: ListedOfAlbum, opened: Open | None = None) -> int:
    kept = (opened or _open)(args.index)
    feeds = use.shared(kept.tokens, args.album)
    if args.album is not None and not feeds and kept.albums.get(args.album) is None:
        return complain("feed list", no_album(kept.albums, args.album))
    none = "there are no feeds: `imagelabels feed create` makes one"
    return print_all(feeds, args.format, _json, _cells, none)


def revoke(args: Named, opened: Open | None = None) -> int:
    if not use.revoke((opened or _open)(args.index).tokens, args.id, now()):
        return complain("feed revoke", f"there is no feed {args.id}: `imagelabels feed list` shows them")
    print(f"{escaped(args.id)} shows nothing any more")
    return 0


def _cells(feed: Token) -> tuple[str, ...]:
    return feed.id, escaped(feed.name), f"album {escaped(feed.album or '')}", places(feed), state(feed)


def _json(feed: Token) -> Form:
    return {**use.feed_form(feed), "album": feed.album}


def _open(url: str | None) -> Kept:
    from imagelabels import wiring_commands

    return Kept(wiring_commands.albums(url), wiring_commands.tokens(url))
