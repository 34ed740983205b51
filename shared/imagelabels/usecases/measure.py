"""Measures the work on one record: how long each step took, and how many calls were made.

Every port is wrapped for the time of one record, so that the other use cases know nothing of it. The wrapped ports hold
the measure themselves, so calls count for the right record on whatever thread they are made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from threading import get_ident
from typing import Any

from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import Detection, Spent
from imagelabels.usecases.reconcile import Labeler

STEPS = {
    "head": ("look", "store"),
    "read": ("read", "store"),
    "tags": ("read_tags", "tags"),
    "put_tags": ("write_tags", "tags"),
    "lock": ("lock", "index"),
    "release": ("lock", "index"),
    "row": ("row", "index"),
    "claim": ("claim", "index"),
    "answer": ("claim", "index"),
    "take_over": ("claim", "index"),
    "give_back": ("claim", "index"),
    "store": ("keep", "index"),
    "take": ("budget", "index"),
    "hold": ("budget", "index"),
    "free": ("budget", "index"),
    "spending": ("budget", "index"),
    "finish": ("finish", "index"),
    "drop": ("finish", "index"),
    "detect": ("detect", "detector"),
}
"""For each method of the ports that the work on an event calls, the step that it is part of, and what it calls."""

WAITS = {
    "lock": "wait_lock",
    "row": "wait_lock",
    "claim": "wait_answer",
    "keep": "wait_answer",
    "budget": "wait_call",
    "detect": "wait_call",
}
"""A pause belongs to this step, by the step of the call that the same thread made before it. After any other step it is
`wait_new`: the picture is less than a second old."""

WAIT_NEW = "wait_new"


PAUSE = "sleep"
"""The method of the clock that pauses."""


class Measure:
    """Notes the calls of one record, which may come from several threads, and adds them up at the end."""

    def __init__(self, detector: str, billed: int, monotonic: Callable[[], float]) -> None:
        """The vendor bills one request to the detector as so many calls, which are 0 if it costs nothing."""
        self._detector, self._billed, self._monotonic = detector, billed, monotonic
        self._model: str | None = None
        self._failure: LabelingError | None = None
        # Appending needs no lock: https://docs.python.org/3/faq/library.html#what-kinds-of-global-value-mutation-are-thread-safe
        self._made: list[tuple[str, float, int]] = []
        self._begun = monotonic()

    def call(self, method: str, function: Callable[..., Any], *args: Any) -> Any:
        """Make a call to a port, or pause, and note how long it took, also if it fails."""
        begun = self._monotonic()
        try:
            result = function(*args)
            if isinstance(result, Detection):
                self._model = result.model
            return result
        except LabelingError as error:
            self._failure = error
            raise
        finally:
            self._made.append((method, self._monotonic() - begun, get_ident()))

    def spent(self) -> Spent:
        """Return what the record has taken until now."""
        total = self._monotonic() - self._begun
        steps: dict[str, float] = {}
        calls = dict.fromkeys((kind for _, kind in STEPS.values()), 0)
        last: dict[int, str] = {}
        for method, took, thread in tuple(self._made):
            if method == PAUSE:
                step = WAITS.get(last.get(thread, ""), WAIT_NEW)
            else:
                step, kind = STEPS[method]
                calls[kind] += 1
                last[thread] = step
            steps[step] = steps.get(step, 0.0) + took
        paid_calls = calls["detector"] * self._billed
        return Spent(self._detector, self._model, total, steps, calls, paid_calls, self._failure)


class _Measured:
    """A port whose calls are measured. All else is that of the port itself."""

    __slots__ = ("_measure", "_port")

    def __init__(self, port: Any, measure: Measure) -> None:
        self._port, self._measure = port, measure

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._port, name)
        return partial(self._measure.call, name, value) if name in STEPS or name == PAUSE else value


def measured(labeler: Labeler) -> tuple[Labeler, Measure]:
    """Return a labeler for one record that does the same over measured ports, and the measure that it fills."""
    detector = labeler.detector
    measure = Measure(detector.name, detector.calls if detector.paid else 0, labeler.tools.clock.monotonic)

    def port(wrapped: Any) -> Any:
        return _Measured(wrapped, measure)

    tools = labeler.tools.over(port)
    return replace(labeler, tools=tools, detector=port(detector), budget=port(labeler.budget)), measure
