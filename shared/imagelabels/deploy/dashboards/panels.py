"""Lists the panels of the dashboards once, for every target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from imagelabels.domain.outcomes import Reason, State
from imagelabels.views.log_fields import STEPS


@dataclass(frozen=True, slots=True)
class Panel:
    """One query and its picture. In an expression, {name} stands for the field of the log that is called so, and
    {moment} for the time at which the line was logged."""

    name: str
    title: str
    says: str
    columns: Mapping[str, str]
    """The expression of each column of the result, by the column's name."""
    where: str = ""
    """Only lines of which this is true are counted."""
    having: str = ""
    """Only rows of which this is true are shown."""
    by: tuple[str, ...] = ()
    """Lines with the same values in these columns make one row."""
    over_time: bool = True
    """There is a row for every five minutes, and the panel shows lines over time. Otherwise it shows a table."""
    newest: str = ""
    """The rows are sorted by this column, the largest first."""


RECORD = "{state} IS NOT NULL"
"""This is true of lines that tell of a record, and not of a cold start."""

SAVED = (
    f"count_if({{calls_detector}} = 0 AND ({{state}} IN ('{State.LABELLED}', '{State.UNCHANGED}')"
    f" OR {{reason}} = '{Reason.DETECTOR_REFUSED}'))"
)
"""Records that needed an answer of the detector and got a kept one."""

AGAIN = f"'{State.WAITING}', '{State.PARKED}'"
"""A delivery that ends in one of these states may have failed, so that the platform delivers the event again."""


def _count(field: str, values: Iterable[str]) -> dict[str, str]:
    """Count the lines by the value of a field, with a column for each value."""
    return {str(value): f"count_if({{{field}}} = '{value}')" for value in values}


def _percentiles(field: str) -> dict[str, str]:
    return {f"p{share}": f"approx_percentile({{{field}}}, 0.{share})" for share in (50, 95, 99)}


def _steps(share: int) -> Panel:
    return Panel(
        f"steps_p{share}",
        f"Milliseconds per step, p{share}",
        f"{share} of 100 records took no longer for the step. Steps at the same time count in full.",
        {step.removeprefix("ms_"): f"approx_percentile({{{step}}}, 0.{share})" for step in STEPS},
        RECORD,
    )


def _events(name: str, title: str, says: str, having: str) -> Panel:
    columns = {
        "event_id": "{event_id}",
        "uri": "{uri}",
        "deliveries": "count(*)",
        "last_reason": "max_by({reason}, {moment})",
        "last_seen": "max({moment})",
    }
    return Panel(name, title, says, columns, RECORD, having, ("event_id", "uri"), False, "last_seen")


def panels(tries: int) -> list[Panel]:
    """List all panels, for a platform that delivers an event at most `tries` times."""
    return [
        Panel(
            "totals",
            "In all",
            "All records of events in the time that is shown.",
            {
                "records": "count(*)",
                "labelled": f"count_if({{state}} = '{State.LABELLED}')",
                "paid_calls": "sum({paid_calls})",
                "saved_calls": SAVED,
                "skipped": f"count_if({{state}} = '{State.SKIPPED}')",
                "failed": f"count_if({{state}} = '{State.FAILED}')",
                "parked": f"count_if({{state}} = '{State.PARKED}')",
                "waiting": f"count_if({{state}} = '{State.WAITING}')",
            },
            RECORD,
            over_time=False,
        ),
        Panel(
            "outcomes",
            "Pictures by outcome",
            "What became of the records of events.",
            _count("state", [state for state in State if state is not State.UNDONE]),
            RECORD,
        ),
        Panel(
            "calls_paid",
            "Paid calls, and calls that a kept answer saved",
            "Duplicates, copies and corrections take the kept answer.",
            {"paid_calls": "sum({paid_calls})", "saved_calls": SAVED},
            RECORD,
        ),
        Panel(
            "to_mend",
            "Failed and parked, by reason",
            "A person must act: docs/operate.md says how.",
            _count("reason", [reason for reason in Reason if reason.state in (State.FAILED, State.PARKED)]),
            f"{{state}} IN ('{State.FAILED}', '{State.PARKED}')",
        ),
        Panel(
            "waiting",
            "Waiting, by reason",
            "The platform delivers these records again.",
            _count("reason", [reason for reason in Reason if reason.state is State.WAITING]),
            f"{{state}} = '{State.WAITING}'",
        ),
        Panel(
            "throttled",
            "Throttled",
            "The store, the detector or the index refused calls because there were too many.",
            {"throttled": f"count_if({{reason}} = '{Reason.THROTTLED}')", "records": "count(*)"},
            RECORD,
        ),
        Panel("time", "Milliseconds per record", "The whole work on a record.", _percentiles("ms"), RECORD),
        *map(_steps, (50, 95, 99)),
        Panel(
            "calls",
            "Calls by kind",
            "A new picture takes 4 calls to the store, 2 for tags, 5 to the index and 1 to the detector.",
            {kind: f"sum({{calls_{kind}}})" for kind in ("store", "tags", "index", "detector")},
            RECORD,
        ),
        Panel(
            "cold_starts",
            "Cold starts",
            "Instances that started, and half of them took no longer to import and to open.",
            {
                "instances": "count(*)",
                "ms_import": "approx_percentile({ms_import}, 0.5)",
                "ms_open": "approx_percentile({ms_open}, 0.5)",
            },
            "{message} = 'cold start'",
        ),
        Panel(
            "first_records",
            "Milliseconds per record, first of an instance and others, p95",
            "The first record of an instance opens connections.",
            {
                "first": "approx_percentile(CASE WHEN {cold} = 1 THEN {ms} END, 0.95)",
                "others": "approx_percentile(CASE WHEN {cold} IS NULL THEN {ms} END, 0.95)",
            },
            RECORD,
        ),
        Panel(
            "reasons",
            "Outcomes and reasons",
            "How many records ended so.",
            {"state": "{state}", "reason": "{reason}", "records": "count(*)"},
            RECORD,
            by=("state", "reason"),
            over_time=False,
            newest="records",
        ),
        Panel(
            "detectors",
            "Calls to detectors",
            "By detector and model.",
            {
                "detector": "{detector}",
                "model": "{model}",
                "calls": "sum({calls_detector})",
                "paid_calls": "sum({paid_calls})",
                "p95": "approx_percentile({ms_detect}, 0.95)",
            },
            "{calls_detector} > 0",
            by=("detector", "model"),
            over_time=False,
            newest="calls",
        ),
        _events(
            "events_waiting",
            "Events that wait",
            "The last delivery of each of these events ended in waiting.",
            f"max_by({{state}}, {{moment}}) = '{State.WAITING}'",
        ),
        _events(
            "dead_letters",
            "Dead letters",
            f"All {tries} deliveries of these events failed. The queue of failed events has them.",
            f"max_by({{state}}, {{moment}}) IN ({AGAIN}) AND count(*) >= {tries}",
        ),
    ]
