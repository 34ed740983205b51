"""One run over all webhooks, which a timer or a person starts. A slow receiver keeps none of the others waiting."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass

from imagelabels.domain.errors import Damaged, LabelingError
from imagelabels.domain.webhooks import Hook
from imagelabels.usecases.hook_tools import HookTools
from imagelabels.usecases.hook_turn import TurnResult, work

TURN = 20.0
"""A hook is worked for during so many seconds before the next one has its turn."""

AT_ONCE = 8
"""So many hooks are worked for at the same time."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of one hook's turn: `worked`, or the error that ended it."""

    hook: Hook
    worked: TurnResult | None
    error: LabelingError | None


def run(by: HookTools, deadline: float, executor: Executor, tell: Callable[[Turn], object]) -> None:
    """Work for all hooks until there is nothing to do, or until a moment of the clock, and `tell` of each turn.

    Hooks that have waited longest come first, and those that could go on at once come again behind all others. An error
    that nobody expects is raised when the others have had their turns.
    """
    ready = deque(sorted(_all(by), key=lambda hook: hook.worked_at))
    at_work: dict[Future[Turn], Hook] = {}
    faults: list[BaseException] = []
    while ready or at_work:
        while ready and len(at_work) < AT_ONCE and by.clock() < deadline:
            hook = ready.popleft()
            at_work[executor.submit(_turn, by, hook, min(by.clock() + TURN, deadline))] = hook
        if not at_work:
            break
        done, _ = wait(at_work, return_when=FIRST_COMPLETED)
        for future in done:
            del at_work[future]
            if (fault := future.exception()) is not None:
                faults.append(fault)
                continue
            turn = future.result()
            tell(turn)
            if turn.worked is not None and turn.worked.more:
                ready.append(turn.worked.hook)
    if faults:
        raise faults[0]


def _turn(by: HookTools, hook: Hook, until: float) -> Turn:
    try:
        return Turn(hook, work(by, hook, until), None)
    except LabelingError as error:  # One hook's failure is told, and does not end the work for the others.
        return Turn(hook, None, error)


def _all(by: HookTools) -> Iterator[Hook]:
    """Yield the hooks that there is work for."""
    after = ""
    while page := by.kept.hooks.list(after):
        yield from (hook for hook in page if hook.state != "off" or _has_no_album(by, hook))
        after = page[-1].id


def _has_no_album(by: HookTools, hook: Hook) -> bool:
    try:
        return by.albums.get(hook.album) is None
    except Damaged:  # It is there, and there is no work for a webhook that is off.
        return False
