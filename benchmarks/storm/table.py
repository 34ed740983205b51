"""Prints what a storm came to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from benchmarks.storm.findings import KINDS, Verdict
from benchmarks.storm.index_calls import counted
from benchmarks.storm.options import Options
from benchmarks.storm.storming import Storm

SHOWN = 10
"""So many findings of a kind are printed in full."""


def lines(options: Options, storm: Storm, verdict: Verdict, calm: Storm | None) -> Iterator[str]:
    """Yield the lines of the table, some calls that were paid for again with their causes, and then the findings."""
    for name, value in _facts(options, storm, verdict, calm):
        yield f"{name:<42} {value}"
    for repeat in verdict.repeats[:SHOWN]:
        yield f"paid again, {repeat.kind}: {repeat.where}: {repeat.text}"
    for kind, text in KINDS.items():
        found = [finding for finding in verdict.findings if finding.kind == kind]
        for finding in found[:SHOWN]:
            yield f"HARM, {text}: {finding.where}: {finding.text}"
        if len(found) > SHOWN:
            yield f"HARM, {text}: {len(found) - SHOWN} more"


def short(options: Options, storm: Storm, verdict: Verdict, calm: Storm | None) -> str:
    """Return the line about a storm for a list of results."""
    beyond = verdict.counts["paid calls"] - verdict.counts["distinct contents"]
    harm = ", ".join(f"{kind} {verdict.harm(kind)}" for kind in KINDS)
    return (
        f"storm, {_setting(options)}: {len(storm.evidence.operations)} operations, {storm.invocations} invocations, "
        f"{_listed(storm.met)}; harm: {harm}; user tags within the round trip "
        f"{verdict.counts['user tags harmed within the round trip']}; {verdict.counts['paid calls']} paid calls, "
        f"{beyond} beyond the distinct ones ({_listed(verdict.causes)}); dead letters {storm.dead_letters}, "
        f"left {verdict.harm('dead')}; {storm.rest:.0f} s to rest{_beside(storm, calm)}"
    )


def _facts(options: Options, storm: Storm, verdict: Verdict, calm: Storm | None) -> Iterator[tuple[str, object]]:
    counts, harm = verdict.counts, verdict.harm
    yield "storm", _setting(options)
    yield "operations", len(storm.evidence.operations)
    yield "invocations (cold starts)", f"{storm.invocations} ({storm.cold_starts})"
    yield "kills", storm.met.get("kill", 0)
    yield "stops", storm.met.get("stop", 0)
    yield "faults", _listed({name: count for name, count in storm.met.items() if name not in ("kill", "stop")})
    yield "lost", harm("lost")
    yield "stale", harm("stale")
    yield "rows of removed objects", harm("removed")
    yield "user tags harmed within the round trip", counts["user tags harmed within the round trip"]
    yield "user tags harmed outside it", harm("tags")
    yield "paid calls (distinct contents)", f"{counts['paid calls']} ({counts['distinct contents']})"
    yield "paid beyond, by cause", _listed(verdict.causes)
    yield "events without an outcome", harm("outcome")
    yield "dead letters", storm.dead_letters
    yield "healed by redrive", storm.dead_letters - harm("dead")
    for name, count in sorted(counts.items()):
        if name.startswith(("outcomes", "rows", "labels")):
            yield name, count
    yield "seconds of the clients", f"{storm.clients:.0f}"
    yield "seconds to rest", f"{storm.rest:.0f}{_beside(storm, calm)}"
    yield from _index(options, storm)


def _index(options: Options, storm: Storm) -> Iterator[tuple[str, object]]:
    if options.index != "tablestore":
        return
    loud, quiet = counted(storm.evidence.calls), counted(storm.quiet)
    yield "index requests of a delivery in the storm", f"{loud.each:.1f} ({_listed(loud.operations)})"
    yield "of these, without polls", f"{loud.each_without_polls:.1f}"
    yield "index requests of an ordinary event", f"{quiet.each:.1f} ({_listed(quiet.operations)})"
    each = f"{loud.while_polling / loud.polls:.2f}" if loud.polls else "none was needed"
    yield "index requests of a poll", f"{each} ({loud.polls} polls)"


def _beside(storm: Storm, calm: Storm | None) -> str:
    if calm is None:
        return ""
    return f", {storm.rest / calm.rest:.1f} times the {calm.rest:.0f} s of the same storm without faults"


def _setting(options: Options) -> str:
    without = f", without {options.without}" if options.without else ""
    contended = ", contended" if options.profile == "contended" else ""
    return f"{options.index}, {options.detector}, faults {options.faults}{contended}, seed {options.seed}{without}"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()) if count) or "none"
