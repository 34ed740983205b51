"""Changes the code at one place at a time, as Cosmic Ray does, and lists the changes that no test notices.

`make mutants MODULES="domain/plan.py usecases/waiting.py"`; without names all of CHOSEN are tried. A change that
survives is either a test that is missing or a place where the code could be simpler.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.faults import HERE, copy

COSMIC_RAY = HERE / ".venv" / "mutants" / "bin" / "cosmic-ray"
PACKAGE = Path("shared/imagelabels")
CHOSEN = ("domain/plan.py", "usecases/asking.py", "usecases/waiting.py")
"""What is tried without a choice: what decides, and what waits and pays."""

STORIES = "tests/usecases"
"""These run after the module's own tests: a change that those do not notice may spoil a story."""

POINTLESS = re.compile(
    r"Eq_Is(Not)?$|"
    r"ReplaceBinaryOperator_(?!(Add_Sub|Sub_Add|Mul_Div|Div_Mul|FloorDiv_Mul|Mod_Mul|Pow_Mul|BitOr_BitAnd|BitAnd_BitOr)$)"
)

LONGEST = 120.0
"""Seconds after which the tests count as hanging, which notices the change too."""

CONFIG = """\
[cosmic-ray]
module-path = "{module}"
timeout = {timeout}
excluded-modules = []
test-command = {command!r}
distributor.name = "local"
"""


@dataclass(frozen=True)
class Mutants:
    """What became of the changes of one module."""

    module: str
    made: int
    survivors: tuple[str, ...]
    """The change of each, as a diff."""


def main(arguments: list[str]) -> int:
    modules = arguments or list(CHOSEN)
    if missing := [module for module in modules if not (HERE / PACKAGE / module).is_file()]:
        print(f"there is no such module below {PACKAGE}: {' '.join(missing)}")
        return 2
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        results = list(executor.map(tried, modules))
    for result in results:
        for change in result.survivors:
            print(change)
    for result in results:
        print(f"{result.module}: {result.made} mutants, {len(result.survivors)} of them survived")
    return 0


def tried(module: str) -> Mutants:
    """Run the tests once for each change of the module, in a copy of the code."""
    path = PACKAGE / module
    room, name = module.split("/")
    own = Path("tests", room, f"test_{name}")
    with copy() as folder:
        tests = ([str(own)] if (folder / own).is_file() else []) + [STORIES]
        # Over the ledger in memory alone the stories take half the time.
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", "not story", "-k", "not sqlite", *tests]
        config = CONFIG.format(module=path, timeout=LONGEST, command=shlex.join(command))
        (folder / "cosmic-ray.toml").write_text(config)
        environ = os.environ | {"PYTHONPATH": f"{folder / 'shared'}:{folder}", "PYTHONDONTWRITEBYTECODE": "1"}

        def run(*parts: str) -> None:
            done = subprocess.run(parts, cwd=folder, env=environ, capture_output=True, text=True)
            if done.returncode != 0:
                raise SystemExit(f"{module}: {shlex.join(parts)} failed:\n{done.stdout}{done.stderr}")

        run(*command)  # Tests that fail without a change would notice every change.
        run(str(COSMIC_RAY), "init", "cosmic-ray.toml", "session.sqlite")
        session = folder / "session.sqlite"
        leave_out_the_pointless(session, (folder / path).read_text())
        run(str(COSMIC_RAY), "exec", "cosmic-ray.toml", "session.sqlite")
        return read(session, module)


def leave_out_the_pointless(session: Path, source: str) -> None:
    """Remove the changes that no test could notice, and those that say the same as another one.

    Annotations are not evaluated, and a dataclass is frozen and has slots for the type checker's sake and for memory's.
    Whether equal values are one object is chance. Of an arithmetic operator, one other
    operator is enough.
    """
    spans = [*pointless_spans(ast.parse(source))]
    with sqlite3.connect(session) as connection:
        query = "SELECT job_id, operator_name, start_pos_row, start_pos_col FROM mutation_specs"
        for job, operator, row, column in connection.execute(query).fetchall():
            is_within = any(begin <= (row, column) < end for begin, end in spans)
            if is_within or POINTLESS.search(operator):
                connection.execute("DELETE FROM mutation_specs WHERE job_id = ?", (job,))
                connection.execute("DELETE FROM work_items WHERE job_id = ?", (job,))


Position = tuple[int, int]


def pointless_spans(tree: ast.AST) -> Iterator[tuple[Position, Position]]:
    """Yield where each annotation and each decorator of a class begins and ends."""
    for node in ast.walk(tree):
        parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        parts += node.decorator_list if isinstance(node, ast.ClassDef) else []
        for part in parts:
            if isinstance(part, ast.expr) and part.end_lineno is not None and part.end_col_offset is not None:
                yield (part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset)


def read(session: Path, module: str) -> Mutants:
    with sqlite3.connect(session) as connection:
        results = connection.execute("SELECT test_outcome, diff FROM work_results").fetchall()
    survivors = [str(diff) for outcome, diff in results if str(outcome).rpartition(".")[2].lower() == "survived"]
    return Mutants(module, len(results), tuple(survivors))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
