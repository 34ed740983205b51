"""Lets processes of a test live in a world in which time has passed, so that the locks and claims of a process that was
killed have ended.

`python -m tests.later SECONDS WORDS...` runs `imagelabels WORDS...` as if the store's clock were so many seconds ahead.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from imagelabels.cli.main import main
from imagelabels.domain.model import Look
from imagelabels.usecases.storetime import StoreTime


def run(seconds: float, words: list[str]) -> int:
    observe = StoreTime.observe

    def later(time: StoreTime, look: Look) -> Look:
        observe(time, replace(look, date=look.date + seconds))
        return look

    StoreTime.observe = later  # type: ignore[assignment, method-assign]
    return main(words)


SECONDS = 300
"""No lock and no claim of a process that was killed lasts so long."""


def follow(clock: str) -> None:
    """Let this process live SECONDS later from the moment at which the file `clock` is there."""
    now, file = StoreTime.now, Path(clock)

    def later(time: StoreTime) -> float:
        return now(time) + (SECONDS if file.exists() else 0)

    StoreTime.now = later  # type: ignore[assignment, method-assign]


def following(function: Mapping[str, Any], here: Path, folder: Path, clock: Path) -> dict[str, Any]:
    """Return the description of an emulated function whose processes follow the clock. Its code lies in the folder."""
    folder.mkdir(exist_ok=True)
    module = ".".join(Path(function["code"]).relative_to(here).parts)
    words = ("from tests.later import follow", f"follow({str(clock)!r})", f"from {module}.index import *")
    (folder / "index.py").write_text("\n".join(words) + "\n")
    return {**function, "code": str(folder), "paths": [*function["paths"], str(here)]}


if __name__ == "__main__":
    sys.exit(run(float(sys.argv[1]), sys.argv[2:]))
