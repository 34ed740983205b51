"""This command writes the tables of docs/doctor.md: every check with what is wrong, what follows and what to do.

`python -m imagelabels.deploy.checks.page docs/doctor.md`
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from imagelabels.deploy.checks.table import GROUPS

BEGIN = "<!-- `python -m imagelabels.deploy.checks.page docs/doctor.md` writes what follows. -->"


def tables() -> Iterator[str]:
    """Yield the lines of a section for each group of checks."""
    for title, checks in GROUPS:
        yield from ("", f"### {title}", "", "| check | severity | what is wrong | what follows | what to do |")
        yield "|---|---|---|---|---|"
        for check in checks:
            cells = (f"`{check.name}`", check.severity.value, check.fault, check.consequence, check.cure)
            yield f"| {' | '.join(cells)} |"


def page(text: str) -> str:
    """Return the page with its tables made anew. What stands before them stays as it is."""
    head, begin, _ = text.partition(BEGIN)
    if not begin:
        raise ValueError(f"the page has no line {BEGIN}")
    return "\n".join([f"{head}{BEGIN}", *tables(), ""])


def main(path: Path) -> int:
    path.write_text(page(path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
