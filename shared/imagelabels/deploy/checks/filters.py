"""This module judges what every cloud's triggers have: a prefix and a suffix, and events about metadata."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imagelabels.deploy.checks import events
from imagelabels.deploy.checks.finding import Finding

Filter = tuple[str, str]
"""A prefix and a suffix."""

_METADATA = ("modified", "tagging", "tags", "meta", "acl")
"""The name of an event that reports a change of metadata contains one of these words."""


def literal(where: str, prefix: str, suffix: str) -> Iterator[Finding]:
    """Yield what is wrong with a filter whose characters the cloud compares one by one."""
    for name, text in (("prefix", prefix), ("suffix", suffix)):
        if "*" in text or "?" in text:
            yield events.FILTER_WILDCARD.finding(where, f"The {name} {text!r} contains a wildcard.")
    if prefix.startswith("/") or "://" in prefix:
        yield events.FILTER_SLASH.finding(where, f"The prefix is {prefix!r}, and no key begins so.")


def one_case(suffixes: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    """Yield (place, suffix) whose letters are taken in one case only. All are of triggers that differ in nothing else."""
    taken = {suffix for _, suffix in suffixes}
    for where, suffix in suffixes:
        missing = [form for form in dict.fromkeys((suffix.lower(), suffix.upper())) if form not in taken]
        if missing and "" not in taken:
            yield events.LETTER_CASE.finding(
                where, f"Keys that end in {suffix} are taken, and those that end in {' or '.join(missing)} are not."
            )


def overlap(first: Filter, second: Filter) -> bool:
    """Return whether a key can fit both filters."""
    short_prefix, long_prefix = sorted((first[0], second[0]), key=len)
    short_suffix, long_suffix = sorted((first[1], second[1]), key=len)
    return long_prefix.startswith(short_prefix) and long_suffix.endswith(short_suffix)


def of_metadata(event: str) -> bool:
    """Return whether an event reports a change of metadata or tags, which the function itself makes."""
    last = event.lower().rpartition(":")[2]
    return "objectmodified" in event.lower() or any(word in last for word in _METADATA)
