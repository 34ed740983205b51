"""A file that a command writes as a whole: under its name there is the old content or the new one, never a part."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from imagelabels.domain.errors import Misconfigured


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a file to write into, which gets its name at the end of the block; whatever ends the block sooner removes
    it. A device or a pipe has no content to protect, and is written into.

    Misconfigured: the file cannot be written.
    """
    try:
        place = Path(os.path.realpath(path))
        if place.exists() and not place.is_file():
            with place.open("wb") as stream:
                yield stream
            return
        with _part(place) as file:
            yield file
    except OSError as error:
        raise Misconfigured(f"{path} cannot be written: {error.strerror or error}") from error


@contextmanager
def _part(place: Path) -> Iterator[BinaryIO]:
    part = place.with_name(f".{place.name}.{token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            yield file
        if place.exists():
            part.chmod(stat.S_IMODE(place.stat().st_mode))
        os.replace(part, place)
    except BaseException:  # An interrupt leaves no part behind either.
        with suppress(OSError):
            part.unlink()
        raise
