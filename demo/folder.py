"""This module prepares the demo's data folder and port, or says why the demo cannot use them."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

from demo.files import Unusable
from emulator.core.ports import is_free


def check_port(port: int) -> None:
    """Raise Unusable if the demo cannot listen on the port."""
    try:
        why = "" if is_free(port) else f"another program listens on port {port}"
    except OSError as error:
        why = str(error.strerror)
    if why:
        raise Unusable(f"{why}: choose another one, such as PORT=9001 make demo")


def empty(data: Path, mark: str) -> None:
    """Make the folder, and remove what an earlier demo left in it.

    A folder belongs to the demo if it holds the file `mark`. Unusable is raised if the folder does not belong to the
    demo, if an emulator still uses it, or if it cannot be written.
    """
    try:
        if data.exists() and not (data / mark).is_file() and (not data.is_dir() or any(data.iterdir())):
            raise Unusable(f"{data} was not made by the demo, which would empty it: choose another one with --data")
        _check_unused(data / "emulator" / "lock")
        if data.exists():
            shutil.rmtree(data)
        data.mkdir(parents=True)
        (data / mark).touch()
    except OSError as error:
        raise Unusable(
            f"the folder {data} cannot be replaced ({error.strerror}): let its owner remove it, "
            "or choose another one: .venv/bin/python -m demo --data FOLDER"
        ) from error


def _check_unused(lock: Path) -> None:
    """Raise Unusable if an emulator runs, because it holds this lock as long as it runs."""
    if not lock.exists():
        return
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            process = file.read().strip() or "unknown"
            raise Unusable(
                f"the clouds of an earlier demo still run in {lock.parent} (process {process}): end them with Ctrl-C "
                f"where they were started, or with `kill {process}`"
            ) from None
