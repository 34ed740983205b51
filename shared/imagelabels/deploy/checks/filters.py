"""This module judges what every cloud's triggers have: a prefix and a suffix, and events about metadata."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from imagelabels.deploy.checks import events
from imagelabels.deploy.checks.finding import Check

Filter = tuple[str, str]
"""A prefix and a suffix."""
Place = TypeVar("Place")
"""Whatever the caller knows a trigger by."""

_METADATA = ("modified", "tagging", "tags", "meta", "acl")
"""The name of an event that reports a change of metadata contains one of these words."""


def literal(prefix: str, suffix: str) -> Iterator[tuple[Check, str]]:
    """Yield (check, cause) of what is wrong with a filter whose characters the cloud compares one by one."""
    for name, text in (("prefix", prefix), ("suffix", suffix)):
        if "*" in text or "?" in text:
            yield events.FILTER_WILDCARD, f"The {name} {text!r} contains a wildcard."
    if prefix.startswith("/") or "://" in prefix:
        yield events.FILTER_SLASH, f"The prefix is {prefix!r}, and no key begins so."


def one_case(suffixes: Sequence[tuple[Place, str]]) -> Iterator[tuple[Place, str]]:
    """Yield (place, cause) of suffixes that take their letters in one case only.

    The suffixes are those of triggers that differ in nothing else.
    """
    taken = {suffix for _, suffix in suffixes}
    for place, suffix in suffixes:
        missing = [form for form in dict.fromkeys((suffix.lower(), suffix.upper())) if form not in taken]
        if missing and "" not in taken:
            others = " or ".join(missing)
            yield place, f"Keys that end in {suffix} are taken, and those that end in {others} are not."


def overlap(first: Filter, second: Filter) -> bool:
    """Return whether a key can fit both filters."""
    short_prefix, long_prefix = sorted((first[0], second[0]), key=len)
    short_suffix, long_suffix = sorted((first[1], second[1]), key=len)
    return long_prefix.startswith(short_prefix) and long_suffix.endswith(short_suffix)


def of_metadata(event: str) -> bool:
    """Return whether an event reports a change of metadata or tags, which the function itself makes."""
    last = event.lower().rpartition(":")[2]
    return "objectmodified" in event.lower() or any(word in last for word in _METADATA)
