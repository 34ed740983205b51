"""What became of all pictures: counts by state and by reason."""

from __future__ import annotations

from imagelabels.domain.outcomes import Reason
from imagelabels.page.answers import Answer
from imagelabels.page.visit import Visit
from imagelabels.usecases import gallery as use
from imagelabels.usecases.gallery import Question

DAY = 24 * 3600 * 1000

REASONS = 20
"""So many reasons are shown."""


def operations(visit: Visit) -> Answer:
    """Show how many pictures are in each state, now and by the work of the last day, and for which reasons."""
    services, within = visit.here.services, visit.here.within
    every = use.counts(services.gallery, Question(state="any"), within, 0).counts
    since = Question(since=services.now() - DAY, state="any")
    today = use.counts(services.gallery, since, within, 0).counts
    reasons = list(every.reasons.items())[:REASONS]
    most = max((count for _, count in reasons), default=1)
    return visit.show(
        "operations.html", view="operations", every=every, today=today, reasons=reasons, most=most, state_of=state_of
    )


def state_of(reason: str) -> str:
    """Return the state that a reason belongs to. One that a newer version wrote is taken as final."""
    return str(Reason(reason).state) if reason in {str(known) for known in Reason} else "skipped"
