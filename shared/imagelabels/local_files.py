"""Finds the files on this machine that a person means, and reads them or says why they cannot be read. It knows the
folder for our own files, too."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from imagelabels.domain.errors import Misconfigured, Rejected, Unavailable
from imagelabels.pictures.picture import MAX_BYTES


def files(paths: Iterable[str]) -> Iterator[str]:
    """Yield each path as it was named; for a folder the plain files in it, in the order of their names, without hidden
    ones.

    A folder that cannot be listed is yielded as it is, so that its refusal is seen.
    """
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        unlisted: list[str] = []
        yield from _below(path, unlisted)
        yield from unlisted


def _below(path: str, unlisted: list[str]) -> Iterator[str]:
    """Yield the files below a folder; links to folders are not followed. os.walk of Python 3.11 calls itself for each
    level, and fails in folders that are a thousand deep."""
    folders = [path]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                shown = sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda one: one.name)
        except OSError:
            unlisted.append(folder)
            continue
        below = [entry for entry in shown if entry.is_dir(follow_symlinks=False)]
        yield from (
            entry.path for entry in shown if not entry.is_dir(follow_symlinks=False) and os.path.isfile(entry.path)
        )
        folders += [entry.path for entry in reversed(below)]


def lines() -> Iterator[str]:
    """Yield the paths on standard input, one a line, in whatever bytes the file system has them. Blank lines are
    passed over, and a line may end as Windows ends it."""
    while line := sys.stdin.buffer.readline():
        path = line.removesuffix(b"\n").removesuffix(b"\r")
        if path.strip():
            yield os.fsdecode(path)


def content(path: str) -> bytes:
    """Read a file; Rejected or Unavailable says why it cannot be read. Only a plain file is opened, since a pipe
    would keep us waiting."""
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            os.scandir(path).close()
            raise Rejected("not_image", "this is a folder: name the files in it")
        if not stat.S_ISREG(found.st_mode):
            raise Rejected("not_image", "this is no plain file")
        if found.st_size > MAX_BYTES:
            raise Rejected("too_large", f"{found.st_size} bytes: the limit is {MAX_BYTES}")
        octets = Path(path).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Unavailable("store_error", f"there is no file or folder {path}") from error
    except (OSError, ValueError) as error:
        raise Unavailable("store_error", f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not octets:
        raise Rejected("empty", "the file is empty")
    return octets


def cache_folder(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Return our folder for files that can be made or fetched again; Misconfigured if the user has no home folder."""
    return _folder(environ, "XDG_CACHE_HOME", "Library/Caches" if platform == "darwin" else ".cache")


def state_folder(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Return our folder for what one run leaves to the next; Misconfigured if the user has no home folder."""
    own = "Library/Application Support" if platform == "darwin" else ".local/state"
    return _folder(environ, "XDG_STATE_HOME", own)


def _folder(environ: Mapping[str, str], variable: str, own: str) -> Path:
    """Return our part of the folder that the variable names, or of the user's own one.

    https://specifications.freedesktop.org/basedir-spec/latest/ says that a relative path there does not count.
    """
    if os.path.isabs(named := environ.get(variable, "")):
        return Path(named, "imagelabels")
    try:
        home = Path(environ.get("HOME") or Path.home())
    except RuntimeError:
        raise Misconfigured(f"you have no home folder: set {variable} to a folder for files to keep") from None
    return home / own / "imagelabels"
