"""The toy cloud's functions, which run in this process, and the event that they read."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from functools import cache
from typing import Any

from imagelabels import wiring
from imagelabels.domain.model import ObjectChange, ObjectRef
from imagelabels.respond import respond
from tests.invoking import FakeInvoker


def event(refs: Sequence[ObjectRef], request: str | None = None) -> bytes:
    """Name the objects in the toy cloud's own way, and the request that the event comes from."""
    return json.dumps({"request": request or "event", "toys": [[ref.bucket, ref.key] for ref in refs]}).encode()


def label(event: bytes) -> dict[str, Any]:
    """This is what functions/toy_label/index.py would do."""
    said = json.loads(event)
    toys = [ObjectRef("toy", bucket, key) for bucket, key in said["toys"]]
    changes = [ObjectChange(ref, "created", f"{said['request']}/{ref.key}") for ref in toys]
    delivered = wiring.function("toy", "key of this event").deliver(changes, time.monotonic() + 60)
    return respond("request", delivered, [])


@cache
def invoker(room: str) -> FakeInvoker:
    """What invokes the functions in a room."""
    return FakeInvoker({"label": label})
