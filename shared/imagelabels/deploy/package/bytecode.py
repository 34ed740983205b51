"""Compiles the Python sources of an archive with the target's interpreter."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path, PurePosixPath

from imagelabels.deploy.package import compiler
from imagelabels.deploy.package.interpreter import Interpreter
from imagelabels.domain.errors import Misconfigured


def compiled(sources: Mapping[str, bytes], folder: str, interpreter: Interpreter) -> dict[str, bytes]:
    """The .pyc files for the .py files among `sources`, by their places in the archive.

    `folder` is where the platform unpacks the archive: the paths in tracebacks begin with it.
    """
    paths = sorted(path for path in sources if path.endswith(".py"))
    sent = b"".join(_framed(f"{folder}/{path}".encode()) + _framed(sources[path]) for path in paths)
    # Sets are written in the order of their hashes, so the hashes must be the same in every run. For the same reason
    # nothing of this machine is loaded: no site-packages, no variable of the environment.
    command = [str(interpreter.path), "-s", "-S", "-c", Path(compiler.__file__).read_text(encoding="utf-8")]
    try:
        done = subprocess.run(command, input=sent, env={"PYTHONHASHSEED": "0"}, capture_output=True)
    except OSError as error:
        raise _failed(interpreter, error.strerror or str(error)) from error
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise _failed(interpreter, lines[-1] if lines else f"it ended with the status {done.returncode}")
    received = BytesIO(done.stdout)
    contents = {path: compiler.frame(received) for path in paths}
    tag = "cpython-" + interpreter.version.removeprefix("cpython ").replace(".", "")
    return {_place(path, tag): content for path, content in contents.items() if content}


def _failed(interpreter: Interpreter, reason: str) -> Misconfigured:
    return Misconfigured(f"{interpreter.path} could not compile the package ({reason}): name another with --python")


def _framed(content: bytes) -> bytes:
    return compiler.LENGTH.pack(len(content)) + content


def _place(path: str, tag: str) -> str:
    """https://peps.python.org/pep-3147/."""
    file = PurePosixPath(path)
    return str(file.parent / "__pycache__" / f"{file.stem}.{tag}.pyc")
