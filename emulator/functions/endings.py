"""What the end of an event means: for its task, and for an event that waited for too long."""

from __future__ import annotations

import json

from emulator.functions.function import Answer, Ending
from emulator.functions.tasks import Status


def last_status(answer: Answer) -> Status:
    if answer.ending is Ending.EXPIRED:
        return Status.EXPIRED
    return Status.SUCCEEDED if answer.error_type is None else Status.FAILED


# Unproven error-of-old-event: An event that is given up because of its age has the error EventAgeExceeded.
# Why: no page shows what a destination gets then.
# Ask: set maxAsyncEventAgeInSeconds to 1 and onFailure to a queue, keep the only instance busy with a long invocation,
#   invoke the function asynchronously, and read the message in the queue.
def too_old(request_id: str, age: float) -> Answer:
    """Return the answer for an event that is given up because of its age."""
    message = f"The event waited for longer than {age:g} seconds, which is its greatest age."
    error = {"errorMessage": message, "errorType": "EventAgeExceeded", "stackTrace": []}
    return Answer(request_id, json.dumps(error).encode(), "EventAgeExceeded", Ending.EXPIRED)
