"""What commands have in common that give many objects to a deployed function."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import click

from imagelabels import clouds
from imagelabels.cli.arguments import Choice
from imagelabels.clouds import FunctionPlatform
from imagelabels.domain.errors import LabelingError, Misconfigured
from imagelabels.domain.invocations import Invoked, batches
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.outcomes import Reason
from imagelabels.ports.invoker import Invoker
from imagelabels.usecases.invoke import invoke
from imagelabels.usecases.rowtruth import check_written
from imagelabels.usecases.tools import Tools
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped, state_text

Connect = Callable[[str, str | None], tuple[FunctionPlatform, Invoker]]


def function_options() -> list[click.Parameter]:
    """Return the options that name the function and its platform."""
    return [
        click.Option(
            ["--function"],
            default="imagelabels",
            show_default=True,
            metavar="NAME",
            help="the deployed function that labels the pictures",
        ),
        click.Option(["--through"], type=Choice(clouds.platforms()), help="what runs the function"),
    ]


def connected(scheme: str, through: str | None) -> tuple[FunctionPlatform, Invoker]:
    """Connect by the settings in the environment; Misconfigured names the one that is missing or wrong."""
    from imagelabels import wiring_platforms

    return wiring_platforms.invoker(scheme, through)


@dataclass(slots=True)
class Handed:
    """Objects that were given to the function: how many, and what became of them."""

    by: Tools
    """With them the index is asked whether the function works on it too."""
    fine: int = 0
    paid_calls: int = 0
    states: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    """The function failed, or was not run, so nothing is known of the object."""

    @property
    def left(self) -> int:
        """Return how many objects are still not done."""
        return self.states.total() - self.fine + self.failed

    def hand(
        self,
        function: str,
        platform: FunctionPlatform,
        invoker: Invoker,
        refs: Iterable[ObjectRef],
        request: str | None = None,
    ) -> list[ObjectRef]:
        """Give the objects to the function, one batch after the other, and say on stderr which are still not done.

        Return those of which the function recorded an outcome. The events say that they come from the `request`, or
        each from a new one. Misconfigured says that the function works on another index: then none of them is done.
        """
        named = [ref for ref in refs if self._can_be_named(ref, platform)]
        recorded, told = [], dict[ObjectRef, str]()
        events = batches(named, lambda gathered: platform.event(gathered, request))
        for ref, invoked in zip(named, invoke(invoker, function, events), strict=True):
            self._count(invoked)
            if invoked.outcome is not None and invoked.outcome.reason != Reason.BAD_EVENT:
                recorded.append(ref)
            if invoked.outcome is not None and invoked.is_fine and invoked.uri == ref.uri:
                told[ref] = invoked.outcome.state
        try:
            check_written(self.by, function, told)
        except Misconfigured:
            self.fine -= len(told)
            raise
        return recorded

    def _can_be_named(self, ref: ObjectRef, platform: FunctionPlatform) -> bool:
        """Tell whether an event can name the object. One that none can name must not keep the others from going on."""
        try:
            platform.event([ref])
        except LabelingError as error:
            self.fail(ref, error)
            return False
        return True

    def fail(self, ref: ObjectRef, error: LabelingError) -> None:
        """Count an object that is not given to the function, and say why on stderr."""
        self._count(Invoked(ref.uri, error=error))

    def _count(self, invoked: Invoked) -> None:
        outcome = invoked.outcome
        if outcome is None:
            self.failed += 1
            say(f"{escaped(invoked.uri)}: failed: {escaped(str(invoked.error))}")
            return
        self.states[outcome.state] += 1
        self.fine += invoked.is_fine
        self.paid_calls += outcome.paid_calls
        if not invoked.is_fine:
            say(f"{escaped(invoked.uri)}: {escaped(state_text(outcome.state, outcome.reason))}")


def in_groups(refs: Iterable[ObjectRef], size: int) -> Iterator[list[ObjectRef]]:
    """Yield the objects in lists of at most `size`."""
    group: list[ObjectRef] = []
    for ref in refs:
        group.append(ref)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def print_line(text: str) -> None:
    """Print a sentence for people."""
    say(text, sys.stdout)
