"""The target's interpreter: it compiles what the function imports, so its version must be the target's."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from imagelabels.deploy.package.target import Order
from imagelabels.domain.errors import Misconfigured

_ASK = (
    "import json, platform, sys, sysconfig; print(json.dumps(["
    "f'{sys.implementation.name} {sys.version_info[0]}.{sys.version_info[1]}', f'{sys.platform} {platform.machine()}',"
    " sysconfig.get_path('include'), str(sysconfig.get_config_var('EXT_SUFFIX')), sys.executable]))"
)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that was found, as it describes itself."""

    path: Path
    """The program itself. What was found may be a script that starts it, as those of pyenv, which need variables of
    the environment that the package is not compiled with."""
    version: str
    """Its kind and version, as `cpython 3.10`."""
    system: str
    """Its system and processor, as `linux x86_64`."""
    include: Path
    """The folder of its C headers."""
    suffix: str
    """The end of the names of its compiled modules, as .cpython-310-x86_64-linux-gnu.so."""


def find(order: Order, given: Path | None, environ: Mapping[str, str]) -> Interpreter:
    """The interpreter at `given`, else the first that fits of those on PATH and of pyenv; Misconfigured without one."""
    wanted = ".".join(map(str, order.python))
    if given is not None:
        interpreter = _asked(given)
        if interpreter is None:
            raise Misconfigured(f"{given} cannot be started as a Python interpreter: name another with --python")
        if interpreter.version != f"cpython {wanted}":
            raise Misconfigured(
                f"{given} is {interpreter.version}, but the package is for {order.runtime} on {order.cloud.name}: name"
                f" a CPython {wanted} with --python"
            )
        return interpreter
    for path in _candidates(wanted, environ):
        interpreter = _asked(path)
        if interpreter is not None and interpreter.version == f"cpython {wanted}":
            return interpreter
    raise Misconfigured(
        f"no Python {wanted} was found, which must compile the package for {order.cloud.name}: install it, as with"
        f" `pyenv install {wanted}`, or name one with --python"
    )


def _candidates(version: str, environ: Mapping[str, str]) -> Iterator[Path]:
    name = f"python{version}"
    if on_path := shutil.which(name, path=environ.get("PATH", "")):
        yield Path(on_path)
    pyenv = Path(environ.get("PYENV_ROOT") or f"{environ.get('HOME', '')}/.pyenv")
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/{name}"), reverse=True)


def _asked(path: Path) -> Interpreter | None:
    """None for what is no interpreter, and for pyenv's stand-in for a version that is not chosen."""
    try:
        done = subprocess.run([path, "-I", "-c", _ASK], capture_output=True, text=True, timeout=60, check=True)
        answers = json.loads(done.stdout)
    except (OSError, ValueError, RecursionError, subprocess.SubprocessError):
        return None
    if not (isinstance(answers, list) and len(answers) == 5):
        return None
    version, system, include, suffix, program = map(str, answers)
    return Interpreter(Path(program), version, system, Path(include), suffix)
