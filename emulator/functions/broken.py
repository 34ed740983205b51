"""Says why an instance cannot be used any more, in the words of the services."""

from __future__ import annotations

import asyncio

from emulator.functions.function import Ending, Function
from emulator.functions.instance import Died, LoadTimedOut
from emulator.functions.memory import MB, OutOfMemory

BROKEN = (asyncio.TimeoutError, Died, LoadTimedOut, OutOfMemory)
"""A call of an instance fails with these if the instance must be ended."""


def explained(error: Exception, function: Function, timeout: float, seconds: float) -> tuple[str, str, Ending]:
    """Return the message, its type, and how a call ended that may take `timeout` seconds and took `seconds`."""
    if isinstance(error, OutOfMemory):
        # The page names lack of memory as a cause of this text:
        # https://alibabacloud.com/help/en/functioncompute/fc-3-0/process-exited-unexpectedly-before-completing-request-message
        # The type is that of the vendor's metrics of requests; that the answer has it too is invented.
        text = f"{_exited(seconds)}, maxMemoryUsage: {error.used / MB:.0f}MB)"
        return text, "FunctionOOMError", Ending.OUT_OF_MEMORY
    if isinstance(error, Died):
        # This is the text of the vendor's pages on error handling without the used memory. The type is invented.
        return f"{_exited(seconds)})", "ProcessExitedError", Ending.EXITED
    ending = Ending.TIMED_OUT
    if isinstance(error, LoadTimedOut):
        timeout = function.settings.load_timeout or function.timeout
        ending = Ending.TIMED_OUT if function.settings.load_timeout is None else Ending.NOT_LOADED
    # The text on the vendor's page ends in the number; the unit and the type are invented:
    # .../functioncompute/fc-2-0/how-to-handle-an-execution-timeout-error
    return f"Function time out after {timeout:g} seconds", "FunctionTimeoutError", ending


def _exited(seconds: float) -> str:
    return f"Process exited unexpectedly before completing request (duration: {seconds * 1000:.0f}ms"
