"""The target's interpreter is found, or the message says what is missing."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from imagelabels.deploy.package import bytecode
from imagelabels.deploy.package.interpreter import find
from imagelabels.deploy.package.target import order
from imagelabels.domain.errors import Misconfigured
from tests.deploy.package.making import OWN, VERSION, own_order, program

ORDER = order("tencent")


def python(path: Path, version: str) -> Path:
    """A program that describes itself as an interpreter of this version."""
    return program(path, [version, "linux x86_64", "/usr/include/python", ".so", str(path)])


def test_the_interpreter_that_runs_the_tests_describes_itself() -> None:
    found = find(own_order(), Path(sys.executable), {})
    assert (found.version, found.include, found.suffix) == (OWN.version, OWN.include, OWN.suffix)


def test_the_one_on_path_comes_first_and_pyenvs_stand_in_for_one_not_chosen_is_passed_by(tmp_path: Path) -> None:
    in_pyenv = python(tmp_path / "pyenv" / "versions" / "3.10.13" / "bin" / "python3.10", "cpython 3.10")
    on_path = tmp_path / "bin" / "python3.10"
    environ = {"PATH": str(on_path.parent), "PYENV_ROOT": str(tmp_path / "pyenv")}
    program(on_path, "pyenv: python3.10: command not found", status=127)
    assert find(ORDER, None, environ).path == in_pyenv
    python(on_path, "cpython 3.10")
    assert find(ORDER, None, environ).path == on_path


def test_a_script_that_starts_the_interpreter_stands_for_the_interpreter_itself(tmp_path: Path) -> None:
    """The scripts that pyenv puts on PATH need HOME and PATH, and packages are compiled without any variable."""
    script = tmp_path / f"python{VERSION}"
    script.write_text(f'#!/bin/sh\n[ -n "$HOME" ] || exit 127\nexec {shlex.quote(sys.executable)} "$@"\n')
    script.chmod(0o755)
    found = find(own_order(), None, {"PATH": str(tmp_path)})
    assert found.path != script
    assert list(bytecode.compiled({"a.py": b"x = 1\n"}, "/code", found)) != []


def test_pyenv_is_looked_for_in_the_home_folder(tmp_path: Path) -> None:
    python(tmp_path / ".pyenv" / "versions" / "3.10.2" / "bin" / "python3.10", "pypy 3.10")
    fitting = python(tmp_path / ".pyenv" / "versions" / "3.10.1" / "bin" / "python3.10", "cpython 3.10")
    assert find(ORDER, None, {"HOME": str(tmp_path)}).path == fitting


def test_without_one_the_message_says_which_to_install(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"no Python 3\.10 was found.*tencent.*--python"):
        find(ORDER, None, {"PATH": str(tmp_path), "HOME": str(tmp_path)})


def test_one_that_is_named_but_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"is cpython 3\.12, but the package is for python3\.10 on tencent"):
        find(ORDER, python(tmp_path / "python", "cpython 3.12"), {})
    with pytest.raises(Misconfigured, match="cannot be started as a Python interpreter"):
        find(ORDER, tmp_path / "missing", {})
    with pytest.raises(Misconfigured, match="cannot be started as a Python interpreter"):
        find(ORDER, program(tmp_path / "other", "hello"), {})
