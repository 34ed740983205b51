"""The running of a vendor's test files: what is left of a run that ends too early."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.vendor import running
from tests.vendor.running import Limits, Run
from tests.vendor.suites import Suite

TOY = Suite("somewhere/toy", "1", "**/test_*.py", (".",))


def run(tmp_path: Path, text: str, seconds: float) -> list[dict[str, object]]:
    """Run a file with this text as its tests, and return its results."""
    file = tmp_path / "toy" / "test_it.py"
    file.parent.mkdir()
    file.write_text(text)
    results = running.results_of(TOY, tmp_path, file, tmp_path)
    running.run_file(TOY, Run(file.parent, 1, "0", Limits(seconds, seconds)), file, results)
    return [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []


def test_a_crash_loses_no_result_of_the_tests_before_it(tmp_path: Path) -> None:
    lines = run(tmp_path, "import os\ndef test_a():\n    pass\ndef test_b():\n    os._exit(3)\n", 600)
    assert [(line["test"], line["outcome"]) for line in lines] == [
        ("test_it.py::test_a", "collected"),
        ("test_it.py::test_b", "collected"),
        ("test_it.py::test_a", "passed"),
    ]


def test_a_file_that_hangs_does_not_hold_up_the_run(tmp_path: Path) -> None:
    assert run(tmp_path, "import signal\nwhile True:\n    signal.pause()\n", 1) == []


def test_a_file_that_could_not_run_is_run_again_when_the_run_goes_on(tmp_path: Path) -> None:
    run(tmp_path, "import no_such_module\n", 600)
    assert not (tmp_path / "test_it.jsonl").exists()


def test_an_interrupted_run_leaves_no_process(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    child = f"import os, signal; os.fork() or open({str(pipe)!r}, 'w').write(str(os.getpid())); signal.pause()"

    def interrupted() -> None:
        with running._process([sys.executable, "-c", child], tmp_path, os.environ, tmp_path / "log"):
            pids.append(int(pipe.read_text()))
            raise KeyboardInterrupt

    pids: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    state = Path(f"/proc/{pids[0]}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] in ("X", "Z")


def test_files_of_the_same_name_in_two_folders_have_results_of_their_own(tmp_path: Path) -> None:
    files = [tmp_path / "toy" / folder / "test_it.py" for folder in ("", "a", "b")]
    assert len({running.results_of(TOY, tmp_path, file, tmp_path) for file in files}) == len(files)
