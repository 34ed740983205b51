"""This module prints the lines of a report as soon as they are known. The reader may end early, as `head` does."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from imagelabels.views.pipes import piped


def printed(report: Callable[[], Iterable[str]]) -> int | str | None:
    """Print a report, and return the exit status of the program."""

    def show() -> int:
        for line in report():
            print(line, flush=True)
        return 0

    return piped(show)
