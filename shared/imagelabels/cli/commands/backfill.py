"""`imagelabels backfill`: label the pictures that are in a bucket already."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagelabels import clouds
from imagelabels.cli import sources, ways
from imagelabels.cli.arguments import complain, format_option, object_ref, path_option, place_argument, rows
from imagelabels.cli.asking import REFUSED, agreed, nobody_to_ask, yes_option
from imagelabels.cli.backfill_sum import ran_json, ran_lines
from imagelabels.cli.backfilling import Backfilling
from imagelabels.cli.command import Command, examples
from imagelabels.cli.dry_run import (
    DryRun,
    billed,
    dry_run,
    dry_run_options,
    foretell,
    not_foretold,
    only_foretold,
    price_of_call,
)
from imagelabels.cli.functions import Connect, connected
from imagelabels.cli.journal import STDOUT, Journal, default_path
from imagelabels.cli.limits import calls, most_calls
from imagelabels.cli.objects import opened, rows_option, settings_needed
from imagelabels.cli.reaching import reach_index
from imagelabels.cli.walk_line import WalkLine
from imagelabels.cli.walks import going_on, interrupted, policy_digest
from imagelabels.domain.checkpoint import Task
from imagelabels.domain.model import ObjectRef
from imagelabels.ports import ObjectStore
from imagelabels.usecases.run_budget import CallLimit, CountedLimit, RunBudget
from imagelabels.usecases.walk import Place, Share, share
from imagelabels.usecases.walking import Source
from imagelabels.views.forms import one_line
from imagelabels.views.layout import say
from imagelabels.views.printing import number_of

if TYPE_CHECKING:
    from imagelabels.wiring_commands import Billing, LabelingHere

LIMITED = 3
"""The exit status where a limit of its own, or the budget of the settings, stopped the command."""

MOST_RATE, MOST_AT_ONCE = 100_000, 64


@dataclass(frozen=True, slots=True)
class Arguments:
    place: Place
    inventory: ObjectRef | None
    checkpoint: Path | None
    report: Path | None
    max_calls: int | None
    max_cost: str | None
    rate: int | None
    concurrency: int
    yes: bool
    through: str | None
    function: str | None
    slice: Share | None
    format: str
    dry_run: bool = False
    quick: bool = False
    tags: bool = False
    price: str | None = None
    prices: Path | None = None
    index: str | None = None


Open = Callable[[str, int, int | None], "LabelingHere"]


def command() -> Command:
    return Command(
        "backfill",
        run,
        Arguments,
        params=[
            place_argument(),
            click.Option(
                ["--inventory"],
                type=object_ref,
                metavar="URI",
                help="read the objects from this inventory, whose manifest.json is named, and do not list the bucket",
            ),
            click.Option(["--max-calls"], type=calls, metavar="N", help="make at most so many calls to the detector"),
            click.Option(
                ["--max-cost"], metavar="AMOUNT", help="make no more calls than this pays for, such as '2.50 USD'"
            ),
            click.Option(
                ["--rate"],
                type=rows(MOST_RATE),
                metavar="N",
                help="call the detector at most so often in a second (default: IMAGELABELS_RATE)",
            ),
            click.Option(
                ["--concurrency"],
                type=rows(MOST_AT_ONCE),
                default=16,
                show_default=True,
                metavar="N",
                help="work on so many objects at once",
            ),
            *ways.way_options(),
            click.Option(
                ["--slice"],
                type=share,
                metavar="I/N",
                help="take only the I-th of N parts of the objects, 0 to N-1, so that N machines share them",
            ),
            path_option("--checkpoint", "FILE", "remember here how far it is (default: a file in your state folder)"),
            path_option("--report", "FILE", "write a line of JSON for each object; - for the standard output"),
            *dry_run_options(),
            yes_option(),
            rows_option(),
            format_option(),
        ],
        help="Label the pictures that were in a bucket before the function was there. What is labelled already for its "
        "present content and policy is passed over, and the same content is paid for once. If it is stopped, by Ctrl-C "
        "or by anything else, the same command goes on where it was. It asks before it pays, unless --yes or a limit "
        f"is given. With --max-calls 0 it does what costs no call. With --dry-run it tells what it would do and what "
        f"that would cost, and calls no detector.\n\n{settings_needed()}",
        epilog="Exit status: 0 all is done, 1 some objects failed or wait or the answer was no, 2 wrong use or nothing "
        "can be done, 3 a limit stopped it.\n\n"
        + examples(
            "imagelabels backfill oss://bucket/2026/ --dry-run",
            "imagelabels backfill oss://bucket/2026/ --max-cost '5.00 USD'",
            "imagelabels backfill oss://bucket/2026/ --through fc --yes",
            "imagelabels backfill oss://bucket/ --inventory oss://lists/.../manifest.json",
        ),
    )


def labeling(scheme: str, concurrency: int, rate: int | None, index: str | None = None) -> LabelingHere:
    """Open what labels by the settings in the environment. `index` takes the place of IMAGELABELS_INDEX."""
    from imagelabels import wiring_commands

    return wiring_commands.labeling(scheme, concurrency, rate, index)


def run(
    args: Arguments,
    open_labeling: Open | None = None,
    bill_by: Callable[[str], Billing] | None = None,
    connect: Connect = connected,
) -> int:
    """Return the exit status that the help explains."""
    if (wrong := _wrong_use(args)) is not None:
        return complain("backfill", wrong)
    if args.dry_run:
        return _foretell(args)
    bill_by = bill_by or partial(billed, index=args.index)
    price = price_of_call(_dry_run(args), bill_by(args.place.store))
    limit = most_calls(args.max_calls, args.max_cost, price)
    here = (open_labeling or partial(labeling, index=args.index))(args.place.store, args.concurrency, args.rate)
    is_answered = args.yes or limit is not None or not here.labeler.detector.paid
    if (status := nobody_to_ask("backfill", is_answered)) is not None:
        return status
    reach_index(here.labeler.tools, args.place)
    if not ways.platform_of(args.through):
        here.check()  # Functions have settings of their own.
    function = None
    if args.through is not None and not ways.is_cluster(args.through):
        function = ways.by_function(args.place.store, args.through, args.function, here, connect)
    with _journal(args, here) as journal:
        if journal.resumed:
            going_on(journal)
            if journal.other_policy:
                say("the policy has changed: objects that are done keep the old one until the next run, or `relabel`")
        if not (is_answered or journal.now.agreed) and not _agreed(args, here, journal, bill_by):
            return REFUSED
        ran = _backfilling(args, here, journal, limit, price, function)
        ran.run()
        _print(args, price, ran)
        if ran.stopped_by == "signal":
            interrupted(journal)
        return _status(ran)


def _wrong_use(args: Arguments) -> str | None:
    """Say what does not fit together; None if all does."""
    if args.place.store == clouds.files_store().scheme:
        return "it labels objects of a bucket: `imagelabels detect` labels files of this machine"
    if args.inventory is not None and args.inventory.store != args.place.store:
        return f"--inventory: {args.inventory.uri} is in another store than {args.place.uri}"
    unused = not_foretold(args.report, args.checkpoint, args.max_calls, args.max_cost)
    if args.dry_run and unused is not None:
        return f"{unused} is for a run and not for --dry-run, which does nothing: leave one of the two out"
    if not args.dry_run and (name := only_foretold(args.quick, args.tags)) is not None:
        return f"{name} is for --dry-run alone"
    return ways.wrong_use(args.through, args.function, args.max_calls, args.rate)


def _dry_run(args: Arguments, quick: bool = False) -> DryRun:
    through, quick = ways.platform_of(args.through), quick or args.quick
    return DryRun(quick, args.tags, args.price, args.prices, args.concurrency, args.rate, args.format, through)


def _foretell(args: Arguments) -> int:
    """Print the bill, with what commands work with that ask no detector."""
    reach_index(tools := opened(args.place, args.index).tools, args.place)
    source, bill_by = _source(args, tools.objects), partial(billed, index=args.index)
    return dry_run(tools, args.place, source, _dry_run(args), args.inventory is None, bill_by)


def _agreed(args: Arguments, here: LabelingHere, journal: Journal, bill_by: Callable[[str], Billing]) -> bool:
    """Show the short bill, and ask whether it may be paid."""
    tools = here.labeler.tools
    asked = _dry_run(args, quick=True)
    bill = foretell(tools, args.place, _source(args, tools.objects), asked, args.inventory is None, bill_by)
    journal.expect(bill.tally.objects)
    calls = f"{bill.bound(is_exact=False)}{number_of(bill.calls, 'call')}"
    if bill.calls and not agreed(f"Begin, and pay for {calls}?", False):
        return False
    journal.agree()
    return True


def _journal(args: Arguments, here: LabelingHere) -> Journal:
    part = f":{args.slice}" if args.slice is not None else ""
    source = f"list{part}"
    if args.inventory is not None:
        head = here.labeler.tools.look(args.inventory).head
        source = f"inventory{part} {args.inventory.uri} {head.etag if head is not None else ''}"
    setting, policy = here.labeler.detector.setting, policy_digest(here.labeler.tools)
    task = Task("backfill", args.place.uri, source, here.index_url, setting, policy)
    return Journal(args.checkpoint or default_path(task, os.environ), task, args.report)


def _source(args: Arguments, objects: ObjectStore) -> Source:
    return sources.source(args.place, args.inventory, args.slice, objects)


def _backfilling(
    args: Arguments,
    here: LabelingHere,
    journal: Journal,
    limit: int | None,
    price: str | None,
    function: ways.Way | None,
) -> Backfilling:
    way, labeler, counted = function, here.labeler, _counted(here, journal, limit)
    run_limit: CallLimit | None = counted
    if counted is not None and args.through is None:
        labeler = replace(labeler, budget=counted)
    elif counted is not None:  # The calls are made elsewhere, and are known when they are told.
        run_limit = CountedLimit(counted.most, counted.taken, knows_former=ways.is_cluster(args.through))
    if ways.is_cluster(args.through):
        most = None if counted is None else counted.most_counted
        way = ways.by_cluster(args.through, args.place.store, here, args.rate, journal.now.run, most)
    return Backfilling(
        labeler,
        args.place,
        _source(args, here.labeler.tools.objects),
        journal,
        WalkLine(journal.now.total or None, price),
        ways.here(here) if way is None else way.run_pass,
        grows=args.inventory is None,
        limit=run_limit,
        counts=Counter(journal.now.counts),
        give_up=None if way is None else way.give_up,
    )


def _counted(here: LabelingHere, journal: Journal, limit: int | None) -> RunBudget | None:
    """Return the count of the run's calls in the index, with its limit; None if it has none."""
    now, reported = here.labeler.tools.time.now(), journal.now.counts.get("paid_calls", 0)
    return None if limit is None else RunBudget(here.labeler.budget, journal.now.run, limit, now, reported)


def _print(args: Arguments, price: str | None, ran: Backfilling) -> None:
    given = {"--max-calls": args.max_calls, "--max-cost": args.max_cost}
    limits = " and ".join(name for name, value in given.items() if value is not None)
    on_stdout = str(args.report) != STDOUT
    if args.format == "json" and on_stdout:
        print(one_line(ran_json(ran, price)))
    else:
        for text in ran_lines(ran, price, limits):
            words = text.lstrip(" ")
            say(words, sys.stdout if on_stdout else sys.stderr, " " * (len(text) - len(words)))


def _status(ran: Backfilling) -> int:
    if ran.ended_by is not None:
        return LIMITED
    return 1 if any(ran.counts[f"state:{state}"] for state in ("waiting", "parked", "failed")) else 0
