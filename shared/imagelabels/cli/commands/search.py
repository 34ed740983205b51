"""`imagelabels search`: find pictures by what they show."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import click

from imagelabels.cli.arguments import Choice, complain, format_option, index_option, rows
from imagelabels.cli.command import Command, examples
from imagelabels.cli.questions import Asked, question_params
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.query import LIMIT, ORDERS, Counts, Order, Query
from imagelabels.domain.words import Words
from imagelabels.ports import LabelIndex
from imagelabels.usecases.search import Typed, count, search, state_searched
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped
from imagelabels.views.rows import print_counts, print_page


@dataclass(frozen=True, slots=True)
class Arguments(Asked):
    order: Order
    counts: bool
    limit: int
    page: str | None
    format: str
    index: str | None


def command() -> Command:
    return Command(
        "search",
        run,
        Arguments,
        params=[
            *question_params(),
            *_pages(),
            format_option(),
            index_option("where the rows are"),
        ],
        help="Find labelled pictures. A wide word finds what is below it, as mammals finds dogs; `imagelabels labels` "
        "lists the words. A word may say how sure its label must be: dog:0.8.\n\nA time is a date, 2026-11-21, a "
        "moment, 2026-11-21T08:30:15.250Z, as the JSON has it, or milliseconds since 1970; without a zone it is UTC.",
        epilog=examples(
            "imagelabels search dog person",
            "imagelabels search dog --min-confidence 0.8 --prefix oss://bucket/2026/",
            "imagelabels search --counts --index sqlite:///photos.db",
        ),
    )


def _pages() -> list[click.Parameter]:
    return [
        click.Option(["--order"], type=Choice(ORDERS), default="newest", show_default=True, help="which come first"),
        click.Option(["--counts"], is_flag=True, help="say how many match, and by what, in place of which"),
        click.Option(
            ["--limit"],
            type=rows(LIMIT),
            default=20,
            show_default=True,
            metavar="N",
            help=f"pictures a page, 1 to {LIMIT}",
        ),
        click.Option(["--page"], metavar="TOKEN", help="go on where the page ended that named this token"),
    ]


def run(args: Arguments, open_index: Callable[[str | None], LabelIndex] | None = None) -> int:
    """Print one page, or the counts; 0 also when nothing matches, 2 when the question cannot be asked."""
    typed = Typed(args.words, args.any, args.none, args.min_confidence)
    try:
        words, conditions = _words(), _conditions(args)
        index = (open_index or _open)(args.index)
        answer, hints = (count if args.counts else search)(index, words, typed, conditions)
    except (LabelingError, ValueError) as error:
        return complain("search", str(error))
    if isinstance(answer, Counts):
        print_counts(answer, args.format)
        empty = answer.total == 0
    else:
        print_page(answer, args.format, words.taxonomy)
        empty = not answer.records
    if empty:
        print("no picture matches", file=sys.stderr)
        if args.reason:
            say("`imagelabels search --state any --counts` lists reasons and notes that there are")
    for line in hints:
        say(escaped(line))
    return 0


def _conditions(args: Arguments) -> Query:
    bucket, prefix = args.prefix
    return Query(
        bucket=bucket,
        prefix=prefix,
        state=state_searched(args.state, args.reason),
        reason=args.reason,
        from_time=args.start,
        until_time=args.until,
        since=args.since,
        order=args.order,
        limit=args.limit,
        page=args.page,
    )


def _words() -> Words:
    from imagelabels import wiring_commands

    return wiring_commands.words()


def _open(url: str | None) -> LabelIndex:
    from imagelabels import wiring_commands

    return wiring_commands.label_index(url)
