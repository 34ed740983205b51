"""`imagelabels serve`: show the pictures in a browser, and answer questions about them over HTTP."""

from __future__ import annotations

import errno
import signal
from collections import Counter
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

import click

from imagelabels import clouds
from imagelabels.cli.arguments import complain, index_option, uri_prefix
from imagelabels.cli.command import Command, examples
from imagelabels.domain.errors import Misconfigured
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped

if TYPE_CHECKING:
    from imagelabels.page.places import Drop
    from imagelabels.usecases.again import Giver


@dataclass(frozen=True, slots=True)
class Arguments:
    host: str
    port: int
    site: str
    public: bool
    index: str | None
    drop: tuple[str, ...]
    function: tuple[tuple[str, str], ...]


def command() -> Command:
    return Command(
        "serve",
        run,
        Arguments,
        params=[
            click.Option(["--host"], default="127.0.0.1", show_default=True, help="the address to listen at"),
            click.Option(
                ["--port"],
                type=click.IntRange(0, 65535),
                default=8080,
                show_default=True,
                help="the port to listen at; 0 takes a free one",
            ),
            click.Option(
                ["--site"],
                metavar="ADDRESS",
                default="",
                help="what addresses in feeds begin with, as https://photos.example (the name that each reader asked). "
                "Behind a proxy on this machine, the server answers under this name too",
            ),
            click.Option(["--public"], is_flag=True, help="answer everybody who reaches the address, without a token"),
            index_option("where the rows are"),
            click.Option(
                ["--drop"],
                type=uri_prefix,
                multiple=True,
                metavar="URI",
                help="let people drop photos onto the page, which are uploaded below this, such as "
                f"{clouds.example('bucket/drop/')}, with the keys in the environment; it needs an address of this "
                "machine",
            ),
            click.Option(
                ["--function"],
                type=store_function,
                multiple=True,
                metavar="STORE=NAME",
                help="give pictures that people want to be tried again to this deployed function at once, as "
                "oss=imagelabels, with the keys in the environment; without it the timer tries them",
            ),
        ],
        help="Show the labelled pictures in a browser, and answer questions about them over HTTP, until it is "
        "interrupted. Only this machine is answered, under its own names, unless --host names another address. "
        "docs/page.md tells what the page shows, docs/api.md what can be asked.",
        epilog=examples(
            "imagelabels serve --index sqlite:///photos.db",
            "imagelabels serve --port 9090 --public",
            "imagelabels serve --drop oss://photos/drop/",
        ),
    )


def run(args: Arguments) -> int:
    from functools import partial

    from imagelabels.api import opened
    from imagelabels.api.feeds.addresses import checked_site
    from imagelabels.api.serving import serve
    from imagelabels.page.places import DROP
    from imagelabels.page.site import Page

    def ready(port: int) -> None:
        host = f"[{args.host}]" if ":" in args.host else args.host
        say(f"http://{escaped(host)}:{port}/ is there; Ctrl-C ends it")

    try:
        site = checked_site(args.site) if args.site else ""
    except ValueError as error:
        return complain("serve", f"--site: {error}")
    signal.signal(signal.SIGTERM, _ended)
    try:
        drop = _drop(args)
        api = opened.served(args.index, args.public, partial(Page, drop=drop), site, _giver(args))
        serve(api, args.host, args.port, ready, DROP if drop is not None else None, site)
    except Misconfigured as error:
        return complain("serve", str(error))
    except OSError as error:
        return complain("serve", f"cannot listen at {args.host} port {args.port}: {_why_not(error)}")
    return 0


def store_function(text: str) -> tuple[str, str]:
    """Read the scheme of a store and the name of the function that labels its pictures."""
    scheme, _, name = text.partition("=")
    known = [store.scheme for store in clouds.stores() if store.buckets]
    if not name or scheme not in known:
        forms = clouds.alternatives([f"{one}=NAME" for one in sorted(known)])
        raise ValueError(f"{escaped(repr(text))} names no store with its function: write {forms}")
    return scheme, name


def _giver(args: Arguments) -> Giver | None:
    """Open what gives pictures to functions; Misconfigured if one cannot be reached."""
    if not args.function:
        return None
    from imagelabels.api.stores import Functions

    for scheme, count in Counter(scheme for scheme, _ in args.function).items():
        if count > 1:
            raise Misconfigured(f"--function names {count} functions for {scheme}://: name the one that labels")
    functions = Functions()
    for scheme, name in args.function:
        functions.open(scheme, name)
    return functions


def _drop(args: Arguments) -> Drop | None:
    """Open what stores dropped photos; Misconfigured where it would not be for this machine alone."""
    if not args.drop:
        return None
    from imagelabels.api.hosts import is_own

    if not is_own(args.host):
        raise Misconfigured("--drop takes photos from this machine only: leave --host out, or --drop")
    from imagelabels.api.stores import Uploads
    from imagelabels.page.places import Drop, below

    uploads = Uploads()
    for uri in args.drop:
        uploads.open(uri.partition("://")[0])
    return Drop(below(args.drop), uploads.put)


def _why_not(error: OSError) -> str:
    """Say why the server cannot listen, and what to do where another program is there already."""
    if error.errno == errno.EADDRINUSE:
        return "another program listens there: end it, or name another port by --port (0 takes a free one)"
    return error.strerror or str(error)


def _ended(number: int, frame: FrameType | None) -> None:
    """End as Ctrl-C does, so that the server is closed."""
    raise KeyboardInterrupt
