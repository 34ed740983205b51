"""The real packages have the same bytes, whoever makes them and wherever."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from imagelabels.deploy.package import sources
from imagelabels.deploy.package.interpreter import find
from imagelabels.deploy.package.target import Order, order
from imagelabels.domain.errors import Misconfigured
from tests.deploy.package.making import own_order

pytestmark = pytest.mark.story

PROGRAM = """
import os, pathlib, sys
from imagelabels.deploy.package import build, target
order = target.order(*sys.argv[3:])
build.build(order, pathlib.Path(sys.argv[1]), os.environ, pathlib.Path(sys.argv[2]))
"""


def other_hosts() -> Iterator[Path]:
    """The interpreters that there are of those that imagelabels runs on, beside this one."""
    for version in ("python3.10", "python3.11", "python3.12"):
        if version != own_order().runtime:
            chosen = order("aliyun")
            wanted = Order(chosen.cloud, version, chosen.detector, chosen.index)
            try:
                yield find(wanted, None, os.environ).path
            except Misconfigured:
                continue


def clone(folder: Path, umask: int) -> Path:
    """A copy of what a checkout has of packages, with other modes of its files."""
    root = sources.PACKAGE.parent.parent
    former = os.umask(umask)
    try:
        for name in ("shared", "functions"):
            for path in sorted((root / name).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    copy = folder / path.relative_to(root)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    copy.write_bytes(path.read_bytes())
    finally:
        os.umask(former)
    return folder


@pytest.mark.parametrize(
    ("words", "other"),
    [(("tencent", "python3.10", "ci", "sqlite"), 0), (("aliyun", "python3.12", "oss", "tablestore"), -1)],
)
def test_clones_at_other_paths_with_other_umasks_time_zones_and_hosts_make_the_same_bytes(
    words: tuple[str, ...], other: int, target_python: Callable[[Order], Path], tmp_path: Path
) -> None:
    python = target_python(order(*words))
    others = list(other_hosts())
    assert others or not shutil.which("pyenv"), "two hosts can be compared where pyenv has them"
    second = others[other] if others else sys.executable
    digests = []
    for host, name, umask, zone in (
        (sys.executable, "a", 0o022, "UTC"),
        (second, "another path/b", 0o077, "Asia/Shanghai"),
    ):
        folder, out = clone(tmp_path / name, umask), tmp_path / name / "out"
        # What the package is made with is in Python alone, so that another host can use ours.
        paths = os.pathsep.join((str(folder / "shared"), sysconfig.get_path("purelib")))
        environ = {**os.environ, "PYTHONPATH": paths, "TZ": zone}
        command = [str(host), "-c", PROGRAM, str(out), str(python), *words]
        subprocess.run(command, env=environ, umask=umask, check=True, cwd=folder)
        digests.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in out.iterdir()})
        shutil.rmtree(folder)
    assert len(digests[0]) == 4
    assert digests[0] == digests[1]
