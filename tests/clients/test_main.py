"""What the program says when a client cannot be installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_package_manager_that_fails_is_told_in_one_line_and_not_by_a_stack_trace(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, script in {"node": "exit 0", "npm": "echo no registry; exit 7"}.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PYTHONPATH": os.pathsep.join([str(ROOT / "shared"), str(ROOT)])}
    command = [sys.executable, "-m", "tests.clients", "--into", str(tmp_path / "clients")]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    (line,) = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (2, "no registry\n")
    assert line.startswith("clients: npm ended with 7")
