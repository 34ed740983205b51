"""Small wheels, interpreters and orders for the tests of packages."""

from __future__ import annotations

import hashlib
import json
import sys
import sysconfig
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from imagelabels.deploy.package.interpreter import Interpreter
from imagelabels.deploy.package.lock import Locked
from imagelabels.deploy.package.target import CLOUDS, Order

VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
OWN = Interpreter(
    Path(sys.executable),
    f"cpython {VERSION}",
    "linux x86_64",
    Path(sysconfig.get_path("include")),
    str(sysconfig.get_config_var("EXT_SUFFIX")),
)
"""The interpreter that runs the tests."""


def own_order(cloud: str = "aliyun", glibc: tuple[int, int] = (2, 28), detector: str | None = None) -> Order:
    """An order for the Python that runs the tests, as if the cloud had it; the index is SQLite."""
    chosen = replace(CLOUDS[cloud], runtimes={f"python{VERSION}": glibc})
    return Order(chosen, f"python{VERSION}", detector or chosen.detectors[0], "sqlite")


def wheel(folder: Path, name: str, files: Mapping[str, bytes], version: str = "1.0") -> tuple[Locked, Path]:
    """A wheel with these files and its metadata, and the lock's line for it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    metadata = f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\nLicense-Expression: MIT\n"
    with zipfile.ZipFile(path, "w") as archive:
        for place, content in files.items():
            archive.writestr(place, content)
        archive.writestr(f"{name}-{version}.dist-info/METADATA", metadata)
    return Locked(name, version, hashlib.sha256(path.read_bytes()).hexdigest()), path


def library(glibc: str) -> bytes:
    """A real library, but for the number of the GLIBC that it says it needs: five characters, as 2.028 for 2.28."""
    spec = find_spec("crc32c._crc32c")
    assert spec is not None
    assert spec.origin is not None
    content = Path(spec.origin).read_bytes()
    assert content.count(b"\0GLIBC_2.2.5\0") == 1, "the string table of its versions"
    return content.replace(b"\0GLIBC_2.2.5\0", b"\0GLIBC_%s\0" % glibc.encode())


def program(path: Path, answer: object, status: int = 0) -> Path:
    """An executable that answers any question with this, as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\nexit {status}\n")
    path.chmod(0o755)
    return path
