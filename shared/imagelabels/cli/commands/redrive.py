"""`imagelabels redrive`: try again what stands still."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import click

from imagelabels.cli.arguments import Choice, complain, format_option, moment, place_argument, reason_option
from imagelabels.cli.asking import REFUSED, agreed, nobody_to_ask, yes_option
from imagelabels.cli.command import Command, examples
from imagelabels.cli.failed_events import Foreseen, name_unreadable, work_through
from imagelabels.cli.functions import Connect, Handed, connected, function_options, in_groups, print_line
from imagelabels.cli.objects import Site, opened, rows_option, settings_needed
from imagelabels.domain import budget
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.ports import Budget
from imagelabels.ports.failed_events import FailedEvents
from imagelabels.usecases.outcomes import Chosen
from imagelabels.usecases.redrive import Candidate, candidates, end_rest, forget_refusal
from imagelabels.usecases.walk import Place
from imagelabels.views.forms import one_line
from imagelabels.views.layout import print_rows
from imagelabels.views.printing import escaped, number_of, state_text

STATES = (State.PARKED, State.WAITING, State.FAILED, State.SKIPPED)
GROUP = 1000
"""So many refusals are forgotten before the function is given their objects."""

OpenQueue = Callable[[str, str | None, str], FailedEvents]


@dataclass(frozen=True, slots=True)
class Bench:
    """What the command works with."""

    site: Site
    budget: Budget
    price: str | None
    """What a call costs, such as 0.000142 USD."""
    detectors: tuple[str, ...]
    """The names of all detectors that the function may have."""
    now: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Arguments:
    place: Place
    state: str | None
    reason: str
    since: int | None
    until: int | None
    again: bool
    queue: str | None
    dry_run: bool
    yes: bool
    function: str
    through: str | None
    format: str
    index: str | None = None


def command() -> Command:
    return Command(
        "redrive",
        run,
        Arguments,
        params=[
            place_argument(),
            click.Option(
                ["--state"],
                type=Choice(STATES),
                metavar="STATE",
                help=f"only this state: {', '.join(STATES)} (default: all on which work is not done). waiting "
                "means all of these but the parked ones",
            ),
            reason_option("only with this reason, such as forbidden"),
            click.Option(
                ["--since"],
                type=moment,
                metavar="TIME",
                help="only rows that were written then or later. A row that is not finished has no time, and is "
                "tried in any case",
            ),
            click.Option(
                ["--until"],
                type=moment,
                metavar="TIME",
                help="only rows that were written before, and those without a time",
            ),
            click.Option(
                ["--again"],
                is_flag=True,
                help="with --state skipped: forget that the detector refused these pictures, and ask it again, which "
                "is billed",
            ),
            click.Option(
                ["--queue"],
                metavar="NAME",
                help="take the pictures on which the function failed from the platform's queue instead of the index, "
                "and delete each message of which all is recorded (Simple Message Queue)",
            ),
            click.Option(["--dry-run"], is_flag=True, help="say how many there are and what they may cost, and stop"),
            yes_option(),
            *function_options(),
            rows_option(),
            format_option(),
        ],
        help="Give pictures that stand still to the deployed function again, without another upload: when a permission "
        "was given, a bucket was bound, or a service works again. Holds on calls to the detector end first. If it is "
        "interrupted, run it again: it acts on what is still not done. A budget that is spent stays spent.\n\n"
        f"{settings_needed()}",
        epilog="Exit status: 0 all is done, 1 some still stand still, some messages need another look, or the answer "
        "was no, 2 wrong use or no such function or queue.\n\n"
        + examples(
            "imagelabels redrive oss://bucket/ --reason forbidden --dry-run",
            "imagelabels redrive oss://bucket/2026/",
            "imagelabels redrive oss://bucket/2026/ --state skipped --again",
            "imagelabels redrive oss://bucket/ --queue imagelabels-failures",
        ),
    )


def opened_bench(place: Place, index: str | None = None) -> Bench:
    """Open what is needed by the settings in the environment. `index` takes the place of IMAGELABELS_INDEX."""
    from imagelabels import clouds, wiring_commands

    site = opened(place, index)
    return Bench(site, *wiring_commands.budget(index), tuple(clouds.detectors()))


def opened_queue(scheme: str, through: str | None, queue: str) -> FailedEvents:
    """Open the queue by the settings in the environment."""
    from imagelabels import wiring_platforms

    return wiring_platforms.failed_events(scheme, through, queue)


def run(
    args: Arguments,
    open_bench: Callable[[Place], Bench] | None = None,
    connect: Connect = connected,
    open_queue: OpenQueue = opened_queue,
) -> int:
    """0 all is done, 1 some are not or a person said no, 2 wrong use."""
    if wrong := _wrong(args):
        return complain("redrive", wrong)
    if (status := nobody_to_ask("redrive", args.yes or args.dry_run)) is not None:
        return status
    bench = (open_bench or partial(opened_bench, index=args.index))(args.place)
    if args.queue is not None:
        return _run_queue(args, args.queue, bench, connect, open_queue)
    chosen = Chosen(args.state or "", args.reason, args.since, args.until)

    def matching() -> Iterator[Candidate]:
        return candidates(bench.site.index, args.place, chosen, bench.now())

    groups = Counter((one.state, one.reason) for one in matching())
    others = 0 if groups else _otherwise(args, bench)
    _print_foreseen(args, bench, groups, others)
    if args.dry_run or not groups:
        return 0
    if not agreed(f"Give {number_of(groups.total(), 'picture')} to the function {escaped(args.function)}?", args.yes):
        return REFUSED
    platform, invoker = connect(args.place.store, args.through)
    _end_holds(args, bench)
    handed = Handed(bench.site.tools)
    try:
        for group in in_groups(_refs(bench.site, matching(), handed), GROUP):
            if args.again:
                group = _forgotten(bench.site, group, handed)
            handed.hand(args.function, platform, invoker, group)
    except (LabelingError, KeyboardInterrupt):
        # What was done before must not stay unsaid.
        _print_done(args, handed, groups.total() - handed.fine)
        raise
    _print_done(args, handed, handed.left)
    return 1 if handed.left else 0


def _end_holds(args: Arguments, bench: Bench) -> None:
    """Whoever redrives has mended what the holds were for. The function may have another detector than this command."""
    for detector in bench.detectors:
        bench.budget.free(detector, args.place.bucket_uri)


def _run_queue(args: Arguments, queue: str, bench: Bench, connect: Connect, open_queue: OpenQueue) -> int:
    """Redrive what the messages of the queue name."""
    failed = open_queue(args.place.store, args.through, queue)
    foreseen = Foreseen(args.place.uri, queue, args.function, failed.peek())
    calls = foreseen.pictures * bench.site.tools.detector.calls
    foreseen.show(args.format, calls, None if bench.price is None else budget.cost(calls, bench.price))
    if args.dry_run or not (foreseen.pictures or foreseen.has_more):
        for event in foreseen.unreadable:
            name_unreadable(event)
        return 1 if foreseen.unreadable and not args.dry_run else 0
    more = " and those of the messages behind them" if foreseen.has_more else ""
    told_pictures = f"{number_of(foreseen.pictures, 'picture')}{more}"
    if not agreed(f"Give {told_pictures} to the function {escaped(args.function)}?", args.yes):
        return REFUSED
    platform, invoker = connect(args.place.store, args.through)
    _end_holds(args, bench)
    return work_through(failed, foreseen, args.format, bench.site.tools, (args.function, platform, invoker))


def _wrong(args: Arguments) -> str:
    """Say which options do not go together; an empty text if all do."""
    if args.queue is not None and (args.state or args.reason or args.since or args.until or args.again):
        return "--queue takes all messages about pictures below PREFIX: leave out what chooses rows of the index"
    if args.again and args.state != State.SKIPPED:
        return "--again asks about refused pictures once more: it goes with --state skipped"
    if args.state == State.SKIPPED and not args.again:
        return "a skipped picture is done, so the function would leave it: give --again too"
    if args.since is not None and args.until is not None and args.since >= args.until:
        return "no row was written both since --since and before --until: --until must be later"
    return ""


def _otherwise(args: Arguments, bench: Bench) -> int:
    """Return how many pictures of the place stand still whatever was chosen; only asked where something was."""
    if not (args.state or args.reason or args.since or args.until):
        return 0
    return sum(1 for _ in candidates(bench.site.index, args.place, Chosen(), bench.now()))


def _refs(site: Site, those: Iterator[Candidate], handed: Handed) -> Iterator[ObjectRef]:
    """Yield the objects, each when its rest after failures has ended, if it had one."""
    for one in those:
        ref = ObjectRef(one.ref.store, one.ref.bucket, one.ref.key)
        try:
            end_rest(site.tools, one)
        except LabelingError as error:
            handed.fail(ref, error)
        else:
            yield ref


def _forgotten(site: Site, group: list[ObjectRef], handed: Handed) -> list[ObjectRef]:
    """Forget the refusals, and return the objects without those for which that failed: to the function they would still
    be done, and nobody would learn that the detector was not asked."""
    forgotten = list[ObjectRef]()
    for ref, future in [(ref, site.executor.submit(forget_refusal, site.tools, ref)) for ref in group]:
        try:
            future.result()
            forgotten.append(ref)
        except LabelingError as error:
            handed.fail(ref, error)
    return forgotten


def _print_foreseen(args: Arguments, bench: Bench, groups: Counter[tuple[str, str]], others: int) -> None:
    calls = groups.total() * bench.site.tools.detector.calls
    cost = None if bench.price is None else budget.cost(calls, bench.price)
    if args.format == "json":
        counts = [{"state": state, "reason": reason or None, "rows": n} for (state, reason), n in groups.items()]
        form = {"prefix": args.place.uri, "foreseen": True, "pictures": groups.total(), "counts": counts}
        print(one_line(form | {"most_calls": calls, "most_cost": cost}))
        return
    print(escaped(args.place.uri))
    rows = sorted(groups.items(), key=lambda item: (-item[1], item[0]))
    print_rows((f"  {number}", escaped(state_text(state, reason or None))) for (state, reason), number in rows)
    if not groups:
        print_line(f"  {_nothing(others)}")
        return
    price = (
        f", which {'costs' if calls == 1 else 'cost'} {cost}"
        if cost
        else " (IMAGELABELS_CALL_PRICE says what one costs)"
    )
    print_line(f"  at most {number_of(calls, 'call')} to the detector{price}")


def _nothing(others: int) -> str:
    if not others:
        return "nothing stands still here"
    verb = "stands" if others == 1 else "stand"
    return (
        f"nothing that was asked for stands still here, but {number_of(others, 'picture')} {verb} still: "
        "`imagelabels outcomes PREFIX --state unfinished` lists them with their reasons"
    )


def _print_done(args: Arguments, handed: Handed, left: int) -> None:
    if args.format == "json":
        form = {"prefix": args.place.uri, "foreseen": False, "states": dict(handed.states), "failed": handed.failed}
        print(one_line(form | {"paid_calls": handed.paid_calls, "left": left}))
        return
    became = ", ".join(f"{number} {state}" for state, number in sorted(handed.states.items())) or "none was answered"
    print_line(f"{became}; {number_of(handed.paid_calls, 'paid call')}; {left} still not done")
