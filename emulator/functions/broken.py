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
        # Unproven type-of-oom: A function that takes too much memory is answered with FunctionOOMError.
        # Why: the vendor's metrics of requests have this type; no page says that the answer has it too.
        # Ask: invoke a function of 128 MB that takes 1 GB: errorType and errorMessage.
        text = f"{_exited(seconds)}, maxMemoryUsage: {error.used / MB:.0f}MB)"
        return text, "FunctionOOMError", Ending.OUT_OF_MEMORY
    if isinstance(error, Died):
        # Unproven type-of-exit: A function whose process ends is answered with ProcessExitedError.
        # Why: the vendor's pages on error handling have the text, which also tells the used memory, and not the type.
        # Ask: invoke a function that calls os._exit(1): errorType and errorMessage.
        return f"{_exited(seconds)})", "ProcessExitedError", Ending.EXITED
    ending = Ending.TIMED_OUT
    if isinstance(error, LoadTimedOut):
        timeout = function.settings.load_timeout or function.timeout
        ending = Ending.TIMED_OUT if function.settings.load_timeout is None else Ending.NOT_LOADED
    # Unproven text-of-timeout: A function that takes too long ends with FunctionTimeoutError and a text that ends in
    #   the unit.
    # Why: the text on the page how-to-handle-an-execution-timeout-error ends in the number, and the page has no type.
    # Ask: invoke a function that sleeps longer than its time limit: errorType and errorMessage.
    return f"Function time out after {timeout:g} seconds", "FunctionTimeoutError", ending


def _exited(seconds: float) -> str:
    return f"Process exited unexpectedly before completing request (duration: {seconds * 1000:.0f}ms"
