"""Shows what came of a backfill: as lines for people, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from imagelabels.cli.backfilling import Backfilling
from imagelabels.cli.walk_line import money
from imagelabels.views.forms import Form
from imagelabels.views.printing import escaped, number_of


def ran_json(ran: Backfilling, price: str | None) -> Form:
    """Show the sums over all resumes of a run."""
    return {
        "prefix": ran.place.uri,
        "objects": ran.counts["objects"],
        "fates": _group(ran.counts, "fate"),
        "states": _group(ran.counts, "state"),
        "reasons": _group(ran.counts, "reason"),
        "paid_calls": _paid_calls(ran),
        "cost": money(_paid_calls(ran), price) or None,
        "stopped_by": ran.ended_by,
    }


def ran_lines(ran: Backfilling, price: str | None, limits: str) -> Iterator[str]:
    """Say it in lines. `limits` are the names of the options that limit the run."""
    counts, cost = ran.counts, money(_paid_calls(ran), price)
    states, fates, reasons = (_group(counts, kind) for kind in ("state", "fate", "reason"))
    yield escaped(ran.place.uri)
    if counts["objects"]:
        done = f"{fates.get('done', 0):,} of them done before"
        yield f"  {number_of(counts['objects'], 'object')}, {done}: {_enumerated(states)}"
    else:
        yield "  nothing is there" if ran.stopped_by is None else "  nothing was done yet"
    yield f"  {number_of(_paid_calls(ran), 'paid call')}{f', {cost}' if cost else ''}"
    if reasons:
        yield f"  why some stand still: {_enumerated(reasons)}"
    if ran.left:
        yield f"  stopped by {limits}: the same command with a higher limit goes on"
    elif ran.ended_by == "budget":
        yield f"  stopped by {_budget(ran.spent_settings())}"


def _budget(spent: tuple[str, ...]) -> str:
    """Say which budget is spent, and when there is room again. Functions elsewhere have settings of their own."""
    if len(spent) != 1:
        names = f"IMAGELABELS_BUDGET_PER_DAY {'and' if spent else 'or'} IMAGELABELS_BUDGET_TOTAL"
        return f"the budget of the settings, {names}: the same command goes on when there is room"
    if spent[0].endswith("PER_DAY"):
        return (
            f"the budget of the settings, {spent[0]}: there is room again from 00:00 UTC, and the same command goes on"
        )
    return f"the budget of the settings, {spent[0]}: raise it, and the same command goes on"


def _paid_calls(ran: Backfilling) -> int:
    """Return the calls that the report tells; a run with a limit has counted those too whose answer was lost."""
    return max(ran.counts["paid_calls"], ran.limit.taken if ran.limit is not None else 0)


def _enumerated(counts: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in counts.items())


def _group(counts: Counter[str], kind: str) -> dict[str, int]:
    begins = f"{kind}:"
    return {name.removeprefix(begins): n for name, n in sorted(counts.items()) if name.startswith(begins)}
