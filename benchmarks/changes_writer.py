"""A writer of the storm over changes: it writes rows, removes some that are there, and prints what was acknowledged."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from uuid import uuid4

from imagelabels import opening
from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import EventEntry, ImageRecord, ObjectHead, ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.ports import Ledger

LEASE = 30.0
"""A writer's lock of a picture ends after so many seconds, also if the writer was killed."""


def write(url: str, dice: random.Random, writes: int, pictures: int) -> None:
    """Write rows and remove some that are there, and print what is tried and what was acknowledged."""
    ledger = opening.index(url, os.environ).ledger()
    for _ in range(writes):
        ref = ObjectRef("oss", "photos", f"{dice.randrange(pictures)}.jpg")
        token, removes = uuid4().hex, dice.random() < 0.2
        try:
            if ledger.lock(ref, token, time.time() + LEASE, time.time(), token):
                row = ledger.row(ref) if removes else None
                at = _moment()
                _note("tries", ref.key, at)
                if _written(ledger, ref, token, row is not None and row.record is not None, at):
                    _note("acknowledged", ref.key, at)
        except Unavailable:
            continue  # Nobody knows whether it was written.


def _moment() -> int:
    """Return the time in milliseconds when it is over, so that the next delivery of the picture has a later one."""
    at = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 == at:
        pass
    return at


def _written(ledger: Ledger, ref: ObjectRef, token: str, removes: bool, at: int) -> bool:
    entry = EventEntry(token, State.REMOVED if removes else State.LABELLED, None, at, 0, {}, {})
    if removes:
        return ledger.drop(ref, token, entry)
    head = ObjectHead("e", 1, None, at // 1000)
    row = ImageRecord(ref, State.LABELLED, None, head, "e-1", "s", "p", "oss", "m", (), {}, updated_at=at)
    return ledger.finish(ref, token, row, entry)


def _note(what: str, key: str, at: int) -> None:
    print(json.dumps([what, key, at]), flush=True)


if __name__ == "__main__":
    write(sys.argv[1], random.Random(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
