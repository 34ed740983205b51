"""Invokers: what runs a deployed function on its platform."""

from __future__ import annotations

from typing import Protocol

from imagelabels.domain.invocations import Reply


class Invoker(Protocol):
    """Runs the functions of one platform.

    Each method sends its request once and never repeats it. An event that reaches the function twice does no harm,
    since the function pays for a picture only once, but whoever repeats a request should know that it did.

    Both methods raise Misconfigured for a function that is not there and for keys that may not invoke it, Unavailable
    if the platform is throttled, fails or does not answer in time (the function may have run all the same), and
    Rejected("too_large") for an event that is too long for the platform.
    """

    def invoke(self, function: str, event: bytes) -> Reply:
        """Run the function and wait for its answer. A failure inside the function is a reply, not an exception."""

    def enqueue(self, function: str, event: bytes) -> str:
        """Let the platform run the function later, with its own retries, and return the id of the accepted request."""
