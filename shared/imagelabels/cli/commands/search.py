"""`imagelabels search`: pictures by what they show."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from imagelabels import clouds
from imagelabels.cli.arguments import begin, complain, examples, moment, rows, share, unescaped
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.query import ANY, LIMIT, ORDERS, STATES, Counts, Query
from imagelabels.domain.words import Words
from imagelabels.ports import LabelIndex
from imagelabels.usecases.search import Typed, count, search, state_searched
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped
from imagelabels.views.rows import print_counts, print_page

_EXAMPLES = examples(
    "imagelabels search dog person",
    "imagelabels search dog --min-confidence 0.8 --prefix oss://bucket/2026/",
    "imagelabels search --counts --index sqlite:///photos.db",
)


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "search",
        help="find pictures by what they show",
        description="Find labelled pictures. A wide word finds what is below it, as mammals finds dogs; `imagelabels "
        "labels` lists the words. A word may say how sure its label must be: dog:0.8. A time is a date, 2026-11-21, a "
        "moment, 2026-11-21T08:30:15.250Z, as the JSON has it, or milliseconds since 1970; without a zone it is UTC.",
        epilog=_EXAMPLES,
    )
    _add_words(parser)
    parser.add_argument(
        "--prefix",
        type=begin,
        default=("", ""),
        metavar="URI",
        help=f"only what begins so, as {clouds.beginnings()}",
    )
    parser.add_argument("--from", dest="start", type=moment, metavar="TIME", help="uploaded then or later")
    parser.add_argument("--until", type=moment, metavar="TIME", help="uploaded before")
    parser.add_argument("--since", type=moment, metavar="TIME", help="labelled then or later")
    _add_states(parser)
    parser.add_argument("--order", choices=ORDERS, default="newest", help=f"{', '.join(ORDERS)} (newest)")
    parser.add_argument("--counts", action="store_true", help="say how many match, and by what, in place of which")
    parser.add_argument(
        "--limit", type=rows(LIMIT), default=20, metavar="N", help=f"pictures a page, 1 to {LIMIT} (20)"
    )
    parser.add_argument("--page", metavar="TOKEN", help="go on where the page ended that named this token")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    parser.add_argument(
        "--index",
        metavar="URL",
        help=f"where the rows are, as {clouds.index_examples()} (default: IMAGELABELS_INDEX)",
    )
    parser.set_defaults(run=run)


def _add_words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", type=unescaped, metavar="WORD", help="what a picture must show, all of it; none: all"
    )
    parser.add_argument(
        "--any", nargs="+", type=unescaped, default=[], metavar="WORD", help="of these words, one is enough"
    )
    parser.add_argument(
        "--none", nargs="+", type=unescaped, default=[], metavar="WORD", help="what a picture must not show"
    )
    parser.add_argument(
        "--min-confidence",
        type=share,
        default=0.0,
        metavar="0..1",
        help="count only labels at least this sure, for words that say nothing of their own",
    )


def _add_states(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--state",
        choices=(*STATES, ANY),
        metavar="STATE",
        help=f"what became of the picture: {', '.join((*STATES, ANY))} (labelled; any with --reason)",
    )
    parser.add_argument(
        "--reason",
        default="",
        metavar="REASON",
        help="only pictures with this reason or note, as unsupported_format or format_heic",
    )


def run(args: argparse.Namespace, open_index: Callable[[str | None], LabelIndex] | None = None) -> int:
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


def _conditions(args: argparse.Namespace) -> Query:
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
