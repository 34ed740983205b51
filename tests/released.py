"""The label ids that releases gave out. `python -m tests.released` adds those of the taxonomy as it is now."""

from __future__ import annotations

import sys
from pathlib import Path

from imagelabels.domain import taxonomy
from imagelabels.domain.taxonomy import Taxonomy

LIST = Path(__file__).with_name("samples") / "released_labels.txt"
"""One line per id: its level, a space, the id. Wider words stand at level 0. Lines are added, never changed."""


def released() -> dict[str, int]:
    """Every id that was ever given out, with its level."""
    lines = (line.split() for line in LIST.read_text("utf-8").splitlines())
    return {label_id: int(level) for level, label_id in lines}


def present(known: Taxonomy) -> dict[str, int]:
    """The ids of a taxonomy, with their levels."""
    return {found.id: found.level for found in known.concepts.values()} | dict.fromkeys(known.wider, 0)


def broken(given: dict[str, int], now: dict[str, int]) -> list[str]:
    """The ids that were given out and are gone, or stand at another level."""
    return sorted(label_id for label_id, level in given.items() if now.get(label_id) != level)


def main() -> int:
    given, now = released(), present(taxonomy.load())
    if wrong := broken(given, now):
        print(f"released ids are gone or at another level: {' '.join(wrong)}", file=sys.stderr)
        return 1
    new = [
        f"{level} {label_id}\n"
        for label_id, level in sorted(now.items(), key=lambda one: (one[1], one[0]))
        if label_id not in given
    ]
    with LIST.open("a", encoding="utf-8") as file:
        file.writelines(new)
    print(f"{len(new)} ids added, {len(now)} in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
