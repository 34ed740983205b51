"""Reads stored albums, tokens and webhooks so that one that cannot be read hides no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar, cast

from imagelabels.domain.errors import Damaged
from imagelabels.records.left_out import warn
from imagelabels.records.rows import kinds

T = TypeVar("T")


def each_readable(read: Callable[..., T], stored: Iterable[Sequence[Any]]) -> Iterator[T]:
    """Yield what `read` makes of the stored columns. What is damaged is left out, and the first time it is warned of:
    the error names it and what to do."""
    for columns in stored:
        try:
            value = read(*columns)
        except Damaged as error:
            warn(str(error), error)
        else:
            yield value


def checked(value: T) -> T:
    """Return a dataclass if its texts, numbers and truth values are such; TypeError names the first one that is not."""
    for name, allowed in kinds(cast(Any, type(value))).items():
        if allowed and type(getattr(value, name)) not in allowed:
            raise TypeError(f"{name} is {type(getattr(value, name)).__name__}")
    return value
