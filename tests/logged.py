"""Lines that the function logged in a small world, with the moments at which it did."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from imagelabels import logs
from imagelabels.domain.errors import BadEvent, LabelingError, Misconfigured, Unavailable
from imagelabels.domain.model import ObjectChange, ObjectRef
from imagelabels.domain.outcomes import Reason
from imagelabels.domain.resumption import Ended, Resumed
from imagelabels.domain.webhooks import Hook
from imagelabels.respond import respond, respond_resumed
from imagelabels.usecases.deliver import deliver
from imagelabels.usecases.hook_run import Turn
from imagelabels.usecases.hook_turn import TurnResult
from imagelabels.views import log_fields
from imagelabels.webhooks.opened import turn_fields
from tests.fakes import label
from tests.world import TIMEOUT, Worker, World

Line = dict[str, Any]
KINDS: dict[str, type] = {"text": str, "long": int, "list": list, "object": dict}
HOOK = Hook("hook", "album", "https://example.com/secret", ("whsec_a",))
WORKED = Turn(HOOK, TurnResult(HOOK, queued=2, delivered=1, failed=1), None)
BY_NAME = {field.name: field for field in log_fields.FIELDS}


def wrong(line: Line) -> list[str]:
    """Say what of a logged line is not as the fields are defined."""
    kinds: dict[str, log_fields.Line] = {"cold start": "start", "resumed": "run", "webhook": "webhook"}
    kind = kinds.get(line["message"], "record")
    unknown = [f"{name} is no field" for name in line if name not in BY_NAME]
    known = {name: value for name, value in line.items() if name in BY_NAME}
    misplaced = [f"{name} stands in a line of the kind {kind}" for name in known if kind not in BY_NAME[name].lines]
    return [
        *unknown,
        *misplaced,
        *(f"{name} is {value!r}" for name, value in known.items() if type(value) is not KINDS[BY_NAME[name].kind]),
    ]


@contextmanager
def captured() -> Iterator[list[str]]:
    """Yield the lines that are logged meanwhile, as they are written."""
    written: list[str] = []
    handler = logs._logger._logger.handlers[0]
    before = handler.emit
    handler.emit = lambda record: written.append(handler.format(record))  # type: ignore[method-assign]
    logs._said.clear()
    try:
        yield written
    finally:
        handler.emit = before  # type: ignore[method-assign]


class Function:
    """A function in a small world. It keeps each line that it logs, with the second at which it did."""

    def __init__(self) -> None:
        self.world = World()
        self.lines: list[tuple[int, Line]] = []

    def start(self) -> None:
        """Begin a new instance."""
        self._keep(lambda: logs.start("INFO", [], {"ms_import": 400, "ms_open": 100}))

    def puts(self, key: str, shows: str) -> ObjectRef:
        """Upload a picture, and let it be older than a second."""
        ref = ObjectRef("oss", "photos", key)
        self.world.user_puts(ref, shows)()
        self.world.wait(10)
        return ref

    def gets(
        self, *keys: str, worker: Worker | None = None, kind: str = "created", bad: int = 0, timeout: float = TIMEOUT
    ) -> None:
        """Deliver an event with a record for each key, and with `bad` records that are no events."""
        changes = [ObjectChange(ObjectRef("oss", "photos", key), kind, f"e-{key}") for key in keys]  # type: ignore[arg-type]
        labeler = (worker or self.world.worker()).labeler
        with ThreadPoolExecutor(1) as executor:
            delivered = deliver(labeler, changes, self.world.clock.monotonic() + timeout, executor)

        def answer() -> None:
            with suppress(LabelingError):  # The platform would deliver the event again.
                respond("request-1", delivered, [BadEvent(f"events[{n}]", "missing") for n in range(bad)])

        self._keep(answer)

    def resumes(self, resumed: Resumed) -> None:
        """End a run of the timer."""
        self._keep(lambda: respond_resumed("request-2", resumed))

    def works(self, turn: Turn) -> None:
        """End a turn of work for a webhook."""
        self._keep(lambda: logs.webhook("request-3", turn_fields(turn)))

    def takes(self, seconds: float, call: str = "detector.detect") -> Worker:
        """Return a worker whose next call of that name takes so long."""

        def forward() -> None:
            self.world.clock.now += seconds

        return self.world.worker().before(call, forward)

    def _keep(self, act: Any) -> None:
        with captured() as written:
            act()
        self.lines += [(int(self.world.clock.store), json.loads(line)) for line in written]


def story() -> Function:
    """Let a function meet every outcome and every step; tests know how often."""
    function = Function()
    world = function.world
    function.start()
    for key, shows in (("a", "dog"), ("b", "dog"), ("c", "blur"), ("d", "cat"), ("e", "car")):
        function.puts(key, shows)
    world.detector.refuses.add("blur")
    world.detector.shows["dog"] = (label("dog", 0.9, "pet"),)
    function.gets("a", worker=function.takes(0.5))  # labelled, paid
    function.gets("a")  # unchanged
    function.gets("b")  # labelled by the kept answer
    function.gets("c", worker=function.takes(0.7))  # skipped, paid
    world.wait(600)
    world.detector.fails.append(Misconfigured("bind the bucket", "detector_unbound"))
    function.gets("d")  # parked, paid
    world.wait(700)
    world.objects.refuse_tags = True
    function.gets("d", bad=1)  # failed, paid; and a record that is no event
    world.objects.refuse_tags = False
    for number in range(4):
        world.detector.fails.append(Unavailable("throttled", "slow down"))
        # waiting, paid; no time is left for a second call
        function.gets("e", worker=function.takes(1.0 + number), timeout=20.5)
        world.wait(600)
    function.puts("f", "bike")
    function.gets("f", worker=world.worker().fails("ledger.lock", Unavailable("index_error")))  # waiting
    function.puts("g", "boat")
    function.gets("g", worker=world.worker().fails("ledger.lock", Unavailable("index_error")))  # waiting
    world.wait(600)
    function.gets("g")  # labelled, paid
    function.gets("x", worker=world.worker().fails("ledger.lock", Misconfigured("give the role a right")))  # parked
    world.objects.delete(ObjectRef("oss", "photos", "a"))
    function.gets("a", kind="removed")  # removed
    _waits(function)
    function.resumes(Resumed(Ended.DONE, {"labelled": 2}, 2, {"*": ("budget",)}))
    function.works(WORKED)
    function.works(replace(WORKED, worked=None, error=Unavailable("index_error", "the index failed")))
    function.start()
    return function


def _waits(function: Function) -> None:
    """Label three pictures that have to wait: for a lock, for an answer, until they are a second old, and for room
    under a rate."""
    world = function.world
    first, second = function.puts("l", "lake"), function.puts("m", "moon")
    world.ledger.lock(first, "other", world.clock.store + 1, world.clock.store, "e")
    function.gets("l")
    world.ledger.claim(world.answer_id(second), "other", world.clock.store + 1, world.clock.store)
    function.gets("m")
    world.user_puts(ObjectRef("oss", "photos", "n"), "new")()
    function.gets("n", worker=world.worker().instead("ledger.take", lambda *_: Reason.THROTTLED.value))
