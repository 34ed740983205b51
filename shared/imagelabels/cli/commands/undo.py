"""`imagelabels undo`: take our tags and rows back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import click

from imagelabels.cli.arguments import format_option, place_argument
from imagelabels.cli.asking import REFUSED, agreed, nobody_to_ask, yes_option
from imagelabels.cli.command import Command, examples
from imagelabels.cli.objects import Open, Site, Walk, deadline, opened, settings_needed
from imagelabels.domain.model import ObjectRef
from imagelabels.usecases.undo import Written, undo, written
from imagelabels.usecases.walk import Place, recorded
from imagelabels.views.forms import one_line
from imagelabels.views.printing import escaped

SHOWN = 3
"""Objects that are named before the question."""


@dataclass(slots=True)
class UndoTally:
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


@dataclass(frozen=True, slots=True)
class Arguments:
    place: Place
    dry_run: bool
    yes: bool
    format: str


def command() -> Command:
    return Command(
        "undo",
        run,
        Arguments,
        params=[
            place_argument(),
            click.Option(["--dry-run"], is_flag=True, help="say what would be taken back, and write nothing"),
            yes_option(),
            format_option(),
        ],
        help="Take back what was written: the tags that are ours, and the rows with all corrections in them. Tags of "
        "yours stay. Detectors' answers are kept, so labelling again costs no call. What would go is shown and asked "
        "about first. If it is interrupted, run it again: it passes over what is done. Of files of "
        f"this machine, file:///..., only rows are taken back.\n\n{settings_needed()}",
        epilog="Exit status: 0 done, 1 some objects failed or the answer was no, 2 wrong use.\n\n"
        + examples("imagelabels undo oss://bucket/2026/ --dry-run", "imagelabels undo oss://bucket/2026/"),
    )


def run(args: Arguments, open_site: Open = opened) -> int:
    """0 done, 1 some objects failed or a person said no, 2 nobody could be asked."""
    if (status := nobody_to_ask("undo", args.yes or args.dry_run)) is not None:
        return status
    site = open_site(args.place)
    if not args.yes or args.dry_run:
        walk, tally = _over(site, args.place, lambda ref: written(site.tools, ref))
        _print(args, walk, tally, "would be")
        if args.dry_run or not tally.undone:
            return walk.status()
        if not agreed("Undo this?", args.yes):
            return REFUSED
    walk, tally = _over(site, args.place, lambda ref: undo(site.tools, ref, deadline()))
    _print(args, walk, tally, "were")
    return walk.status()


def _over(site: Site, place: Place, act: Callable[[ObjectRef], Written]) -> tuple[Walk, UndoTally]:
    walk, tally = Walk(site, place), UndoTally()
    # Files of this machine have no tags, so those without a row have nothing that could be undone.
    for one in walk.over(act, recorded(site.index, place) if place.store == "file" else None):
        tally.add(one)
    return walk, tally


def _print(args: Arguments, walk: Walk, tally: UndoTally, verb: str) -> None:
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
