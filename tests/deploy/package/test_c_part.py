"""The C part of crcmod is compiled for the target, or the message says what is missing."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.deploy.package import c_part, glibc
from imagelabels.domain.errors import Misconfigured
from tests.deploy.package.making import OWN

SOURCE = b"""
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "pets", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_pets(void) { return PyModule_Create(&module); }
"""


@pytest.mark.parametrize("system", ["darwin arm64", "linux aarch64", "win32 AMD64"])
def test_a_machine_that_cannot_compile_for_the_platform_says_so(system: str) -> None:
    with pytest.raises(Misconfigured, match=f"must be compiled on Linux for x86-64; .* runs on {system}"):
        c_part.compiled("crcmod", SOURCE, replace(OWN, system=system))


def test_headers_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=rf"lacks its headers \({tmp_path}/Python\.h\)"):
        c_part.compiled("crcmod", SOURCE, replace(OWN, include=tmp_path))


def test_what_the_compiler_says_reaches_the_user() -> None:
    with pytest.raises(Misconfigured, match=r"the C part of crcmod could not be compiled with .*cc: "):
        c_part.compiled("crcmod", b"#error no\n", OWN)


def test_the_library_has_the_same_bytes_each_time_and_no_path_of_this_machine(tmp_path: Path) -> None:
    library = c_part.compiled("pets", SOURCE, OWN)
    assert library == c_part.compiled("pets", SOURCE, OWN)
    assert b"/tmp" not in library
    assert str(sys.prefix).encode() not in library
    assert glibc.needed(library) <= (2, 17)
