"""`imagelabels search`: pictures by what they show."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from typing import TypeVar

from imagelabels.domain import taxonomy as concepts
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ImageRecord
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.ports import LabelIndex, Page
from imagelabels.printing import escaped, label_json
from imagelabels.usecases.search import did_you_mean, search

N = TypeVar("N", int, float)


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "search",
        help="find pictures by what they show",
        description="Find labelled pictures. A wide word finds what is below it, as mammals finds dogs.",
    )
    parser.add_argument("words", nargs="*", metavar="WORD", help="what a picture must show, all of it; none: all")
    parser.add_argument("--any", nargs="+", default=[], metavar="WORD", help="of these words, one is enough")
    parser.add_argument(
        "--min-confidence", type=_share, default=0.0, metavar="0..1", help="count only labels at least this sure"
    )
    parser.add_argument(
        "--prefix", type=_uri, default="", metavar="URI", help="only what begins so, as oss://bucket/path/"
    )
    parser.add_argument("--order", choices=("newest", "confidence", "uri"), default="newest")
    parser.add_argument("--limit", type=_rows, default=20, metavar="N", help="pictures per page, 1 to 1000 (20)")
    parser.add_argument("--page", metavar="TOKEN", help="go on where the page ended that named this token")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    parser.add_argument(
        "--index", metavar="URL", help="where the rows are, as sqlite:///path (default: IMAGELABELS_INDEX)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, open_index: Callable[[str | None], LabelIndex] | None = None) -> int:
    """Print one page; 0 also when nothing matches, 2 when the question cannot be asked."""
    try:
        taxonomy = concepts.load()
        index = (open_index or _open)(args.index)
        page = search(
            index, taxonomy, args.words, args.any, args.min_confidence, args.prefix, args.order, args.limit, args.page
        )
    except (LabelingError, ValueError) as error:
        print(f"imagelabels search: {escaped(str(error))}", file=sys.stderr)
        return 2
    if args.format == "json":
        _print_json(page, taxonomy)
    elif page.records and sys.stdout.isatty():
        _print_table(page)
    else:
        _print_lines(page)
    if not page.records:
        print("no picture matches", file=sys.stderr)
        for word, names in did_you_mean(taxonomy, (*args.words, *args.any)).items():
            print(f"nothing is called {escaped(word)}: did you mean {', '.join(names)}?", file=sys.stderr)
    elif page.next is not None and args.format == "table":
        print(f"there are more: --page {page.next}", file=sys.stderr)
    return 0


def _open(url: str | None) -> LabelIndex:
    from imagelabels import wiring

    return wiring.label_index(url)


def _print_json(page: Page, taxonomy: Taxonomy) -> None:
    # ASCII only, so that no terminal obeys a name; one picture per line.
    for record in page.records:
        row = {
            "uri": record.ref.uri,
            "labels": [label_json(label, taxonomy) for label in record.labels],
            "width": record.width,
            "height": record.height,
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
    return _within(text, int, 1, 1000)


def _within(text: str, kind: Callable[[str], N], least: N, most: N) -> N:
    with suppress(ValueError):
        number = kind(text)
        if least <= number <= most:
            return number
    raise argparse.ArgumentTypeError(f"{escaped(text)} is not a number from {least:g} to {most:g}")


def _uri(text: str) -> str:
    if text and "://" not in text:
        raise argparse.ArgumentTypeError(f"{escaped(text)} does not begin like a picture's URI, as oss://bucket/path/")
    return text
