"""Reads which GLIBC the compiled libraries of a package need: on an older system the loader refuses them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

from imagelabels.domain.errors import Misconfigured

Version = tuple[int, ...]

_PLAIN = re.compile(r"GLIBC_(\d+(?:\.\d+)+)")
_SPECIAL: dict[str, Version] = {"GLIBC_ABI_DT_RELR": (2, 36)}
"""Names that carry no number, with the version that brought them."""


def needed(content: bytes) -> Version:
    """The newest GLIBC version that a library's .gnu.version_r section names; empty if it names none."""
    file = ELFFile(BytesIO(content))
    if file["e_machine"] != "EM_X86_64":
        raise ELFError(f"it is for {file['e_machine']}, not for EM_X86_64")
    names = [
        str(version.name)
        for section in file.iter_sections()
        if isinstance(section, GNUVerNeedSection)
        for _, versions in section.iter_versions()
        for version in versions
    ]
    return max((_number(name) for name in names), default=())


def _number(name: str) -> Version:
    if match := _PLAIN.fullmatch(name):
        return tuple(map(int, match[1].split(".")))
    return _SPECIAL.get(name, ())


def check(files: Mapping[str, bytes], distribution: str, newest: Version, platform: str) -> None:
    """Misconfigured if a library among a distribution's files cannot be loaded on the platform."""
    for path, content in sorted(files.items()):
        if not is_library(path):
            continue
        try:
            version = needed(content)
        except ELFError as error:
            raise Misconfigured(f"{path} of {distribution} is no library that {platform} can load: {error}") from error
        if version > newest:
            raise Misconfigured(
                f"{path} of {distribution} needs GLIBC {_text(version)}, but {platform} has {_text(newest)}: lock"
                " another version of the distribution, or its wheel for an older system"
            )


def is_library(path: str) -> bool:
    """Whether the name is that of a shared library, as `_x.cpython-310-x86_64-linux-gnu.so` or `libgfortran.so.5`."""
    name = path.rpartition("/")[2]
    return name.endswith(".so") or ".so." in name


def _text(version: Version) -> str:
    return ".".join(map(str, version))
