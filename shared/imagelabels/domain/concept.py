"""The taxonomy is made of these: concepts, which are the labels of pictures, and wider words, which are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that a picture may show. `id` never changes and is never reused. Level 1 is the widest level."""

    id: str
    level: int
    parent: str | None
    names: Mapping[str, str]
    """The name in each language (en, zh-Hans)."""
    aliases: Mapping[str, tuple[str, ...]]
    """The other names that a vendor has for it, by vocabulary, in any language and in the vendor's spelling."""
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Its other names, by language. They are never shown, but are understood from people and from vendors."""
    since: int = 0
    """The version of the taxonomy that brought it; 0 if it was there at the beginning. Older rows may hold its names as
    words of vendors and of people."""


@dataclass(frozen=True, slots=True)
class Wider:
    """A word for several categories. People can search for it, but it is never a label or a tag of a picture."""

    id: str
    names: Mapping[str, str]
    members: tuple[str, ...]
    """The ids of the level-1 concepts that the word stands for."""
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The vendors' words for it, by vocabulary. They stay labels, and a search for the wider word finds them."""
