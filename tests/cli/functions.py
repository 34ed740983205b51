"""A deployed function in memory, which labels the objects of a small world, and its platform."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from imagelabels.clouds import FunctionPlatform
from imagelabels.domain.budget import UNLIMITED
from imagelabels.domain.errors import LabelingError, Misconfigured
from imagelabels.domain.model import Delivered, ObjectChange, ObjectRef
from imagelabels.ports.invoker import Invoker
from imagelabels.usecases.deliver import deliver
from imagelabels.views.forms import outcome_json
from tests.invoking import FakeInvoker
from tests.world import TIMEOUT, World


class FunctionInMemory:
    """The function `imagelabels`. `fails`, if it is set, is what every look at an object's tags ends with."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._invoker = FakeInvoker({"imagelabels": self._act})
        self.limits = UNLIMITED
        self.fails: LabelingError | None = None
        self.fails_on = ""
        """Only objects fail whose URIs have this text in them."""
        self.raises = False
        """It raises what a delivery waits for, as the deployed function does, and so it answers nothing of any."""
        self.events: list[list[str]] = []
        """The URIs of each event."""

    def connect(self, scheme: str, through: str | None) -> tuple[FunctionPlatform, Invoker]:
        return FunctionPlatform("fake", "NAME", "a function", lambda session: self._invoker, _event), self._invoker

    def _act(self, event: bytes) -> dict[str, Any]:
        told = json.loads(event)
        uris, request = told["uris"], told["request"] or f"invoke {len(self.events) + 1}"
        self.events.append(uris)
        delivered = [self._one(uri, f"{request}/{number}") for number, uri in enumerate(uris)]
        if (errors := [one.error for one in delivered if one.error is not None]) and self.raises:
            raise errors[0]
        return {"records": [outcome_json(one) for one in delivered]}

    def _one(self, uri: str, event_id: str) -> Delivered:
        store, _, rest = uri.partition("://")
        bucket, _, key = rest.partition("/")
        worker = self._world.worker()
        if self.fails is not None and self.fails_on in uri:
            worker.fails("objects.tags", self.fails, 10)
        worker.labeler = replace(worker.labeler, limits=self.limits)
        change = ObjectChange(ObjectRef(store, bucket, key), "created", event_id)
        deadline = self._world.clock.monotonic() + TIMEOUT
        return deliver(worker.labeler, [change], deadline, None)[0]  # type: ignore[arg-type]


def _event(refs: Sequence[ObjectRef], request: str | None = None) -> bytes:
    for ref in refs:
        if ref.key.endswith("unnamed"):
            raise Misconfigured(f"no event can name {ref.uri!r}")
    return json.dumps({"uris": [ref.uri for ref in refs], "request": request}).encode()
