"""`imagelabels undo`: takes back what was written about all objects of a prefix."""

from __future__ import annotations

import argparse
import json

from imagelabels.cli_objects import SETTINGS, Open, Walk, deadline, opened, place
from imagelabels.domain.model import ObjectRef
from imagelabels.printing import escaped
from imagelabels.usecases.undo import Written, undo, written


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "undo",
        help="take our tags and rows back",
        description="Take back what was written: the tags that are ours, and the rows with all corrections in them. "
        "Tags of yours stay. Detectors' answers are kept, so labelling again costs no call. Cut off, run it again: "
        f"what is done is passed over. {SETTINGS}",
    )
    parser.add_argument("place", type=place, metavar="PREFIX", help="what begins so, as oss://bucket/path/")
    parser.add_argument("--dry-run", action="store_true", help="say what would be taken back, and write nothing")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, open: Open = opened) -> int:
    """0 done, 1 some objects failed."""
    site = open(args.place)
    walk = Walk(site, args.place)

    def one(ref: ObjectRef) -> Written:
        return written(site.labeler, ref) if args.dry_run else undo(site.labeler, ref, deadline())

    undone = rows = tags = corrected = 0
    for found in walk.over(one):
        undone += found.anything
        rows += found.row
        tags += len(found.tags)
        corrected += found.corrected
    if args.format == "json":
        told = {"prefix": args.place.uri, "dry_run": args.dry_run, "objects": walk.objects, "undone": undone}
        print(json.dumps(told | {"tags": tags, "rows": rows, "corrected": corrected, "failed": walk.failed}))
    else:
        verb = "would be" if args.dry_run else "were"
        print(
            f"{escaped(args.place.uri)}: {undone} of {walk.objects} objects {verb} undone: "
            f"{tags} tags and {rows} rows {verb} removed"
            + (f", {corrected} of them with corrections" if corrected else "")
        )
    return walk.status()
