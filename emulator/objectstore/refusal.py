"""An answer that is an error; the vendor's table gives it a status and, if it has none of its own, a message."""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):
    """`details` are more facts for the error document, by element; `headers` go on the response."""

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        details: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code
        self.message = message
        self.details = details or {}
        self.headers = headers or {}
        super().__init__(f"{code}: {message}")


def invalid(name: str, value: str, message: str) -> Refusal:
    """InvalidArgument, with the elements that name the argument."""
    return Refusal("InvalidArgument", message, details={"ArgumentName": name, "ArgumentValue": value})


def not_built(operation: str) -> Refusal:
    """The refusal for what the service can and the emulator cannot: it names the operation."""
    return Refusal("NotImplemented", f"The emulator does not have this operation: {operation}")
