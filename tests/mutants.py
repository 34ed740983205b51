"""This command changes the code at one place at a time with Cosmic Ray, and lists the changes that no test notices.

`make mutants MODULES="domain/plan.py records"` tries a module and a package; without names it tries all of CHOSEN. A
change that survives shows either that a test is missing or that the code could be simpler. The command fails when more
than MOST of a package's changes survive.
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
CHOSEN = ("domain", "usecases", "records")
"""These packages are tried when none is named: they decide, they wait and pay, and they say what is stored."""

MOST = 0.05
"""This share of a package's changes may survive. A few changes make no difference that a test could state."""

STORIES = "tests/usecases"
"""These tests run after those of the module and its package, and may notice what those do not."""

POINTLESS = re.compile(
    r"Eq_Is(Not)?$|"
    r"ReplaceBinaryOperator_(?!(Add_Sub|Sub_Add|Mul_Div|Div_Mul|FloorDiv_Mul|Mod_Mul|Pow_Mul|BitOr_BitAnd|BitAnd_BitOr)$)"
)

LONGEST = 60.0
"""After so many seconds the tests count as hanging, and then the change was noticed too."""

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
    tried: int
    survivors: tuple[str, ...]
    """Each survivor is shown as the diff of its change."""


def main(arguments: list[str]) -> int:
    chosen = arguments or list(CHOSEN)
    if missing := [name for name in chosen if not modules(name)]:
        print(f"there is no such module or package below {PACKAGE}: {' '.join(missing)}")
        return 2
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        results = list(executor.map(tried, dict.fromkeys(module for name in chosen for module in modules(name))))
    for result in results:
        print(*result.survivors, sep="\n", end="")
    return summary(results)


def modules(name: str) -> list[str]:
    """Return the module of that name, or all modules of the package of that name, relative to PACKAGE."""
    path = HERE / PACKAGE / name
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    return [file.relative_to(HERE / PACKAGE).as_posix() for file in files if file.read_text().count("\n") > 1]


def summary(results: list[Mutants]) -> int:
    """Print the figures of each module and each package; return 1 when too many changes of a package survived."""
    packages: dict[str, list[Mutants]] = {}
    for result in results:
        packages.setdefault(result.module.partition("/")[0], []).append(result)
        print(f"{result.module}: {result.tried} changes, {len(result.survivors)} of them survived")
    status = 0
    for package, parts in packages.items():
        total, survived = sum(part.tried for part in parts), sum(len(part.survivors) for part in parts)
        share = survived / max(total, 1)
        print(f"{package}: {total} changes, {survived} of them survived, {share:.1%}; at most {MOST:.0%} may")
        status = 1 if share > MOST else status
    return status


def tests_for(module: str, folder: Path) -> list[str]:
    """Return the test files in the order in which they are most likely to notice a change of the module."""
    package, _, name = module.rpartition("/")
    own = folder / "tests" / package / f"test_{name}"
    others = sorted((folder / "tests" / package).glob("test_*.py"), key=lambda path: (path != own, path))
    return [*(path.relative_to(folder).as_posix() for path in others if package != "usecases" or path == own), STORIES]


def tried(module: str) -> Mutants:
    """Run the tests once for each change of the module, in a copy of the code."""
    path = PACKAGE / module
    with copy() as folder:
        # The stories take half the time over the ledger in memory alone.
        options = ["-q", "-x", "-p", "no:cacheprovider", "-m", "not story", "-k", "not sqlite"]
        command = [sys.executable, "-m", "pytest", *options, *tests_for(module, folder)]
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

    Annotations are not evaluated. A dataclass is frozen and has slots for the sake of the type checker and of memory,
    and a cache gives the same values sooner. Whether equal values are one object is chance. An arithmetic operator is
    replaced by one other operator, which is enough.
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
    """Yield where each annotation, each decorator of a class and each cache begins and ends."""
    for node in ast.walk(tree):
        parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        parts += node.decorator_list if isinstance(node, ast.ClassDef) else []
        for part in parts:
            if isinstance(part, ast.expr):
                yield (part.lineno, part.col_offset), end(part)
        for decorator in getattr(node, "decorator_list", []):
            if ast.unparse(decorator).startswith(("cache", "lru_cache")):
                yield (decorator.lineno, decorator.col_offset - len("@")), end(decorator)


def end(node: ast.expr) -> Position:
    """Return the end of an expression; ast.parse gives one to each, and the types alone leave it open."""
    return node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def read(session: Path, module: str) -> Mutants:
    with sqlite3.connect(session) as connection:
        results = connection.execute("SELECT test_outcome, diff FROM work_results").fetchall()
    survivors = [str(diff) for outcome, diff in results if str(outcome).rpartition(".")[2].lower() == "survived"]
    return Mutants(module, len(results), tuple(survivors))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
