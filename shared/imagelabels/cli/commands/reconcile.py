"""`imagelabels reconcile`: find and repair where pictures, tags and index do not agree."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import click

from imagelabels import clouds
from imagelabels.cli.arguments import complain, format_option, place_argument
from imagelabels.cli.command import Command, examples
from imagelabels.cli.functions import Connect, Handed, connected, function_options, print_line
from imagelabels.cli.objects import Open, Site, by_index, deadline, rows_option, settings_needed
from imagelabels.cli.walks import Walk, going_on, journal_of, policy_digest
from imagelabels.clouds import FunctionPlatform
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.invocations import MOST_OBJECTS
from imagelabels.domain.model import ObjectRef
from imagelabels.ports.invoker import Invoker
from imagelabels.usecases.drift import Compared, compare, repair
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.walk import Place, everything_there, without
from imagelabels.views.forms import one_line
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped, number_of


@dataclass(frozen=True, slots=True)
class Arguments:
    place: Place
    repair: bool
    function: str
    through: str | None
    format: str
    index: str | None = None


class Tally:
    """What was found and repaired so far. The numbers are in `counts`, which a checkpoint keeps."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.paid: list[ObjectRef] = []
        """These objects wait until there are enough of them for an event: they may need a call to the detector."""

    @property
    def left(self) -> int:
        """Return how many objects still do not agree."""
        return self.counts["drifted"] - self.counts["repaired"] - self.counts["handed"]

    @property
    def drifts(self) -> dict[str, int]:
        begins = "drift:"
        return {name.removeprefix(begins): n for name, n in self.counts.items() if name.startswith(begins)}

    def add(self, compared: Compared, repaired: bool) -> None:
        self.counts.update(["drifted", *(f"drift:{drift.value}" for drift in compared.drifts)])
        self.counts["repaired"] += repaired


def command() -> Command:
    return Command(
        "reconcile",
        run,
        Arguments,
        params=[
            place_argument(),
            click.Option(
                ["--repair"],
                is_flag=True,
                help="repair it: from the kept answer where there is one, and else by the function, which may call the "
                "detector",
            ),
            *function_options(),
            rows_option(),
            format_option(),
        ],
        help="Compare all pictures, their tags and their rows, and list what does not agree: no_row (nothing is "
        "recorded of a picture), no_object (a row without its picture), other_content (a row of another content), tags "
        "(tags of ours are missing or stale), not_finished (work is not done), policy (chosen by another policy), "
        "damaged (the row cannot be read). "
        "Nothing is paid or written without --repair. Pictures that a function works on just now are left out.\n\n"
        f"{settings_needed()}",
        epilog="Exit status: 0 all agree or were repaired, 1 some do not, 2 wrong use. So a scheduler can run it, and "
        "tell somebody if it is not 0.\n\n"
        + examples("imagelabels reconcile oss://bucket/2026/", "imagelabels reconcile oss://bucket/ --repair"),
    )


def run(args: Arguments, open_site: Open | None = None, connect: Connect = connected) -> int:
    """0 all agree or were repaired, 1 some do not."""
    site = (open_site or by_index(args.index))(args.place)
    if args.repair and not _has_function(args) and (why_not := _not_mounted(site, args.place)):
        return complain("reconcile", why_not)
    tally = Tally()
    hand = _handing(args, tally, connect, site.tools)

    def take(result: tuple[Compared, bool]) -> None:
        compared, repaired = result
        if not compared.drifts:
            return
        tally.add(compared, repaired)
        walk.line.wipe()
        _print(args, compared)
        if args.repair and not repaired:
            tally.paid.append(compared.ref)
            if len(tally.paid) == MOST_OBJECTS:
                hand()

    def settled() -> None:
        if tally.paid:
            walk.line.wipe()
            hand()

    source = without(everything_there(site.tools.objects, site.index, args.place), site.own_files)
    walk = Walk(site, source, lambda ref: _act(site, ref, args.repair), take, settled, tally.counts)
    name = "reconcile --repair" if args.repair else "reconcile"
    with journal_of(name, args.place, site, policy_digest(site.tools)) as journal:
        if journal.resumed:
            going_on(journal)
        try:
            walk.over(journal)
        except LabelingError:
            _print_sum(args, walk, tally)  # What was done before the error must not stay unsaid.
            raise
    _print_sum(args, walk, tally)
    return 1 if tally.left or walk.status() else 0


