"""Fetches what a lock names with pip, and keeps it in a cache in which a file's hash is its address."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from imagelabels import local_files
from imagelabels.deploy.package.distribution import RECIPES
from imagelabels.deploy.package.lock import Locked
from imagelabels.deploy.package.target import Order
from imagelabels.domain.errors import Misconfigured

Pip = Callable[[Sequence[str]], "tuple[int, str]"]
"""Runs pip with arguments; gives its exit status and what it wrote of errors."""


def pip(arguments: Sequence[str]) -> tuple[int, str]:
    """The pip of the interpreter that runs us, with the user's own configuration of indexes and proxies."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "2", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stderr


def cache_folder(environ: Mapping[str, str]) -> Path:
    """The folder that files are kept in once they were fetched."""
    return local_files.cache_folder(environ) / "wheels"


def fetch(locked: Sequence[Locked], order: Order, cache: Path, run: Pip = pip) -> dict[str, Path]:
    """The file of each distribution by its name; Misconfigured where one cannot be had or is not what is locked."""
    files = {one.name: _cached(one, cache) for one in locked}
    missing = [one for one in locked if files[one.name] is None]
    sources = [one for one in missing if one.name in RECIPES]
    wheels = [one for one in missing if one.name not in RECIPES]
    if wheels:
        files |= _fetched(wheels, [*wheel_arguments(order), "--require-hashes"], cache, run)
    if sources:
        files |= _fetched(sources, ["--no-binary", ":all:", "--require-hashes"], cache, run)
    return {name: path for name, path in files.items() if path is not None}


def wheel_arguments(order: Order) -> list[str]:
    """Wheels of the target, never of this machine."""
    major, minor = order.python
    arguments = ["--only-binary", ":all:", "--implementation", "cp", "--python-version", f"{major}.{minor}"]
    for abi in (f"cp{major}{minor}", "abi3", "none"):
        arguments += ["--abi", abi]
    for platform in order.platforms:
        arguments += ["--platform", platform]
    return arguments


def download(requirements: Sequence[str], arguments: Sequence[str], folder: Path, run: Pip) -> None:
    """Have pip put the files of the requirements, and no others, into the folder."""
    listed = folder / "requirements.txt"
    listed.write_text("".join(f"{line}\n" for line in requirements), encoding="utf-8")
    status, said = run(["download", "--no-deps", "--dest", str(folder), *arguments, "--requirement", str(listed)])
    listed.unlink()
    if status != 0:
        raise Misconfigured(_why(said))


def _fetched(locked: Sequence[Locked], arguments: Sequence[str], cache: Path, run: Pip) -> dict[str, Path]:
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            download([str(one) for one in locked], arguments, Path(folder), run)
            by_hash = {_sha256(path): path for path in Path(folder).iterdir()}
            for one in locked:
                if one.sha256 not in by_hash:
                    raise Misconfigured(f"pip fetched no file of {one.name} {one.version} with the locked hash")
                place = cache / one.sha256
                place.mkdir(exist_ok=True)
                os.replace(by_hash[one.sha256], place / by_hash[one.sha256].name)
    except OSError as error:
        raise Misconfigured(f"the cache of wheels {cache} cannot be written: {error.strerror}") from error
    return {one.name: path for one in locked if (path := _cached(one, cache)) is not None}


def _cached(locked: Locked, cache: Path) -> Path | None:
    """The file, if the cache holds it whole: what was altered there is fetched again."""
    try:
        for path in (cache / locked.sha256).iterdir():
            if _sha256(path) == locked.sha256:
                return path
            path.unlink()
    except OSError:
        return None
    return None


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _why(said: str) -> str:
    """The reason in words of our own where it is known, else pip's last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    last = next((line for line in reversed(lines) if line.startswith("ERROR:")), (lines or ["it gave no reason"])[-1])
    if "DO NOT MATCH THE HASHES" in said:
        wrong = next((line for line in lines if "==" in line and "--hash" not in line), last)
        return (
            f"what the package index gave is not what is locked ({wrong.strip(' :')}): do not use it, and find out why"
        )
    if os.strerror(errno.ENOSPC) in said:
        return "the disk is full, so pip could not fetch the wheels: make room, or name another with XDG_CACHE_HOME"
    if "No module named pip" in said:
        return f"{sys.executable} has no pip, which fetches the wheels: `{sys.executable} -m ensurepip` installs it"
    if any(sign in said for sign in ("Failed to establish a new connection", "ConnectionError", "Temporary failure")):
        return "pip could not reach the package index: is there a network, or does PIP_INDEX_URL name another index?"
    return f"pip could not fetch the wheels: {last.removeprefix('ERROR: ')}"
