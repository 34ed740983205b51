"""Gives objects to a deployed function, one invocation for each batch, and says what became of each object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imagelabels.domain.errors import LabelingError, Misconfigured
from imagelabels.domain.invocations import Batch, Failure, Invoked, Reply, ReportedOutcome, outcomes
from imagelabels.ports.invoker import Invoker

_QUEUED = Failure(
    "queued",
    "the function runs asynchronously, so its platform queued the event and told no outcome: `imagelabels why` shows "
    "later what became of the picture",
)


def invoke(invoker: Invoker, function: str, batches: Iterable[Batch], later: bool = False) -> Iterator[Invoked]:
    """Yield what became of each object, in their order, after each invocation; `later` does not wait for the function.

    An invocation that failed does not keep the others from being tried, except for what is wrong with all of them:
    Misconfigured is raised.
    """
    for batch in batches:
        try:
            if later:
                request_id = invoker.enqueue(function, batch.event)
                yield from (Invoked(ref.uri, request_id, accepted=True) for ref in batch.refs)
                continue
            reply = invoker.invoke(function, batch.event)
        except Misconfigured:
            raise
        except LabelingError as error:
            yield from (Invoked(ref.uri, error=error) for ref in batch.refs)
        else:
            yield from _told(batch, reply)


def _told(batch: Batch, reply: Reply) -> Iterator[Invoked]:
    """Join the outcomes with the objects that were asked for. The function answers them in the order of the event."""
    failure, reported = reply.failure, list[ReportedOutcome]()
    if reply.is_queued:
        failure = _QUEUED
    if failure is None:
        try:
            reported = outcomes(reply.body)
        except ValueError as error:
            failure = Failure("unknown answer", str(error))
        else:
            failure = Failure("no outcome", "the function's answer does not mention this object")
    for number, ref in enumerate(batch.refs):
        if number < len(reported):
            yield Invoked(reported[number].uri or ref.uri, reply.request_id, reported[number])
        else:
            yield Invoked(ref.uri, reply.request_id, error=failure)
