"""`imagelabels undo`: take our tags and rows back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import click

from imagelabels.cli.arguments import format_option, place_argument
from imagelabels.cli.asking import REFUSED, agreed, nobody_to_ask, yes_option
from imagelabels.cli.command import Command, examples
from imagelabels.cli.objects import Open, Site, by_index, deadline, rows_option, settings_needed
from imagelabels.cli.walks import Walk, going_on, journal_of
from imagelabels.domain.model import ObjectRef
from imagelabels.usecases.undo import Written, undo, written
from imagelabels.usecases.walk import Place, all_recorded, everything_there
from imagelabels.views.forms import one_line
from imagelabels.views.printing import escaped, number_of

SHOWN = 3
"""Objects that are named before the question."""


class UndoTally:
    """What there is to take back, or was taken back. The numbers are in the walk's counts, which a checkpoint keeps."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.first: list[str] = []
        """URIs of the first of them, those with corrections before others."""

    def add(self, one: Written) -> None:
        self.counts.update({"undone": one.anything, "rows": one.row, "tags": len(one.tags), "corrected": one.corrected})
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
    index: str | None = None


def command() -> Command:
    return Command(
        "undo",
        run,
        Arguments,
        params=[
            place_argument(),
            click.Option(["--dry-run"], is_flag=True, help="say what would be taken back, and write nothing"),
            yes_option(),
            rows_option(),
            format_option(),
        ],
        help="Take back what was written: the tags that are ours, and the rows with all corrections in them. Tags of "
        "yours stay. Detectors' answers are kept, so labelling again costs no call. What would go is shown and asked "
        "about first. If it is interrupted, run it again: it passes over what is done. Of files of "
        f"this machine, file:///..., only rows are taken back.\n\n{settings_needed()}",
        epilog="Exit status: 0 done, 1 some objects failed or the answer was no, 2 wrong use.\n\n"
        + examples("imagelabels undo oss://bucket/2026/ --dry-run", "imagelabels undo oss://bucket/2026/"),
    )


def run(args: Arguments, open_site: Open | None = None) -> int:
    """0 done, 1 some objects failed or a person said no, 2 nobody could be asked."""
    if (status := nobody_to_ask("undo", args.yes or args.dry_run)) is not None:
        return status
    site = (open_site or by_index(args.index))(args.place)
    if args.dry_run:
        return _foreseen(args, site)[0].status()
    with journal_of("undo", args.place, site) as journal:
        if journal.now.agreed:
            going_on(journal)
        elif not args.yes:
            walk, tally = _foreseen(args, site)
            is_wanted = tally.counts["undone"] > 0
            if not is_wanted or not agreed("Undo this?", args.yes):
                journal.finish()
                return REFUSED if is_wanted else walk.status()
        journal.agree()
        walk, tally = _walk(site, args.place, lambda ref: undo(site.tools, ref, deadline()))
        walk.over(journal)
        _print(args, walk, tally, "were")
        return walk.status()


def _foreseen(args: Arguments, site: Site) -> tuple[Walk[Written], UndoTally]:
    walk, tally = _walk(site, args.place, lambda ref: written(site.tools, ref))
    walk.over()
    _print(args, walk, tally, "would be")
    return walk, tally


def _walk(site: Site, place: Place, act: Callable[[ObjectRef], Written]) -> tuple[Walk[Written], UndoTally]:
    tally = UndoTally()
    # Files of this machine have no tags, so those without a row have nothing that could be undone.
    is_local = place.store == "file"
    source = all_recorded(site.index, place) if is_local else everything_there(site.tools.objects, site.index, place)
    return Walk(site, source, act, tally.add, counts=tally.counts), tally


def _print(args: Arguments, walk: Walk[Written], tally: UndoTally, verb: str) -> None:
    asking, undone, corrected = verb == "would be", tally.counts["undone"], tally.counts["corrected"]
    if args.format == "json":
        told = {"prefix": args.place.uri, "foreseen": asking, "objects": walk.objects, "undone": undone}
        counts = {
            "tags": tally.counts["tags"],
            "rows": tally.counts["rows"],
            "corrected": corrected,
            "failed": walk.failed,
        }
        print(one_line(told | counts))
        return
    print(
        f"{escaped(args.place.uri)}\n  {undone} of {walk.objects} objects {verb} undone: "
        f"{number_of(tally.counts['tags'], 'tag')} and {number_of(tally.counts['rows'], 'row')} {verb} removed"
    )
    if asking:
        for uri in tally.first:
            print(f"    {escaped(uri)}")
        if undone > len(tally.first):
            print(f"    and {undone - len(tally.first)} more")
    if corrected:
        go = "go" if asking else "went"
        hold = "holds" if corrected == 1 else "hold"
        print(f"ATTENTION: {corrected} of them {hold} corrections by a person, which {go} too")
