"""`imagelabels undo`: takes back what was written about all objects of a prefix."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field

from imagelabels import clouds
from imagelabels.cli.arguments import examples
from imagelabels.cli.asking import REFUSED, add_yes, agreed, nobody_to_ask
from imagelabels.cli.objects import Open, Site, Walk, deadline, opened, place, settings_needed
from imagelabels.domain.model import ObjectRef
from imagelabels.usecases.undo import Written, undo, written
from imagelabels.usecases.walk import Place, recorded
from imagelabels.views.forms import one_line
from imagelabels.views.printing import escaped

SHOWN = 3
"""Objects that are named before the question."""


@dataclass(slots=True)
class Tally:
    """What there is to take back, or was taken back."""

    objects: int = 0
    undone: int = 0
    rows: int = 0
    tags: int = 0
    corrected: int = 0
    first: list[str] = field(default_factory=list)
    """URIs of the first of them, those with corrections before others."""

    def add(self, one: Written) -> None:
        self.undone += one.anything
        self.rows += one.row
        self.tags += len(one.tags)
        self.corrected += one.corrected
        if one.corrected:
            self.first.insert(0, one.ref.uri)
        elif one.anything:
            self.first.append(one.ref.uri)
        del self.first[SHOWN:]


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "undo",
        help="take our tags and rows back",
        description="Take back what was written: the tags that are ours, and the rows with all corrections in them. "
        "Tags of yours stay. Detectors' answers are kept, so labelling again costs no call. What would go is shown and "
        "asked about first. Cut off, run it again: what is done is passed over. Of files of this machine, file:///..., "
        f"only rows are taken back. {settings_needed()}",
        epilog="Exit status: 0 done, 1 some objects failed or the answer was no, 2 wrong use."
        + examples("imagelabels undo oss://bucket/2026/ --dry-run", "imagelabels undo oss://bucket/2026/"),
    )
    parser.add_argument("place", type=place, metavar="PREFIX", help=f"what begins so, as {clouds.beginnings()}")
    parser.add_argument("--dry-run", action="store_true", help="say what would be taken back, and write nothing")
    add_yes(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, open: Open = opened) -> int:
    """0 done, 1 some objects failed or a person said no, 2 nobody could be asked."""
    if (status := nobody_to_ask(args, "undo")) is not None:
        return status
    site = open(args.place)
    if not args.yes or args.dry_run:
        walk, tally = _over(site, args.place, lambda ref: written(site.labeler, ref))
        _print(args, walk, tally, "would be")
        if args.dry_run or not tally.undone:
            return walk.status()
        if not agreed(args, "Undo this?"):
            return REFUSED
    walk, tally = _over(site, args.place, lambda ref: undo(site.labeler, ref, deadline()))
    _print(args, walk, tally, "were")
    return walk.status()


def _over(site: Site, place: Place, act: Callable[[ObjectRef], Written]) -> tuple[Walk, Tally]:
    walk, tally = Walk(site, place), Tally()
    # Files of this machine have no tags, so those without a row have nothing that could be undone.
    for one in walk.over(act, recorded(site.index, place) if place.store == "file" else None):
        tally.add(one)
    return walk, tally


def _print(args: argparse.Namespace, walk: Walk, tally: Tally, verb: str) -> None:
    asking = verb == "would be"
    if args.format == "json":
        told = {"prefix": args.place.uri, "foreseen": asking, "objects": walk.objects, "undone": tally.undone}
        counts = {"tags": tally.tags, "rows": tally.rows, "corrected": tally.corrected, "failed": walk.failed}
        print(one_line(told | counts))
        return
    print(
        f"{escaped(args.place.uri)}\n  {tally.undone} of {walk.objects} objects {verb} undone: "
        f"{tally.tags} tags and {tally.rows} rows {verb} removed"
    )
    if asking:
        for uri in tally.first:
            print(f"    {escaped(uri)}")
        if tally.undone > len(tally.first):
            print(f"    and {tally.undone - len(tally.first)} more")
    if tally.corrected:
        go = "go" if asking else "went"
        hold = "holds" if tally.corrected == 1 else "hold"
        print(f"ATTENTION: {tally.corrected} of them {hold} corrections by a person, which {go} too")
