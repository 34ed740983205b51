"""`imagelabels correct`: a person says what a picture shows and what it does not."""

from __future__ import annotations

import argparse
import sys

from imagelabels import clouds
from imagelabels.cli.arguments import complain, examples
from imagelabels.cli.objects import Open, deadline, object_ref, opened, settings_needed
from imagelabels.domain.model import Corrections, ImageRecord
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.usecases.correct import Said, correct
from imagelabels.usecases.walk import Place
from imagelabels.views.forms import corrections_json, one_line, row_json
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped, label_text


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "correct",
        help="say what a picture shows, and what it does not",
        description="Correct one picture's labels. The corrections live in its row, are found by searching, and "
        "survive relabelling and every new event of the same content; a new picture under the same name drops them. "
        f"{settings_needed()}",
        epilog=examples('imagelabels correct oss://bucket/2026/cat.jpg --not dog --add cat "my boat"'),
    )
    parser.add_argument("object", type=object_ref, metavar="URI", help=f"as {clouds.pictures()}")
    parser.add_argument(
        "--not",
        dest="without",
        nargs="+",
        action="extend",
        default=[],
        metavar="WORD",
        help="not so, nor what is below it",
    )
    parser.add_argument(
        "--add",
        nargs="+",
        action="extend",
        default=[],
        metavar="WORD",
        help='is so: a known name, or words of yours: "my boat"',
    )
    parser.add_argument("--forget", action="store_true", help="forget what was said of it before")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, open: Open = opened) -> int:
    """0 corrected; 2 where it cannot be."""
    said = Said(args.without, args.add, args.forget)
    try:
        if said == Said([], []):
            raise ValueError("say what to correct: --not WORD, --add WORD or --forget")
        site = open(Place(args.object.store, args.object.bucket, args.object.key))
        record = correct(site.labeler, args.object, said, deadline())
    except ValueError as error:
        return complain("correct", str(error))
    _print(record, site.labeler.taxonomy, args.format)
    return 0


def _print(record: ImageRecord, taxonomy: Taxonomy, format: str) -> None:
    if format == "json":
        form = row_json(record, taxonomy)
        print(one_line(form | {"tags_ours": record.tags_written, "corrections": corrections_json(record.corrections)}))
        return
    labels = ", ".join(label_text(label.name, label.confidence) for label in record.labels) or "no labels"
    say(f"{escaped(record.ref.uri)}: {labels}", sys.stdout)
    said = record.corrections or Corrections("")
    for name, words in (("not", said.without), ("added", said.add)):
        if words:
            print(f"  {name}: {escaped(', '.join(words))}")
