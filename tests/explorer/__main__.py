"""This command explores the scenarios, and then takes the safeguards out of the code one by one: `make explore`.

With the name of a scenario, it explores only this one, and shows each of its settings. Exit status 1: a promise was
broken, or the explorer did not notice that a safeguard was missing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from tests.explorer.planting import plant
from tests.explorer.removed import REMOVED, Removed

BOUND = 15_000
WALKS = 20
"""Runs at random where a scenario has more states than the bound."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make explore", description=__doc__)
    parser.add_argument("scenario", nargs="?", help="explore only this scenario, and show each of its settings")
    parser.add_argument(
        "--bound", type=int, default=BOUND, help=f"visit so many states of a setting in order (default: {BOUND})"
    )
    parser.add_argument(
        "--walks", type=int, default=WALKS, help=f"and beyond them, make so many runs at random (default: {WALKS})"
    )
    parser.add_argument("--without", metavar="SAFEGUARD", help="only take this safeguard out")
    asked = parser.parse_args(arguments)
    try:
        if asked.without:
            return 0 if _is_caught(_removed(asked.without)) else 1
        if asked.scenario:
            return _explored([asked.scenario], asked.bound, asked.walks, in_full=True)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    from tests.explorer.scenarios import SCENARIOS

    wrong = _explored([scenario.name for scenario in SCENARIOS], asked.bound, asked.walks, in_full=False)
    # Each one needs a process of its own, which loads the changed code.
    missed = [removed.name for removed in REMOVED if _without(removed.name)]
    print(f"{len(REMOVED)} safeguards were taken out one by one. Not noticed: {' '.join(missed) or 'none'}")
    return 1 if wrong or missed else 0


def _explored(names: list[str], bound: int, walks: int, in_full: bool) -> int:
    """Explore the scenarios and print their table. Return 1 if a promise was broken."""
    from tests.explorer.scenarios import scenario, with_faults
    from tests.explorer.search import Search

    first = _first_column(names, in_full)
    header = f"{'states':>10}{'moves':>11}{'rests':>7}{'runs':>8}{'broken':>8}{'seconds':>9}  complete"
    print(f"{'scenario':<{first}}{header}")
    totals, broken = [0] * 5, 0
    for name in names:
        sums, exhausted, began = [0] * 5, list[str](), time.perf_counter()
        settings = scenario(name).settings()
        if in_full:
            print(f"{name}: {scenario(name).tells}")
        for faults, redelivers in settings:
            found = Search(scenario(name), with_faults(faults), redelivers).run(bound, walks)
            setting = _named(faults, redelivers)
            numbers = [found.states, found.moves, found.rests, found.runs, len(found.violations)]
            sums = [one + other for one, other in zip(sums, numbers, strict=True)]
            if found.exhausted:
                exhausted.append(setting)
            if in_full:
                print(_row(first, setting, numbers, "yes" if found.exhausted else f"no, and {found.walks} walks"))
            for violation in found.violations.values():
                print(f"BROKEN in {name}, {setting}: {violation.promise}")
                print("".join(f"    {move}\n" for move in violation.schedule), end="")
        totals = [one + other for one, other in zip(totals, sums, strict=True)]
        broken += sums[-1]
        print(
            _row(first, name, sums, f"{len(exhausted)} of {len(settings)}: {'; '.join(exhausted)}", began), flush=True
        )
    print(_row(first, "all", totals, ""))
    return 1 if broken else 0


def _named(faults: str, redelivers: bool) -> str:
    return f"{faults or 'no fault'}{'' if redelivers else ', not redelivered'}"


def _first_column(names: list[str], in_full: bool) -> int:
    """Return the width of the first column, which has the names of scenarios, and of settings where those are shown."""
    from tests.explorer.scenarios import scenario

    settings = [_named(*setting) for name in names for setting in scenario(name).settings()] if in_full else []
    return max(18, *map(len, [*names, *settings])) + 1


def _row(first: int, name: str, numbers: list[int], exhausted: str, began: float | None = None) -> str:
    states, moves, rests, runs, broken = numbers
    seconds = f"{time.perf_counter() - began:.0f}" if began is not None else ""
    return f"{name:<{first}}{states:>10}{moves:>11}{rests:>7}{runs:>8}{broken:>8}{seconds:>9}  {exhausted}"


def _removed(name: str) -> Removed:
    for removed in REMOVED:
        if removed.name == name:
            return removed
    raise ValueError(f"no safeguard is called {name}; these exist: {' '.join(each.name for each in REMOVED)}")


def _without(name: str) -> int:
    """Return the exit status of a process that takes the safeguard out."""
    return subprocess.run([sys.executable, "-m", "tests.explorer", "--without", name], check=False).returncode


def _is_caught(removed: Removed) -> bool:
    """Take the safeguard out, explore, and print what is found and the moves that lead there."""
    if not removed.model:
        plant(removed.name)
    from tests.explorer.scenarios import scenario, with_faults
    from tests.explorer.search import Search

    off = frozenset([removed.name] if removed.model else [])
    search = Search(scenario(removed.scenario), with_faults(removed.faults), removed.redelivers, off)
    found = search.run(removed.bound, WALKS, first_only=True)
    where = f"{removed.scenario}, {removed.faults or 'no fault'}{'' if removed.redelivers else ', not redelivered'}"
    if not found.violations:
        print(f"NOT NOTICED {removed.name}: {where}, {found.states} states", flush=True)
        return False
    violation = next(iter(found.violations.values()))
    moves = f"{len(violation.schedule)} moves{'' if not found.walks else ', not the fewest'}"
    print(f"caught {removed.name}: {where}, {found.states} states, {moves}: {violation.promise}")
    print("".join(f"    {move}\n" for move in violation.schedule), end="", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
