"""Helpers for tests of what is said of a failed call, and of what must never be said."""

from __future__ import annotations

import traceback
from collections.abc import Iterable


def everything_said(error: BaseException, log: Iterable[str]) -> list[str]:
    """Return every text that somebody may print of an error, of those that it hides, and of the log."""
    said = ["".join(traceback.format_exception(error)), *log]
    inner: BaseException | None = error
    while inner is not None:
        said += [str(inner), repr(inner), repr(inner.args), repr(vars(inner))]
        inner = inner.__cause__ or inner.__context__
    return said
