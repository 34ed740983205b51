"""Takes a safeguard out of the functions: deploys a copy of their code in which a fault is planted."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.storm.functions import ROOT
from tests.faults import ROOMS, plant
from tests.planted import Fault, fault

OWN = (
    fault(
        "removed_rows_stay",
        "usecases/ending.py",
        "",
        ("by.locks.drop(work.ref, lock.token, entry)", "by.locks.finish(work.ref, lock.token, None, entry, None)"),
    ),
)
"""Faults that only a storm plants."""


def faults() -> dict[str, Fault]:
    """Return all faults that can be planted, by name."""
    return {fault.name: fault for fault in (*OWN, *(fault for room in ROOMS for fault in room.FAULTS))}


@contextmanager
def deployed(name: str) -> Iterator[Path]:
    """Yield the folder with the code of the functions, without the safeguard of this name if there is a name."""
    if not name:
        yield ROOT
        return
    chosen = faults()[name]
    with tempfile.TemporaryDirectory(prefix="storm-without-") as folder:
        code = Path(folder)
        for part in ("shared", "functions"):
            shutil.copytree(ROOT / part, code / part, ignore=shutil.ignore_patterns("__pycache__"))
        if (wrong := plant(chosen, code)) is not None:
            raise ValueError(f"{name} cannot be planted: {wrong}")
        yield code
