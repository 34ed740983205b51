"""The target's interpreter is found, or the message says what is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from imagelabels.deploy.package.interpreter import find
from imagelabels.deploy.package.target import order
from imagelabels.domain.errors import Misconfigured
from tests.deploy.package.making import OWN, own_order, program

ORDER = order("tencent")


def answer(version: str) -> list[str]:
    return [version, "linux x86_64", "/usr/include/python", ".so"]


def test_the_interpreter_that_runs_the_tests_describes_itself() -> None:
    found = find(own_order(), Path(sys.executable), {})
    assert (found.version, found.include, found.suffix) == (OWN.version, OWN.include, OWN.suffix)


def test_the_one_on_path_comes_first_and_pyenvs_stand_in_for_one_not_chosen_is_passed_by(tmp_path: Path) -> None:
    in_pyenv = program(tmp_path / "pyenv" / "versions" / "3.10.13" / "bin" / "python3.10", answer("cpython 3.10"))
    on_path = tmp_path / "bin" / "python3.10"
    environ = {"PATH": str(on_path.parent), "PYENV_ROOT": str(tmp_path / "pyenv")}
    program(on_path, "pyenv: python3.10: command not found", status=127)
    assert find(ORDER, None, environ).path == in_pyenv
    program(on_path, answer("cpython 3.10"))
    assert find(ORDER, None, environ).path == on_path


def test_pyenv_is_looked_for_in_the_home_folder(tmp_path: Path) -> None:
    program(tmp_path / ".pyenv" / "versions" / "3.10.2" / "bin" / "python3.10", answer("pypy 3.10"))
    fitting = program(tmp_path / ".pyenv" / "versions" / "3.10.1" / "bin" / "python3.10", answer("cpython 3.10"))
    assert find(ORDER, None, {"HOME": str(tmp_path)}).path == fitting


def test_without_one_the_message_says_which_to_install(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"no Python 3\.10 was found.*tencent.*--python"):
        find(ORDER, None, {"PATH": str(tmp_path), "HOME": str(tmp_path)})


def test_one_that_is_named_but_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"is cpython 3\.12, but the package is for python3\.10 on tencent"):
        find(ORDER, program(tmp_path / "python", answer("cpython 3.12")), {})
    with pytest.raises(Misconfigured, match="cannot be started as a Python interpreter"):
        find(ORDER, tmp_path / "missing", {})
    with pytest.raises(Misconfigured, match="cannot be started as a Python interpreter"):
        find(ORDER, program(tmp_path / "other", "hello"), {})
