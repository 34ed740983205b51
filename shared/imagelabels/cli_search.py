"""`imagelabels search`: pictures by what they show."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from typing import TypeVar

from imagelabels.arguments import examples
from imagelabels.domain import taxonomy as concepts
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ImageRecord
from imagelabels.domain.query import LIMIT, ORDERS, STATES, Counts, Page, Query
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.ports import LabelIndex
from imagelabels.printing import escaped, label_json
from imagelabels.usecases.search import did_you_mean, question

N = TypeVar("N", int, float)

_PLACE = re.compile(r"(file://(?=/)|[a-z0-9]+://[^/]+)(?:/(.*))?", re.DOTALL)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?")

_EXAMPLES = examples(
    "imagelabels search dog person",
    "imagelabels search dog --min-confidence 0.8 --prefix oss://bucket/2026/",
    "imagelabels search --counts --index sqlite:///photos.db",
)


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "search",
        help="find pictures by what they show",
        description="Find labelled pictures. A wide word finds what is below it, as mammals finds dogs. "
        "A word may say how sure its label must be: dog:0.8. Times are dates, 2026-11-21, or 2026-11-21T08:30Z; "
        "without a zone they are UTC.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("words", nargs="*", metavar="WORD", help="what a picture must show, all of it; none: all")
    parser.add_argument("--any", nargs="+", default=[], metavar="WORD", help="of these words, one is enough")
    parser.add_argument("--none", nargs="+", default=[], metavar="WORD", help="what a picture must not show")
    parser.add_argument(
        "--min-confidence",
        type=_share,
        default=0.0,
        metavar="0..1",
        help="count only labels at least this sure, for words that say nothing of their own",
    )
    parser.add_argument(
        "--prefix", type=_place, default=("", ""), metavar="URI", help="only what begins so, as oss://bucket/path/"
    )
    parser.add_argument("--from", dest="start", type=_moment, metavar="TIME", help="uploaded then or later")
    parser.add_argument("--until", type=_moment, metavar="TIME", help="uploaded before")
    parser.add_argument("--since", type=_moment, metavar="TIME", help="labelled then or later")
    parser.add_argument("--state", choices=STATES, default="labelled", help="what became of the picture (labelled)")
    parser.add_argument("--order", choices=ORDERS, default="newest")
    parser.add_argument("--counts", action="store_true", help="say how many match, by category and label, not which")
    parser.add_argument("--limit", type=_rows, default=20, metavar="N", help=f"pictures per page, 1 to {LIMIT} (20)")
    parser.add_argument("--page", metavar="TOKEN", help="go on where the page ended that named this token")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    parser.add_argument(
        "--index",
        metavar="URL",
        help="where the rows are, as sqlite:///path or tablestore://instance (default: IMAGELABELS_INDEX)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, open_index: Callable[[str | None], LabelIndex] | None = None) -> int:
    """Print one page, or the counts; 0 also when nothing matches, 2 when the question cannot be asked."""
    try:
        taxonomy = concepts.load()
        query = _query(args, taxonomy)
        index = (open_index or _open)(args.index)
        found = index.count(query) if args.counts else index.search(query)
    except (LabelingError, ValueError) as error:
        print(f"imagelabels search: {escaped(str(error))}", file=sys.stderr)
        return 2
    if isinstance(found, Counts):
        _print_counts(found, args.format)
        empty = found.total == 0
    else:
        _print_page(found, args.format, taxonomy)
        empty = not found.records
    if empty:
        print("no picture matches", file=sys.stderr)
        for word, names in did_you_mean(taxonomy, (*args.words, *args.any)).items():
            print(f"nothing is called {escaped(word)}: did you mean {', '.join(names)}?", file=sys.stderr)
    return 0


def _query(args: argparse.Namespace, taxonomy: Taxonomy) -> Query:
    bucket, prefix = args.prefix
    conditions = Query(
        bucket=bucket,
        prefix=prefix,
        state=args.state,
        from_time=args.start,
        until_time=args.until,
        since=args.since,
        order=args.order,
        limit=args.limit,
        page=args.page,
    )
    return question(taxonomy, args.words, args.any, args.none, args.min_confidence, conditions)


def _open(url: str | None) -> LabelIndex:
    from imagelabels import wiring

    return wiring.label_index(url)


def _print_counts(counts: Counts, format: str) -> None:
    if format == "json":
        print(json.dumps({"total": counts.total, "categories": counts.categories, "labels": counts.labels}))
        return
    print(f"{counts.total}\tpictures")
    for kind, found in (("category", counts.categories), ("label", counts.labels)):
        for id, number in found.items():
            print(f"{number}\t{kind}\t{escaped(id)}")


def _print_page(page: Page, format: str, taxonomy: Taxonomy) -> None:
    if format == "json":
        _print_json(page, taxonomy)
    elif page.records and sys.stdout.isatty():
        _print_table(page)
    else:
        _print_lines(page)
    if page.next is not None and format == "table":
        print(f"there are more: --page {page.next}", file=sys.stderr)


def _print_json(page: Page, taxonomy: Taxonomy) -> None:
    # ASCII only, so that no terminal obeys a name; one picture per line.
    for record in page.records:
        row = {
            "uri": record.ref.uri,
            "labels": [label_json(label, taxonomy) for label in record.labels],
            "width": record.width,
            "height": record.height,
            "taken_at": record.taken_at,
            "updated_at": record.updated_at,
            "state": record.state,
        }
        print(json.dumps(row))
    if page.next is not None:
        print(json.dumps({"next": page.next}))


def _print_lines(page: Page) -> None:
    for record in page.records:
        print("\t".join(_cells(record)))


def _print_table(page: Page) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("picture", "labels", "pixels", "labelled at")
    for record in page.records:
        # Text, since square brackets in a key are not mark-up.
        table.add_row(*(Text(cell, overflow="fold") for cell in _cells(record)))
    Console().print(table)


def _cells(record: ImageRecord) -> tuple[str, str, str, str]:
    labels = ", ".join(f"{label.name} {label.confidence:.2f}" for label in record.labels)
    size = f"{record.width}x{record.height}" if record.width is not None and record.height is not None else ""
    at = datetime.fromtimestamp(record.updated_at // 1000, timezone.utc)
    return escaped(record.ref.uri), escaped(labels), size, f"{at:%Y-%m-%d %H:%M:%SZ}"


def _share(text: str) -> float:
    return _within(text, float, 0.0, 1.0)


def _rows(text: str) -> int:
    return _within(text, int, 1, LIMIT)


def _within(text: str, kind: Callable[[str], N], least: N, most: N) -> N:
    with suppress(ValueError):
        number = kind(text)
        if least <= number <= most:
            return number
    raise argparse.ArgumentTypeError(f"{escaped(text)} is not a number from {least:g} to {most:g}")


def _place(text: str) -> tuple[str, str]:
    """Bucket and prefix, as a Query has them."""
    if not text:
        return "", ""
    found = _PLACE.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{escaped(text)} does not begin like a picture's URI, as oss://bucket/path/")
    return found[1], found[2] or ""


def _moment(text: str) -> int:
    """Milliseconds since the epoch."""
    with suppress(ValueError):
        if _MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
            return round((moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp() * 1000)
    raise argparse.ArgumentTypeError(f"{escaped(text)} is no time: write 2026-11-21 or 2026-11-21T08:30Z")
