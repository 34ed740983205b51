"""Albums: saved questions about pictures, and the pictures that people put in or took out by hand."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Literal

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.query import Order

MOST_PINS = 10_000
"""An album has at most so many pins. With more, a question that tells the pictures apart is wanted."""

LONGEST_QUESTION = 10 * 1024
"""A stored question has at most so many bytes."""

LONGEST_TITLE = 200
"""A title has at most so many characters."""

PinKind = Literal["in", "out"]


class Changed(Exception):
    """Somebody else has changed, made or deleted the album since it was read. Nothing was written: read it again."""


class TooManyPins(Misconfigured):
    """The album has as many pins as it may have, so this one was not set."""

    def __init__(self, album_id: str) -> None:
        super().__init__(
            f"the album {album_id} has {MOST_PINS:,} pictures that were put in or taken out by hand, which is the "
            "most: remove some, or ask a question that tells the pictures apart"
        )


@dataclass(frozen=True, slots=True)
class Question:
    """What pictures must be like. Words are stored as they were given, so that a taxonomy that grows still finds what
    they mean: `dog`, `dog:0.8`, or `=dog` for the id and no other."""

    label: tuple[str, ...] = ()
    """A picture must show all of these."""
    any_of: tuple[str, ...] = ()
    """A picture must show at least one of these, if there are any."""
    none_of: tuple[str, ...] = ()
    """A picture must show none of these."""
    min_confidence: float = 0.0
    prefix: str = ""
    """The URI begins so: oss://photos/2026/."""
    from_time: int | None = None
    """Milliseconds since 1970: the object was last modified at this time or later."""
    until_time: int | None = None
    """Milliseconds since 1970: the object was last modified before this time."""
    since: int | None = None
    """Milliseconds since 1970: the row was written at this time or later."""
    state: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Album:
    """A saved question with a name."""

    id: str
    """A random text of 22 characters that may stand in an address."""
    title: str
    question: Question = field(default_factory=Question)
    language: str = "en"
    """Titles and labels of the album's feed are in this language: en or zh-Hans."""
    order: Order = "newest"
    cover: str | None = None
    """The URI of the picture that stands for the album; None for the first one."""
    made_at: int = 0
    """Milliseconds since 1970."""
    changed_at: int = 0
    version: int = 1
    """It grows by one with each change. Whoever changes an album names the version that they read."""

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise ValueError("the album has no title: give it one")
        if len(self.title) > LONGEST_TITLE:
            raise ValueError(f"the title has {len(self.title)} characters: {LONGEST_TITLE} are the most")


@dataclass(frozen=True, slots=True)
class Pin:
    """A person put this picture into the album, or took it out, whatever the question says."""

    uri: str
    kind: PinKind
    at: int
    """Milliseconds since 1970."""


def new_id() -> str:
    """Return a random id of 22 characters, about 128 bits, that nobody can guess. It does not begin with a hyphen, so
    that no command takes it for an option."""
    while (text := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return text
