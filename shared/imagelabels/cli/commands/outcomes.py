"""`imagelabels outcomes`: list and count what became of pictures, and what stands still."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import click

from imagelabels.cli.arguments import Choice, begin, complain, format_option, index_option, moment, reason_option, rows
from imagelabels.cli.command import Command, examples
from imagelabels.domain.query import ANY, STATES, Query
from imagelabels.domain.tally import DetectorSpending
from imagelabels.ports import LabelIndex
from imagelabels.usecases.outcomes import Chosen, counted, counted_by_bucket, listed, unfinished
from imagelabels.views import outcomes as views
from imagelabels.views.forms import Form, one_line
from imagelabels.views.layout import print_rows

UNFINISHED = "unfinished"
"""This word stands for all rows on which work is not done, in place of a state."""
MOST = 1_000_000
LISTED = 20


@dataclass(frozen=True, slots=True)
class Books:
    """What the command reads: the rows, and what was spent on each detector."""

    index: LabelIndex
    spending: Callable[[float], list[DetectorSpending]]
    """It takes the present time."""
    now: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Arguments:
    prefix: tuple[str, str]
    state: str
    reason: str
    since: int | None
    until: int | None
    limit: int | None
    count: bool
    format: str
    index: str | None


def command() -> Command:
    formats = format_option(synonyms={"jsonl": "json"})
    formats.type = Choice(("table", "json", "prometheus"), {"text": "table", "jsonl": "json"})
    formats.help = "table for people (default), json for programs, prometheus for its collectors: counts and budgets"
    return Command(
        "outcomes",
        run,
        Arguments,
        params=[
            click.Argument(
                ["prefix"], required=False, type=begin, default="", metavar="[PREFIX]", help="only below it"
            ),
            click.Option(
                ["--state"],
                type=Choice((*STATES, ANY, UNFINISHED)),
                default=ANY,
                metavar="STATE",
                help=f"{', '.join((*STATES, ANY))} (default: {ANY}), or {UNFINISHED}: all on which work is not done",
            ),
            reason_option("only with this reason, such as budget"),
            click.Option(
                ["--since"],
                type=moment,
                metavar="TIME",
                help="only those that were written then or later; what is not done and has no time too",
            ),
            click.Option(
                ["--until"],
                type=moment,
                metavar="TIME",
                help="list only those that were written before; what is not done and has no time too",
            ),
            click.Option(["--limit"], type=rows(MOST), metavar="N", help=f"list at most so many (default: {LISTED})"),
            click.Option(["--count"], is_flag=True, help="count by state and reason, and show the budgets"),
            formats,
            index_option("where the rows are"),
        ],
        help="List what became of pictures, newest first, or count it. Those that are not done are listed by URI: they "
        "are parked or waiting, or stand beside a reason, or their delivery died. Nothing is written.",
        epilog=examples(
            "imagelabels outcomes oss://bucket/2026/ --state parked",
            "imagelabels outcomes --state unfinished --limit 1000 --format json",
            "imagelabels outcomes --count",
            "imagelabels outcomes --format prometheus",
        ),
    )


def opened(url: str | None) -> Books:
    """Open the index by the settings in the environment."""
    from imagelabels import wiring_commands

    index = wiring_commands.label_index(url)
    return Books(index, partial(wiring_commands.spending, url))


def run(args: Arguments, open_books: Callable[[str | None], Books] = opened) -> int:
    """0, also when nothing matches; 2 when the question cannot be asked."""
    if wrong := _wrong(args):
        return complain("outcomes", wrong)
    books = open_books(args.index)
    if args.format == "prometheus":
        print(_prometheus(books), end="")
    elif args.count:
        _count(args, books)
    else:
        _list(args, books)
    return 0


def _wrong(args: Arguments) -> str:
    """Say which arguments do not go together; an empty text if all do."""
    chosen = any(args.prefix) or args.state != ANY or args.reason or args.since is not None or args.until is not None
    if args.format == "prometheus" and (chosen or args.count or args.limit is not None):
        # A series under a name must mean the same on every day, whoever wrote the command that makes it.
        return "--format prometheus counts all: it goes with no PREFIX and no other option but --index"
    if args.count and args.state == UNFINISHED:
        return f"--state {UNFINISHED} does not go with --count"
    if args.count and (args.until is not None or args.limit is not None):
        return "--count counts all that match: it does not go with --until or --limit"
    if args.since is not None and args.until is not None and args.since >= args.until:
        return "no row was written both since --since and before --until: --until must be later"
    return ""


def _query(args: Arguments) -> Query:
    bucket, prefix = args.prefix
    state = args.state if args.state != UNFINISHED else ANY
    return Query(bucket=bucket, prefix=prefix, state=state, reason=args.reason, since=args.since)


def _prometheus(books: Books) -> str:
    now = books.now()
    groups = counted(books.index, Query())
    return views.prometheus(groups, dict(counted_by_bucket(books.index, now)), books.spending(now))


def _count(args: Arguments, books: Books) -> None:
    groups, spending = counted(books.index, _query(args)), books.spending(books.now())
    groups = [group for group in groups if args.state in (ANY, group.state)]
    if args.format == "json":
        print(one_line(views.counts_json(groups, spending)))
        return
    print_rows(views.count_rows(groups, spending))


def _list(args: Arguments, books: Books) -> None:
    limit, number = args.limit or LISTED, 0
    for number, form in enumerate(_forms(args, books), 1):
        if number > limit:
            print(f"there are more than {limit}: --limit N lists more of them", file=sys.stderr)
            break
        print(one_line(form) if args.format == "json" else "\n".join(views.lines(form, sys.stdout.isatty())))
    if not number:
        print("no picture matches", file=sys.stderr)


def _forms(args: Arguments, books: Books) -> Iterator[Form]:
    """Yield what is to be listed, and at least one more if there are more."""
    bucket, prefix = args.prefix
    if args.state == UNFINISHED:
        chosen = Chosen(reason=args.reason, since=args.since, until=args.until)
        yield from map(views.unfinished_json, unfinished(books.index, books.now(), bucket, prefix, chosen))
        return
    # The index does not choose by --until, so nobody knows how many rows must be read for it.
    needed = (args.limit or LISTED) + 1 if args.until is None else sys.maxsize
    for record in listed(books.index, _query(args), needed):
        if args.until is None or record.updated_at < args.until:
            yield views.outcome_row_json(record)
