"""A request to the server, whose body may be held in memory beyond the end of its connection."""

from __future__ import annotations

import asyncio

from aiohttp import StreamReader, web

from emulator.core.http_request import read_body
from emulator.core.refusal import Refusal

LARGEST_HELD = 64 * 1024 * 1024
"""A body that is held may have so many bytes."""


class HeldRequest(web.Request):
    """Its content comes from the connection, or from memory once it is held."""

    ATTRS = web.Request.ATTRS | frozenset({"_held"})
    _held: StreamReader | None = None

    async def hold(self) -> None:
        """Take what is left of the body from the connection, so that it can be read later.

        A body that is too large is refused.
        """
        too_large = Refusal("EntityTooLarge", f"The emulator holds back no body of more than {LARGEST_HELD} bytes.")
        body = await read_body(self, LARGEST_HELD, too_large, Refusal("IncompleteBody"))
        held = StreamReader(self.protocol, len(body) + 1, loop=asyncio.get_running_loop())
        held.feed_data(body)
        held.feed_eof()
        self._held = held

    @property
    def content(self) -> StreamReader:
        return self._held if self._held is not None else super().content
