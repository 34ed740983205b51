"""This command plants one fault at a time in a copy of the code, and checks that a named test fails: `make faults`.

First it runs all of these tests without a fault, and they must pass. Its arguments are names of faults. With -v, the
table also says how each test failed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from tests.planted import Fault, api, embedded, feeds, page, safeguards, unconfirmed, usecases

ROOMS = (safeguards, unconfirmed, usecases, page, feeds, api, embedded)

HERE = Path(__file__).resolve().parent.parent
PRODUCT = ("shared", "functions", "emulator")
COPIED = (*PRODUCT, "events", "models", "tests", "photos", "demo", "pyproject.toml")
LONGEST = 120.0
"""A test that takes more seconds counts as hanging, because a fault may make a test wait for ever."""

# If the code with a fault cannot even be imported or run, the failure says nothing about the test.
BROKEN = re.compile(r"ERROR|.* - (SyntaxError|IndentationError|ImportError|ModuleNotFoundError|NameError|UnboundLocal)")


def main(arguments: list[str]) -> int:
    names = [name for name in arguments if name != "-v"]
    faults = [fault for room in ROOMS for fault in room.FAULTS]
    if len({fault.name for fault in faults}) != len(faults) or set(names) - {fault.name for fault in faults}:
        print(f"no such fault, or two with the same name; these exist: {' '.join(fault.name for fault in faults)}")
        return 2
    chosen = [fault for fault in faults if not names or fault.name in names]
    with copy() as folder:
        code, output = pytest(folder, *sorted({path_of_test(fault.test) for fault in chosen}))
    if code != 0:
        print(f"the tests fail without a fault:\n{output}")
        return 1
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        results = list(executor.map(tried, chosen))
    for fault, (result, why) in zip(chosen, results, strict=True):
        print(f"{result:<11} {fault.name:<32} {path_of_test(fault.test)}")
        if result != "caught" or "-v" in arguments:
            print(f"{'':<11} {why}")
    missed = sum(result != "caught" for result, _ in results)
    print(f"{len(chosen)} faults, {missed} of them not caught")
    return 1 if missed else 0


def tried(fault: Fault) -> tuple[str, str]:
    """Return `caught`, or what is wrong with the test or the fault, and then how the test failed."""
    with copy() as folder:
        if (wrong := plant(fault, folder)) is not None:
            return "NOT PLANTED", wrong
        try:
            code, output = pytest(folder, path_of_test(fault.test))
        except subprocess.TimeoutExpired:
            return "HANGS", f"it did not end within {LONGEST:g} s"
    why = next(
        (line for line in output.splitlines() if line.startswith(("FAILED tests", "ERROR tests"))), output[-500:]
    )
    if code == 1 and not BROKEN.match(why):
        return "caught", why.partition(" - ")[2]
    return "MISSED" if code == 0 else "NOT RUN", why


def plant(fault: Fault, folder: Path) -> str | None:
    """Make the changes. Return None, or the reason why they cannot be made."""
    try:
        path, text = changed(fault, folder)
    except ValueError as error:
        return str(error)
    path.write_text(text)
    return None


def changed(fault: Fault, folder: Path) -> tuple[Path, str]:
    """Return the file in which the fault is planted, and its changed text. ValueError says why it does not fit."""
    files = [
        path for room in PRODUCT for path in (folder / room).rglob("*.py") if f"/{path}".endswith(f"/{fault.file}")
    ]
    places = [path for path in files if fault.changes[0][0] in path.read_text()]
    if len(places) != 1:
        raise ValueError(f"{len(places)} of {len(files)} files {fault.file} contain {fault.changes[0][0]!r}")
    text = places[0].read_text()
    for old, new in fault.changes:
        if text.count(old) != 1:
            raise ValueError(f"{fault.file} contains {text.count(old)} times {old!r}")
        text = text.replace(old, new)
    return places[0], text


@contextmanager
def copy() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in COPIED:
            if (source := HERE / part).is_dir():
                shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder)
        yield folder


def pytest(folder: Path, *tests: str) -> tuple[int, str]:
    """Run pytest, and return its exit status and its output."""
    environ = os.environ | {"PYTHONPATH": str(folder / "shared"), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "300"}
    command = [sys.executable, "-m", "pytest", "-x", "-rfE", "--tb=short", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=LONGEST)
    return done.returncode, done.stdout + done.stderr


@lru_cache
def path_of_test(test: str) -> str:
    """Return the path of a test function. Faults name the function only, because tests move more often."""
    folder, _, name = test.rpartition("::")
    files = [path for path in (HERE / "tests").rglob("test_*.py") if not folder or folder in path.parts]
    matches = [path for path in files if re.search(rf"^def {name}\(", path.read_text(), re.M)]
    if len(matches) != 1:
        raise SystemExit(f"there must be exactly one test {test}, not {len(matches)}")
    return f"{matches[0].relative_to(HERE)}::{name}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
