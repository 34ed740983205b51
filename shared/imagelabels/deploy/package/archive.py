"""Archives with the same bytes for the same files: sorted names, one time, one mode, one compression."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from imagelabels.domain.errors import Misconfigured

TIME = (1980, 1, 1, 0, 0, 0)
"""The first moment that the format knows."""

MODE = 0o100644
"""A plain file that everybody may read. A library needs no more to be loaded."""

LEVEL = 6
"""Level 9 takes three times as long and saves half a hundredth."""


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The archive that holds the files at these paths."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, TIME)
            entry.create_system, entry.external_attr = 3, MODE << 16  # 3 is Unix, whatever system this is.
            archive.writestr(entry, files[path], zipfile.ZIP_DEFLATED, LEVEL)
    return buffer.getvalue()


def check_folder(folder: Path) -> None:
    """Make the folder if need be; Misconfigured if there can be none."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise Misconfigured(
            f"{folder} is a file, but a folder is needed for the packages: name one with --out"
        ) from None
    except OSError as error:
        raise Misconfigured(f"the folder {folder} cannot be made: {error.strerror}") from error


def write(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write all files or none: each is written beside its place, and they are moved there when all are complete."""
    beside = {folder / name: folder / f".{name}.{os.getpid()}" for name in contents}
    for path in beside:
        if path.is_dir():  # No file can be moved there, which would be noticed when others are moved already.
            raise Misconfigured(f"{path} is a folder, but a file of that name is written: move it away")
    try:
        for path, temporary in beside.items():
            temporary.write_bytes(contents[path.name])
        for path, temporary in beside.items():
            temporary.replace(path)
    except OSError as error:
        raise Misconfigured(f"the packages cannot be written to {folder}: {error.strerror}") from error
    finally:
        for temporary in beside.values():
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
