"""This module chooses the files that the demo uploads, and says why it leaves out each of the others."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ENDINGS = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})

READ_AS_COPIES = frozenset({".avif", ".heic", ".heif"})
"""OSS makes JPEGs of files with these endings for the embedded detector. The emulator does not."""

LARGEST = 64 << 20
"""A file with more bytes is not uploaded. Files are read into memory, and no detector takes half as much."""

LONGEST_KEY = 850
"""Both stores accept keys of up to this many bytes: https://cloud.tencent.com/document/product/436/13324"""


class Unusable(Exception):
    """The demo cannot begin with these arguments. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A file that is uploaded. Its key is its path below the chosen folder, with / between the parts."""

    key: str
    path: Path


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not uploaded. Files of the same `kind` are counted together, and `reason` is a sentence."""

    key: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """All files that the user chose, each in one of the two groups."""

    photos: tuple[Photo, ...]
    left_out: tuple[LeftOut, ...]

    def summary(self) -> str:
        """Return how many files are left out, by kind: "3 of 10 files are left out: 2 txt, 1 heic"."""
        files = len(self.photos) + len(self.left_out)
        number = len(self.left_out)
        return f"{number} of {files} file{'s' * (files != 1)} {'is' if number == 1 else 'are'} left out: " + counted(
            file.kind for file in self.left_out
        )


def counted(kinds: Iterable[str]) -> str:
    """Return how often each kind occurs, with the most frequent first: "2 txt, 1 heic"."""
    numbers = sorted(Counter(kinds).items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number} {kind}" for kind, number in numbers)


def choose(source: Path, ignored: Path) -> DemoFiles:
    """Sort the files below a folder, or a single file, into photos and the rest.

    The folder `ignored` is left out. Unusable is raised if there is nothing at `source`.
    """
    if source.is_dir():
        files = sorted(_below(source, ignored), key=lambda file: file.key)
    elif source.exists():
        files = [_judged(source.name, source)]
    else:
        raise Unusable(f"there is no file or folder {source}: name a folder of photos, such as make demo PHOTOS=folder")
    return DemoFiles(
        tuple(file for file in files if isinstance(file, Photo)),
        tuple(file for file in files if isinstance(file, LeftOut)),
    )


def _below(folder: Path, ignored: Path) -> Iterator[Photo | LeftOut]:
    unreadable: list[OSError] = []
    for place, folders, names in os.walk(folder, onerror=unreadable.append):
        here = Path(place)
        folders[:] = [name for name in folders if (here / name).resolve() != ignored]
        links = [name for name in folders if (here / name).is_symlink()]
        for name in names + links:
            yield _judged((here / name).relative_to(folder).as_posix(), here / name)
    for error in unreadable:
        key = Path(str(error.filename)).relative_to(folder).as_posix()
        yield LeftOut(key, "unreadable", f"This folder cannot be opened: {error.strerror}.")


def _judged(key: str, path: Path) -> Photo | LeftOut:
    ending = path.suffix.lower()
    reason = _obstacle(path)
    if reason is not None:
        return LeftOut(key, *reason)
    if ending in READ_AS_COPIES:
        return LeftOut(key, ending[1:], "The emulated services do not read it; docs/pictures.md says where it is read.")
    if ending not in ENDINGS:
        kind = ending.removeprefix(".") or "without an ending"
        return LeftOut(key, kind, f"The demo uploads only {' '.join(sorted(ENDINGS))}.")
    if path.stat().st_size > LARGEST:
        return LeftOut(key, "too large", f"It is larger than {LARGEST >> 20} MB, and no detector takes so much.")
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        return LeftOut(key, "unnameable", "Its name is not UTF-8, and the stores' keys are.")
    if size > LONGEST_KEY:
        return LeftOut(key, "unnameable", f"Its path is longer than the {LONGEST_KEY} bytes of a key in COS.")
    return Photo(key, path)


def _obstacle(path: Path) -> tuple[str, str] | None:
    """Return why the file's content cannot be read, as a kind and a reason; None if it can be read."""
    if not path.exists():
        return "broken link", "It is a link that leads nowhere."
    if path.is_dir():
        return "linked folder", "It is a link to a folder, and the demo does not follow such links."
    if not path.is_file():
        return "pipe or device", "It is not a regular file."
    if not os.access(path, os.R_OK):
        return "unreadable", "You may not read it."
    return None
