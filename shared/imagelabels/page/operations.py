"""What became of all pictures: counts by state, by day and by reason, what they cost, and those that stand still."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from imagelabels.domain.moments import moment
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.query import STATES
from imagelabels.page import answers, budget
from imagelabels.page.answers import Answer
from imagelabels.page.picture import there
from imagelabels.page.tiles import Tile
from imagelabels.page.visit import Refusal, Visit
from imagelabels.usecases import gallery as use
from imagelabels.usecases.gallery import Question
from imagelabels.usecases.outcomes import spending

DAY = 24 * 3600 * 1000

DAYS = 14
"""The chart shows so many days. Each of them costs a count."""

FEW = 20_000
"""Up to so many pictures are counted by day without being asked, since that takes a moment only."""

REASONS = 20
"""So many reasons are shown."""

LATEST = 5
"""So many of the pictures that stand still are shown for each state."""

STILL = ("failed", "parked", "waiting")
"""The states of pictures that somebody may have to help."""

TALL = 144
"""The highest bar of the chart is so high."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a day's bar: how many pictures are in a state, and where it stands above the line of the chart."""

    state: str
    count: int
    begins: float
    height: float


@dataclass(frozen=True, slots=True)
class Still:
    """A picture that stands still. It `is_due` if it will be tried again soon, `helps` tells whether it makes a
    difference to ask for that, and `at_once` whether a function would then get it."""

    tile: Tile
    is_due: bool
    helps: bool
    at_once: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The latest pictures of a state that stand still, how many there are in all, and whether somebody may let all of
    them be tried again."""

    state: str
    count: int
    latest: list[Still]
    helps: bool


def operations(visit: Visit) -> Answer:
    """Show how many pictures are in each state, now and by the work of the last days, which stand still, and why."""
    services, within = visit.here.services, visit.here.within
    every = use.counts(services.gallery, Question(state="any"), within, 0).counts
    today = _since(visit, services.now() - DAY)
    reasons = list(every.reasons.items())[:REASONS]
    most = max((count for _, count in reasons), default=1)
    by_day = by_days(visit) if sum(every.states.values()) <= FEW or visit.query.get("days") else []
    tallest = max((sum(states.values()) for _, states in by_day), default=0)
    still = [_group(visit, state, count) for state in STILL if (count := every.states.get(state))]
    return visit.show(
        "operations.html",
        view="operations",
        every=every,
        today=today,
        reasons=reasons,
        most=most,
        state_of=state_of,
        days=[(day, states, list(bars(states, tallest))) for day, states in by_day],
        tallest=tallest,
        still=still,
        can_redrive=any(group.helps for group in still),
        function_tries=all(one.at_once for group in still for one in group.latest if one.helps),
        asked_again=visit.query.get("again", ""),
        some_failed="failed" in visit.query,
        go_on={visit.query.get("state", ""): visit.query.get("page", "")},
        budget=_budget(visit),
    )


def redrive(visit: Visit) -> Answer:
    """Let a picture be tried again, or all of a state, and show the view again."""
    visit.here.check_may_write()
    redriver = visit.here.services.redriver
    if redriver is None:
        raise Refusal(403, "switched_off", visit.text.t("no_redrive"))
    state = visit.form.get("state", "")
    if state not in STILL:
        by = redriver.picture(there(visit, visit.form.get("id", "")).record.ref, visit.here.within)
        return answers.see(f"/operations?again={by}")
    tried = redriver.every(State(state), visit.here.within, visit.form.get("page", ""))
    failed = {"failed": f"{tried.failed}"} if tried.failed else {}
    more = {"state": state, "page": tried.next} if tried.next is not None else {}
    return answers.see(f"/operations?{urlencode({'again': tried.by} | failed | more)}")


def by_days(visit: Visit) -> list[tuple[date, dict[str, int]]]:
    """Count the pictures of each of the last days by state, the oldest day first. A picture belongs to the day on
    which its row was last written."""
    now = visit.here.services.now()
    counted: list[tuple[date, dict[str, int]]] = []
    later: dict[str, int] = {}
    for number in range(DAYS):
        begins = now - now % DAY - number * DAY
        since = _since(visit, begins)
        # A row that is written between two counts leaves its day, which would then have fewer pictures than none.
        states = {str(state): max(0, since.get(state, 0) - later.get(state, 0)) for state in STATES}
        counted.append((moment(begins).date(), states))
        later = since
    return counted[::-1]


def bars(states: dict[str, int], tallest: int) -> Iterator[Bar]:
    """Yield the parts of a day's bar from the line upwards. What is rare can still be seen."""
    begins = 0.0
    for state, count in states.items():
        if count:
            height = max(1.5, count / tallest * TALL)
            begins += height
            yield Bar(state, count, round(begins, 1), round(height, 1))


def _since(visit: Visit, moment: int) -> dict[str, int]:
    gallery = visit.here.services.gallery
    return dict(use.counts(gallery, Question(since=moment, state="any"), visit.here.within, 0).counts.states)


def _group(visit: Visit, state: str, count: int) -> Group:
    """Return the latest pictures of a state. Their rows tell which of them are due already: a search may lag behind."""
    gallery, redriver = visit.here.services.gallery, visit.here.services.redriver
    records = use.pictures(gallery, Question(state=state), visit.here.within, "newest", LATEST, "")[0].records
    latest = []
    for record, row in zip(records, gallery.rows.rows([record.ref for record in records]), strict=True):
        helps = redriver is not None and visit.may_write and redriver.helps(record.ref, state, record.reason)
        is_due = row is not None and row.record is not None and (row.waiting is not None or row.lock is not None)
        at_once = redriver is not None and redriver.by(record.ref) == "function"
        latest.append(Still(Tile(record), is_due, helps, at_once))
    return Group(state, count, latest, any(one.helps for one in latest))


def _budget(visit: Visit) -> list[budget.Card] | None:
    """Tell what each detector has cost; None where that is not told. All buckets share the count, so a token for some
    prefixes is not told."""
    services = visit.here.services
    if services.budget is None or not visit.here.sees_all:
        return None
    now = services.now() / 1000
    spent = spending(services.budget, services.limits, services.detectors, now)
    return [budget.card(one, services.call_price, now, visit.text) for one in spent]


def state_of(reason: str) -> str:
    """Return the state that a reason belongs to. One that a newer version wrote is taken as final."""
    return str(Reason(reason).state) if reason in {str(known) for known in Reason} else "skipped"
