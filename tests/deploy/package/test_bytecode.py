"""Bytecode: made by the target's interpreter, valid without the times of sources, the same in every run."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.deploy.package import bytecode, compiler
from imagelabels.domain.errors import Misconfigured
from tests.deploy.package.making import OWN, program

TAG = f"cpython-{sys.version_info[0]}{sys.version_info[1]}"
SETS = b"def known(word):\n    return word in {'cat', 'dog', 'horse', 'cow', 'goat', 'sheep'}\n"


def test_bytecode_is_used_whatever_its_source_has_become_since(tmp_path: Path) -> None:
    for place, content in bytecode.compiled({"a.py": b"print('as compiled')\n"}, "/code", OWN).items():
        (tmp_path / place).parent.mkdir()
        (tmp_path / place).write_bytes(content)
    (tmp_path / "a.py").write_text("print('changed')\n")
    command = [sys.executable, "-c", "import a"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "as compiled\n"


def test_tracebacks_name_the_places_on_the_platform() -> None:
    (content,) = bytecode.compiled({"pets/dog.py": b"x = 1\n"}, "/opt/python", OWN).values()
    assert b"/opt/python/pets/dog.py" in content


def test_the_bytes_are_the_same_in_every_process_though_sets_have_no_order() -> None:
    sources = {"a.py": SETS, "b.py": SETS}
    assert len({tuple(bytecode.compiled(sources, "/code", OWN).values()) for _ in range(3)}) == 1
    assert sorted(bytecode.compiled(sources, "/code", OWN)) == [f"__pycache__/{name}.{TAG}.pyc" for name in "ab"]


def test_sources_of_another_python_and_other_files_are_left_as_they_are() -> None:
    sources = {"two.py": b"print 'two'\n", "nul.py": b"\0", "data.json": b"{}", "three.py": b"3\n"}
    assert list(bytecode.compiled(sources, "/code", OWN)) == [f"__pycache__/three.{TAG}.pyc"]


def test_warnings_of_the_vendors_sources_are_kept_from_the_user(capfd: pytest.CaptureFixture[str]) -> None:
    assert bytecode.compiled({"a.py": rb"x = '\d'"}, "/code", OWN)
    assert capfd.readouterr().err == ""


def test_an_interpreter_that_fails_is_named(tmp_path: Path) -> None:
    broken = program(tmp_path / "python3.10", "", status=7)
    said = rf"^{broken} could not compile the package \(it ended with the status 7\): name another with --python$"
    with pytest.raises(Misconfigured, match=said):
        bytecode.compiled({"a.py": b""}, "/code", replace(OWN, path=broken))


def test_what_the_compiler_writes_are_frames() -> None:
    content = compiler.bytecode("/code/a.py", b"x = 1\n")
    assert content[4:8] == b"\1\0\0\0"  # PEP 552: by a hash that is not checked
    assert compiler.bytecode("/code/a.py", b"(") == b""
