"""The label ids of all releases. `python -m tests.released` adds those of the present taxonomy."""

from __future__ import annotations

import sys
from pathlib import Path

from imagelabels.domain import taxonomy
from imagelabels.domain.taxonomy import Taxonomy

LIST = Path(__file__).with_name("samples") / "released_labels.txt"
"""The file has one line per id: the level, a space and the id. Wider words have level 0. Lines are never changed."""


def released() -> dict[str, int]:
    """Return every id that was ever released, with its level."""
    lines = (line.split() for line in LIST.read_text("utf-8").splitlines())
    return {label_id: int(level) for level, label_id in lines}


def present(known: Taxonomy) -> dict[str, int]:
    """Return the ids of a taxonomy, with their levels."""
    return {concept.id: concept.level for concept in known.concepts.values()} | dict.fromkeys(known.wider, 0)


def broken(old: dict[str, int], new: dict[str, int]) -> list[str]:
    """Return the old ids that are gone or have another level."""
    return sorted(label_id for label_id, level in old.items() if new.get(label_id) != level)


def main() -> int:
    old, new = released(), present(taxonomy.load())
    if wrong := broken(old, new):
        print(f"released ids are gone or at another level: {' '.join(wrong)}", file=sys.stderr)
        return 1
    added = sorted((level, label_id) for label_id, level in new.items() if label_id not in old)
    with LIST.open("a", encoding="utf-8") as file:
        file.writelines(f"{level} {label_id}\n" for level, label_id in added)
    print(f"{len(added)} ids added, {len(new)} in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
