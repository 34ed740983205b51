"""Opens the files of distributions, wheels and sources, and keeps what a function needs of them."""

from __future__ import annotations

import lzma
import struct
import tarfile
import zipfile
import zlib
from dataclasses import dataclass, field
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath

from imagelabels.deploy.package.needs import METADATA, UNUSED_IN
from imagelabels.domain.errors import Misconfigured

UNUSED_ENDS = (".pyi", ".pyx", ".pxd", ".pxi", ".c", ".cc", ".cpp", ".h", ".hpp", ".a", ".pyc", ".dylib", ".dll", ".md")
UNUSED_FOLDERS = frozenset({"tests", "test", "__pycache__"})
KEPT_METADATA = frozenset({"METADATA", "entry_points.txt"})

LARGEST = 500_000_000
"""Bytes that a distribution may unpack to: more than any package may have."""


_UNREADABLE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    RuntimeError,  # The file is encrypted, or compressed in a way that Python does not know.
    EOFError,
    LookupError,
    OSError,
    StopIteration,
    ValueError,
)
"""Python's readers raise these for archives that are damaged."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a distribution that comes as sources only is turned into what its wheel would hold.

    Nothing of it is run, so it needs no build tools, and the same sources always come out the same.
    """

    folder: str
    """The folder of its package below the sources' own."""
    package: str
    """The name under which the package is imported."""
    c_source: str | None = None
    """The one C file that becomes the module `c_module` of the package."""
    c_module: str = ""


RECIPES = {
    "alibabacloud-tea": Recipe("Tea", "Tea"),
    "crcmod": Recipe("python3/crcmod", "crcmod", "python3/src/_crcfunext.c", "_crcfunext"),
    "oss2": Recipe("oss2", "oss2"),
}


@dataclass(frozen=True, slots=True)
class Opened:
    """What a function gets of a distribution, by path, and what its metadata says."""

    files: dict[str, bytes]
    licence: str
    c_sources: dict[str, bytes] = field(default_factory=dict)
    """C sources, by the path, without its end, of the module that each becomes."""


def opened(name: str, path: Path, suffix: str) -> Opened:
    """What a function gets of the distribution whose wheel, or whose sources, are in that file.

    `suffix` is the end of compiled modules of the target's Python: some wheels bring those for others along.
    """
    distribution = _sources(name, path) if name in RECIPES else _wheel(name, path)
    foreign = [file for file in distribution.files if ".cpython-" in file and not file.endswith(suffix)]
    for file in foreign:
        del distribution.files[file]
    return distribution


def _wheel(name: str, path: Path) -> Opened:
    """Misconfigured if the wheel cannot be read."""
    try:
        with zipfile.ZipFile(path) as wheel:
            entries = [entry for entry in wheel.infolist() if not entry.is_dir()]
            _check_size(name, sum(entry.file_size for entry in entries))
            metadata = next(e for e in entries if e.filename.endswith(".dist-info/METADATA"))
            files = {entry.filename: wheel.read(entry) for entry in entries if is_used(name, entry.filename)}
            return Opened(files, _licence(wheel.read(metadata)))
    except _UNREADABLE as error:
        raise Misconfigured(f"{path} is no wheel of {name} that can be read: {error!r}") from error


def _sources(name: str, path: Path) -> Opened:
    """What the wheel would hold, but for the C part; Misconfigured if the sources cannot be read."""
    recipe, files, c_sources, licence = RECIPES[name], {}, {}, ""
    try:
        with tarfile.open(path) as archive:
            members = [member for member in archive.getmembers() if member.isfile()]
            _check_size(name, sum(member.size for member in members))
            for member in members:
                _, _, inside = member.name.partition("/")
                content = archive.extractfile(member)
                assert content is not None, "a plain file has content"
                if inside == "PKG-INFO":
                    licence = _licence(content.read())
                elif inside == recipe.c_source:
                    c_sources[f"{recipe.package}/{recipe.c_module}"] = content.read()
                elif inside.startswith(f"{recipe.folder}/"):
                    place = recipe.package + inside.removeprefix(recipe.folder)
                    if is_used(name, place):
                        files[place] = content.read()
    except _UNREADABLE as error:
        raise Misconfigured(f"{path} is no archive of the sources of {name} that can be read: {error!r}") from error
    return Opened(files, licence, c_sources)


def is_used(name: str, path: str) -> bool:
    """Whether a function needs the file of that distribution: no tests, types, C sources, scripts, little metadata."""
    file = PurePosixPath(path)
    if not file.parts:
        return False
    top = file.parts[0]
    if top.endswith(".dist-info"):
        return name in METADATA and len(file.parts) == 2 and file.name in KEPT_METADATA
    if top.endswith(".data") or file.is_absolute() or ".." in file.parts:
        return False
    if path.startswith(UNUSED_IN.get(name, ())):
        return False
    return not (UNUSED_FOLDERS.intersection(file.parts[:-1]) or path.endswith(UNUSED_ENDS) or file.name == "py.typed")


def _check_size(name: str, size: int) -> None:
    if size > LARGEST:
        raise Misconfigured(f"{name} unpacks to {size} bytes, more than any function may have")


def _licence(metadata: bytes) -> str:
    """What the distribution's metadata says of its licence, in SPDX's words where it uses them."""
    headers = HeaderParser().parsestr(metadata.decode("utf-8", "replace"))
    if expression := headers.get("License-Expression"):
        return str(expression)
    classified = [line for line in headers.get_all("Classifier", []) if line.startswith("License :: ")]
    named = str(headers.get("License") or "").strip()
    return named if named and "\n" not in named else (classified or [""])[0].rpartition(" :: ")[2]
