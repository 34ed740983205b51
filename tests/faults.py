"""Plants one fault at a time in a copy of the code and sees whether a named test finds it. `make faults`.

A fault is a file, what stands there, what stands there instead, and the tests that must fail. First all of these
tests are run without a fault, and must pass.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
RECONCILE = "shared/imagelabels/usecases/reconcile.py"
ANSWERS = "shared/imagelabels/usecases/answers.py"
PLAN = "shared/imagelabels/domain/plan.py"
TAGS = "shared/imagelabels/domain/tags.py"
LEDGER = "shared/imagelabels/providers/embedded/ledger.py"
STORIES = "tests/usecases/test_safeguards.py::test_"


@dataclass(frozen=True)
class Fault:
    name: str
    file: str
    changes: tuple[tuple[str, str], ...]
    test: str


def safeguard(name: str, file: str, *changes: tuple[str, str]) -> Fault:
    """The story whose name begins with the safeguard's."""
    return Fault(name, file, changes, f"tests/usecases/test_safeguards.py -k test_{name}_")


SAFEGUARDS = [
    safeguard("lock", RECONCILE, ("_Lock(uuid4().hex)", '_Lock("everybody")')),
    safeguard(
        "fence", RECONCILE, ("before = min(lock.until, self.by.time.now() + FENCE)", "before = lock.until + 3600")
    ),
    safeguard(
        "hold_after_lost",
        RECONCILE,
        (
            "except (Gone, Rejected, Misconfigured):\n                lock.keep = False",
            "except Exception:\n                lock.keep = False",
        ),
    ),
    safeguard("keep_while_sent", RECONCILE, ("            lock.keep = True\n            try:", "            try:")),
    safeguard(
        "head_before_write",
        RECONCILE,
        ("found.gone or now.head != head", "found.gone or (now.head != head and not found.kept)"),
    ),
    safeguard(
        "head_before_store",
        RECONCILE,
        (
            "                self.answers.void(found, lock.token)\n                head",
            "                self.answers.keep(found, lock.token)\n                head",
        ),
    ),
    safeguard("cond_row", LEDGER, ("AND lock = ?", "AND ? IS NOT NULL")),
    safeguard("content_claim", ANSWERS, ('return None if claim.kind == "busy" else claim', "return claim")),
    safeguard("long_claim", ANSWERS, ("self._time.at(self._claim_until)", "self._time.now() + 1")),
    safeguard("claim_lease", ANSWERS, ("self._time.at(self._claim_until)", "self._time.now() + 1e9")),
    safeguard("keep", ANSWERS, ("self._ledger.store(found.claim, token, found.answer)", "self.void(found, token)")),
    safeguard("lease", RECONCILE, ("now + RESOLUTION + self.by.lease", "now + 1e9")),
    safeguard(
        "reread",
        RECONCILE,
        (
            "            tags = self.by.objects.tags(self._versioned(head))",
            "            tags = self.early",
        ),
        (
            "            found = self.answers.get(",
            "            self.early = self.by.objects.tags(self.ref) if head else {}\n            found = self.answers.get(",
        ),
    ),
    safeguard("merge", TAGS, ("Wanted(theirs | written", "Wanted(written")),
    safeguard("strip", PLAN, ('answer.reason != "symlink"', "answer.reason is None")),
    safeguard("removal_locks", LEDGER, ("AND lock = ?", "AND ? IS NOT NULL")),
    safeguard(
        "refusal_kept",
        ANSWERS,
        (
            "return Found(Answer(error.reason, str(error), None, seen.width, seen.height), claim=id)",
            'raise Unavailable("detector_error") from error',
        ),
    ),
    safeguard(
        "temp_not_kept",
        ANSWERS,
        (
            "        except (Unavailable, Misconfigured) as error:\n            self._ledger.give_back(id, token)\n            return Found(Answer(error.reason, str(error)))",
            "        except (Unavailable, Misconfigured) as error:\n            return Found(Answer(error.reason, str(error)), claim=id)",
        ),
    ),
]

PLANTED: list[Fault] = []


def caught(fault: Fault) -> str:
    """`caught`, `MISSED`, or why the fault could not be planted."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("shared", "functions", "emulator", "events", "tests", "photos", "demo", "pyproject.toml"):
            source = HERE / name
            if source.is_dir():
                shutil.copytree(source, Path(folder, name), ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy(source, folder)
        planted = Path(folder, fault.file)
        text = planted.read_text()
        for old, new in fault.changes:
            if old not in text:
                return f"NOT PLANTED: {old!r} is not in {fault.file}"
            text = text.replace(old, new)
        planted.write_text(text)
        environ = os.environ | {"PYTHONPATH": str(Path(folder, "shared")), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", "-s", *fault.test.split()]
        done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)
    if done.returncode == 1:
        return "caught"
    return "MISSED" if done.returncode == 0 else f"NOT RUN: {done.stdout[-300:]}{done.stderr[-300:]}"


def main() -> int:
    chosen = [fault for fault in SAFEGUARDS + PLANTED if not sys.argv[1:] or fault.name in sys.argv[1:]]
    tests = sorted({fault.test.split()[0] for fault in chosen})
    if (control := caught(Fault("none", "pyproject.toml", (), " ".join(tests)))) != "MISSED":
        print(f"the tests fail without a fault: {control}")
        return 1
    with ThreadPoolExecutor(2) as executor:
        results = list(executor.map(caught, chosen))
    for fault, result in zip(chosen, results, strict=True):
        print(f"{result:<8} {fault.name:<28} {fault.test}")
    return 0 if all(result == "caught" for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
