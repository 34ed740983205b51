"""Shows what `imagelabels outcomes` lists and counts: JSON, rows for people, and the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from imagelabels.domain.model import ImageRecord
from imagelabels.domain.moments import milliseconds, shown
from imagelabels.ports import Unfinished
from imagelabels.views.forms import Form, moment
from imagelabels.views.printing import escaped, state_text

if TYPE_CHECKING:
    from imagelabels.domain.tally import DetectorSpending, Group


def outcome_row_json(record: ImageRecord) -> Form:
    """Show what became of an object."""
    return {
        "uri": record.ref.uri,
        "state": record.state,
        "reason": record.reason,
        "notes": list(record.notes),
        "updated_at": moment(record.updated_at) if record.updated_at else None,
    }


def unfinished_json(row: Unfinished) -> Form:
    """Show an object on which work is not done."""
    return {
        "uri": row.ref.uri,
        "state": row.state,
        "reason": row.reason,
        "lock_ends_at": moment(round(row.lock_until * 1000)) if row.lock_until is not None else None,
    }


def lines(form: Form, on_terminal: bool) -> list[str]:
    """Return the URI on a line of its own, so that it can be copied whole, and the rest below it; in a pipe, one line
    with tabs."""
    state = form["state"] or "died"
    if form.get("lock_ends_at"):
        text = f"{state_text(state, form['reason'])}, locked until {_read(form['lock_ends_at'])}"
    else:
        text = state_text(state, form["reason"], form.get("notes", ()))
    parts = [escaped(text), *([_read(form["updated_at"])] if form.get("updated_at") else [])]
    uri = escaped(form["uri"])
    return [uri, f"    {', '.join(parts)}"] if on_terminal else ["\t".join((uri, *parts))]


def _read(iso: str) -> str:
    """Write a moment as people read it in all lists."""
    return shown(milliseconds(iso))


def counts_json(groups: Sequence[Group], spending: Sequence[DetectorSpending]) -> Form:
    """Show all counts, and the budget of each detector."""
    return {
        "counts": [{"state": group.state, "reason": group.reason or None, "rows": group.rows} for group in groups],
        "budgets": [budget_json(one) for one in spending],
    }


def budget_json(one: DetectorSpending) -> Form:
    """Show what was spent on a detector, and how much may be."""
    return {
        "detector": one.detector,
        "calls": one.spent.total,
        "calls_limit": one.limits.total,
        "calls_today": one.spent.today,
        "calls_today_limit": one.limits.per_day,
        "rate_limit": one.limits.per_second,
        "holds": [
            {"bucket": bucket, "reason": hold.reason, "until": moment(round(hold.until * 1000))}
            for bucket, hold in sorted(one.spent.holds.items())
        ],
    }


def count_rows(groups: Sequence[Group], spending: Sequence[DetectorSpending]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each number, and one for each hold."""
    for group in groups:
        yield str(group.rows), escaped(state_text(group.state, group.reason or None))
    for one in spending:
        for count, limit, when in (
            (one.spent.total, one.limits.total, "in all"),
            (one.spent.today, one.limits.per_day, "today"),
        ):
            of = (
                "no limit is set here"
                if limit is None
                else f"of {limit}, which is spent"
                if count >= limit
                else f"of {limit}"
            )
            yield str(count), f"{'call' if count == 1 else 'calls'} to {one.detector} {when}, {of}"
        for bucket, hold in sorted(one.spent.holds.items()):
            until = shown(round(hold.until * 1000))
            yield "hold", f"{one.detector} on {escaped(bucket)}: {escaped(hold.reason)}, until {until}"


_Samples = Iterable[tuple[Mapping[str, str], float]]
"""Labels with a value."""


def prometheus(
    groups: Iterable[Group], by_bucket: Mapping[str, Iterable[Group]], spending: Sequence[DetectorSpending]
) -> str:
    """Write the counts in the text format: https://prometheus.io/docs/instrumenting/exposition_formats/"""
    rows = (({"state": group.state, "reason": group.reason}, group.rows) for group in groups)
    unfinished = (
        ({"bucket": bucket, "state": group.state, "reason": group.reason}, group.rows)
        for bucket, those in by_bucket.items()
        for group in those
    )
    total = (({"detector": one.detector}, one.spent.total) for one in spending)
    today = (({"detector": one.detector}, one.spent.today) for one in spending)
    metrics = (
        _metric("pictures", "gauge", "Rows of the index by state and reason.", rows),
        _metric("unfinished_pictures", "gauge", "Parked and waiting rows by bucket.", unfinished),
        _metric("detector_calls_total", "counter", "Calls that were counted against the budget.", total),
        _metric("detector_calls_today", "gauge", "Those of the present day in UTC.", today),
        _metric(
            "detector_calls_limit", "gauge", "The calls that the settings of this command allow.", _limits(spending)
        ),
        _metric(
            "detector_held_until_seconds",
            "gauge",
            "No call is made for the bucket until this time, in seconds since 1970.",
            _holds(spending),
        ),
    )
    return "".join(f"{line}\n" for metric in metrics for line in metric)


def _limits(spending: Iterable[DetectorSpending]) -> _Samples:
    for one in spending:
        limits = {"total": one.limits.total, "day": one.limits.per_day, "second": one.limits.per_second}
        for period, limit in limits.items():
            if limit is not None:
                yield {"detector": one.detector, "period": period}, limit


def _holds(spending: Iterable[DetectorSpending]) -> _Samples:
    for one in spending:
        for bucket, hold in sorted(one.spent.holds.items()):
            yield {"detector": one.detector, "bucket": bucket, "reason": hold.reason}, hold.until


def _metric(name: str, kind: str, says: str, samples: _Samples) -> Iterator[str]:
    yield f"# HELP imagelabels_{name} {says}"
    yield f"# TYPE imagelabels_{name} {kind}"
    for labels, value in samples:
        inner = ",".join(f'{label}="{_quoted(text)}"' for label, text in labels.items())
        yield f"imagelabels_{name}{{{inner}}} {value:.15g}"


def _quoted(text: str) -> str:
    """Write a label's value on one line that no terminal obeys.

    The format knows the escapes of a backslash, a quote and a line end only. For another one, a collector refuses the
    whole file.
    """
    return escaped(text).replace("\\", "\\\\").replace('"', '\\"')
