"""Compiles the C part of a distribution that comes as sources; the same compiler gives the same bytes everywhere."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from imagelabels.deploy.package.interpreter import Interpreter
from imagelabels.domain.errors import Misconfigured

FLAGS = (
    "-O2",
    "-fPIC",
    "-shared",
    "-s",  # no names, no paths for a debugger
    "-w",  # its warnings are not ours to mend
    "-Wl,--build-id=none",
    # Distributions of Linux set these in different ways, and they ask for newer versions of GLIBC.
    "-fno-stack-protector",
    "-U_FORTIFY_SOURCE",
)
NEEDED = "linux x86_64"


def compiled(name: str, source: bytes, interpreter: Interpreter) -> bytes:
    """The library that the source of distribution `name` becomes; Misconfigured where that cannot be done."""
    if interpreter.system != NEEDED:
        raise Misconfigured(
            f"{name} has a part in C, which must be compiled on Linux for x86-64; {interpreter.path} runs on"
            f" {interpreter.system}: make the package on such a machine, or in a container"
        )
    compiler = shutil.which("cc")
    if compiler is None:
        raise Misconfigured(f"{name} has a part in C, and there is no compiler `cc`: install gcc or clang")
    if not (interpreter.include / "Python.h").is_file():
        raise Misconfigured(
            f"{name} has a part in C, and {interpreter.path} lacks its headers ({interpreter.include}/Python.h):"
            " install them, or name another interpreter with --python"
        )
    with tempfile.TemporaryDirectory() as folder:
        # The names in the command are relative: no path of this machine can come into the library.
        Path(folder, "part.c").write_bytes(source)
        command = [compiler, *FLAGS, f"-I{interpreter.include}", "-o", "part.so", "part.c"]
        environ = {"PATH": str(Path(compiler).parent), "LC_ALL": "C", "SOURCE_DATE_EPOCH": "315532800"}
        done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
            raise Misconfigured(f"the C part of {name} could not be compiled with {compiler}: {last}")
        return Path(folder, "part.so").read_bytes()
