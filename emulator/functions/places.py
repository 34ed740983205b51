"""The places in which invocations of a function run at once. Their number may change while some are taken."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Places:
    """This is a semaphore whose number may change. Use it from one event loop only."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._taken = 0
        self._news = asyncio.Condition()

    @property
    def full(self) -> bool:
        return self._taken >= self.number

    async def change(self, number: int) -> None:
        """Have another number of places. Nobody who has one loses it."""
        async with self._news:
            self.number = number
            self._news.notify_all()

    async def __aenter__(self) -> None:
        async with self._news:
            await self._news.wait_for(lambda: not self.full)
            self._taken += 1

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._taken -= 1
        async with self._news:
            self._news.notify()
