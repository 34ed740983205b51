"""`imagelabels serve`: answer questions about the pictures over HTTP."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from types import FrameType

import click

from imagelabels.cli.arguments import complain, index_option
from imagelabels.cli.command import Command, examples
from imagelabels.domain.errors import Misconfigured
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped


@dataclass(frozen=True, slots=True)
class Arguments:
    host: str
    port: int
    site: str
    public: bool
    index: str | None


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
                help="what addresses in feeds begin with, as https://photos.example (the name that each reader asked)",
            ),
            click.Option(["--public"], is_flag=True, help="answer everybody who reaches the address, without a token"),
            index_option("where the rows are"),
        ],
        help="Show the labelled pictures in a browser, and answer questions about them over HTTP, until it is "
        "interrupted. Only this machine is answered unless --host names another address. docs/page.md tells what the "
        "page shows, docs/api.md what can be asked.",
        epilog=examples("imagelabels serve --index sqlite:///photos.db", "imagelabels serve --port 9090 --public"),
    )


def run(args: Arguments) -> int:
    from imagelabels.api import opened
    from imagelabels.api.feeds.addresses import checked_site
    from imagelabels.api.serving import serve
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
        serve(opened.served(args.index, args.public, Page, site), args.host, args.port, ready)
    except Misconfigured as error:
        return complain("serve", str(error))
    except OSError as error:
        return complain("serve", f"cannot listen at {args.host} port {args.port}: {error.strerror or error}")
    return 0


def _ended(number: int, frame: FrameType | None) -> None:
    """End as Ctrl-C does, so that the server is closed."""
    raise KeyboardInterrupt
