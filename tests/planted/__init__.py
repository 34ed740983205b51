"""Faults to be planted in the product, one module per room, each with the test that finds it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """`changes` are pairs of what stands in the file, exactly once, and what stands there instead."""

    name: str
    file: str
    """The end of its path: code moves between folders more often than it changes its name."""
    test: str
    """Name of the test function that must fail; where several have it, after the folder it is in: `aliyun::test_x`."""
    changes: tuple[tuple[str, str], ...]


def fault(name: str, file: str, test: str, *changes: tuple[str, str]) -> Fault:
    return Fault(name, file, test, changes)
