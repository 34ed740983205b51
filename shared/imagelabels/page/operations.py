"""What became of all pictures: counts by state, by day and by reason, and the pictures that stand still."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from imagelabels.domain.moments import moment
from imagelabels.domain.outcomes import Reason
from imagelabels.domain.query import STATES
from imagelabels.page.answers import Answer
from imagelabels.page.tiles import Tile
from imagelabels.page.visit import Visit
from imagelabels.usecases import gallery as use
from imagelabels.usecases.gallery import Question

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


def operations(visit: Visit) -> Answer:
    """Show how many pictures are in each state, now and by the work of the last days, which stand still, and why."""
    services, within = visit.here.services, visit.here.within
    every = use.counts(services.gallery, Question(state="any"), within, 0).counts
    today = _since(visit, services.now() - DAY)
    reasons = list(every.reasons.items())[:REASONS]
    most = max((count for _, count in reasons), default=1)
    by_day = by_days(visit) if sum(every.states.values()) <= FEW or visit.query.get("days") else []
    tallest = max((sum(states.values()) for _, states in by_day), default=0)
    still = [tile for state in STILL if every.states.get(state) for tile in _latest(visit, state)]
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
    )


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


def _latest(visit: Visit, state: str) -> list[Tile]:
    gallery = visit.here.services.gallery
    shown, _ = use.pictures(gallery, Question(state=state), visit.here.within, "newest", LATEST, "")
    return [Tile(record) for record in shown.records]


def state_of(reason: str) -> str:
    """Return the state that a reason belongs to. One that a newer version wrote is taken as final."""
    return str(Reason(reason).state) if reason in {str(known) for known in Reason} else "skipped"
