"""These checks ask whether an event that fails is delivered again, and kept if the last delivery fails."""

from __future__ import annotations

from imagelabels.deploy.checks.finding import error, warning

PAUSES = {"aliyun": 0, "tencent": 60}
"""So many seconds pass before an event on which the function failed is delivered again.

The page of Function Compute names no pause after such a failure:
https://help.aliyun.com/en/functioncompute/fc/user-guide/error-handling-1-2. SCF waits for a minute:
https://cloud.tencent.com/document/product/583/41138.
"""


def least_age(cloud: str, retries: float, timeout: float) -> float:
    """Return how many seconds an event must be kept, so that each of its deliveries can take the whole timeout."""
    return (retries + 1) * timeout + retries * PAUSES[cloud]


FAILURES_LOST = error(
    "failures-lost",
    "Events whose last delivery failed are not kept.",
    "After a longer outage the pictures stay without labels, and nobody knows which ones.",
    "Name a queue that takes the events whose last delivery failed.",
)
RETRIES = error(
    "retries",
    "A failed event is not delivered again, or more often than the cloud allows.",
    "A temporary failure, such as a throttled call, leaves the picture without labels.",
    "Set at least one further delivery, and at most as many as the cloud allows.",
)
EVENT_AGE = error(
    "event-age",
    "The time that an event may wait is too short for all of its deliveries, or longer than the cloud allows.",
    "The event is dropped before its last delivery.",
    "Let events wait for at least as long as all deliveries with the function's timeout take.",
)
FAILURES_HANDED_OUT_TWICE = error(
    "failures-handed-out-twice",
    "The queue of failed events hands an event out again before the function's timeout has passed.",
    "A failed event that is worked on is delivered a second time.",
    "Set the queue's VisibilityTimeout to at least the function's timeout.",
)
FAILURES_TOO_LARGE = error(
    "failures-too-large",
    "The queue of failed events takes smaller messages than the vendor allows.",
    "Events of many records do not fit in, and are lost when their last delivery fails.",
    "Set the queue's MaximumMessageSize to 65536.",
)
FAILURES_FORGOTTEN = warning(
    "failures-forgotten",
    "The queue of failed events keeps them for less than a day.",
    "Events that fail over a weekend are gone before anybody looks.",
    "Set the queue's MessageRetentionPeriod to a week, which is 604800.",
)

ALL = (
    FAILURES_LOST,
    RETRIES,
    EVENT_AGE,
    FAILURES_HANDED_OUT_TWICE,
    FAILURES_TOO_LARGE,
    FAILURES_FORGOTTEN,
)
