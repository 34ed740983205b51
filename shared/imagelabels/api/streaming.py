"""Answers that are too long to be held: they are made part by part while they are sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imagelabels.domain.errors import LabelingError

STREAMED = "streamed"
"""A route puts the body of a long answer under this name into its request's context: Powertools would turn the body of
its Response into JSON."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a long answer."""

    body: bytes
    next: str | None
    """Where the answer goes on behind this part: the address that brings the rest. None: this is the last part."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """The body of a long answer. Parts are made when they are asked for."""

    parts: Iterator[Part]

    def whole(self, most: int) -> tuple[bytes, str | None]:
        """Join the first parts, up to `most` bytes but at least one, and return where the answer goes on.

        If the index fails midway, the answer ends there too. A LabelingError is raised if it cannot go on anywhere.
        """
        body, following = b"", None
        try:
            for part in self.parts:
                if body and len(body) + len(part.body) > most:
                    break
                body, following = body + part.body, part.next
                if len(body) + len(part.body) > most:  # The next part would probably be read in vain.
                    break
        except LabelingError:
            if following is None:
                raise
        return body, following
