"""An answer that is an error, and the table that gives each code its status and its message."""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):
    """A service refuses a request with this code.

    An empty `message` stands for the one in the service's table. `details` are more facts for the error document, by
    the names of its elements. `headers` go on the response. The `note` stands behind the message in the log alone.
    """

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        details: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        note: str = "",
    ) -> None:
        self.code = code
        self.message = message
        self.details = details or {}
        self.headers = headers or {}
        self.note = note
        self.status: int | None = None
        """The status, where it is not that of the service's table."""
        super().__init__(f"{code}: {message}")


class ErrorTable:
    """The HTTP status and the message that a vendor documents for each code. Any other code has the status 400."""

    def __init__(self, entries: Mapping[str, tuple[int, str]]) -> None:
        self._entries = entries

    def status(self, refusal: Refusal) -> int:
        return refusal.status or self._entries.get(refusal.code, (400, ""))[0]

    def message(self, refusal: Refusal) -> str:
        """The message of the refusal itself, else that of the table, else the code."""
        return refusal.message or self._entries.get(refusal.code, (400, refusal.code))[1]