def _not_mounted(site: Site, place: Place) -> str:
    """Say why no row of a file may be removed here; an empty text where it may be.

    Where no file is, a disk may not be mounted, and a row holds what a person said about a picture.
    """
    stays = "`imagelabels undo file:///...` removes the rows of files that are gone for good"
    if place.prefix and not place.prefix.endswith("/"):
        if site.tools.look(ObjectRef(place.store, place.bucket, place.prefix)).head is None:
            return f"there is no file {place.uri}: name a folder, with a slash at its end. {stays}"
    elif next(site.tools.objects.list(place.bucket, place.prefix), None) is None:
        return f"there is no file in {place.uri}, so a disk may not be mounted, and nothing is repaired. {stays}"
    return ""


def _act(site: Site, ref: ObjectRef, repairs: bool) -> tuple[Compared, bool]:
    compared = compare(site.tools, ref)
    if not (repairs and compared.drifts and compared.free):
        return compared, False
    return compared, repair(site.tools, ref, deadline())


def _handing(args: Arguments, tally: Tally, connect: Connect, by: Tools) -> Callable[[], None]:
    """Return what gives the objects that wait to the function. It connects when it is needed first."""
    connection: list[tuple[FunctionPlatform, Invoker]] = []

    def hand() -> None:
        if tally.paid and not _has_function(args):
            say(f"{number_of(len(tally.paid), 'file')} must be labelled anew: {_cure(args)}")
            tally.paid.clear()
        elif tally.paid:
            if not connection:
                connection.append(connect(args.place.store, args.through))
            platform, invoker = connection[0]
            handed = Handed(by)
            try:
                handed.hand(args.function, platform, invoker, tally.paid)
            finally:
                tally.paid.clear()
                tally.counts.update({"handed": handed.fine, "paid_calls": handed.paid_calls})

    return hand


def _has_function(args: Arguments) -> bool:
    return bool(clouds.provider_of(args.place.store).platforms)


def _cure(args: Arguments) -> str:
    """Return the command that labels files of this machine, which no function does."""
    folder = escaped(shlex.quote(f"/{args.place.prefix}"))
    if args.index:
        return f"`imagelabels detect {folder} --index {escaped(shlex.quote(args.index))}` does it"
    return f"`imagelabels detect {folder} --index URL` does it, with the URL of IMAGELABELS_INDEX"


def _print(args: Arguments, compared: Compared) -> None:
    names = [drift.value for drift in compared.drifts]
    if args.format == "json":
        print(one_line({"uri": compared.ref.uri, "drift": names, "needs_call": not compared.free}))
    else:
        print(f"{' '.join(names)}\t{escaped(compared.ref.uri)}")


def _print_sum(args: Arguments, walk: Walk[tuple[Compared, bool]], tally: Tally) -> None:
    repaired = tally.counts["drifted"] - tally.left
    if args.format == "json":
        form = {
            "prefix": args.place.uri,
            "objects": walk.objects,
            "drifted": tally.counts["drifted"],
            "repaired": repaired,
        }
        counts = {"drift": tally.drifts, "failed": dict(walk.failed), "paid_calls": tally.counts["paid_calls"]}
        print(one_line(form | counts))
        return
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(tally.drifts.items()))
    verb = "does" if tally.counts["drifted"] == 1 else "do"
    which = f" ({kinds})" if kinds else ""
    text = f"{number_of(walk.objects, 'object')}, {tally.counts['drifted']} {verb} not agree{which}"
    print_line(f"{text}, {repaired} repaired" if args.repair else text)
