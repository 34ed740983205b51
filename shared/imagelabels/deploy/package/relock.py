"""Writes the locks of the packages: `make lock` runs `python -m imagelabels.deploy.package.relock UV` in a checkout."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from imagelabels.deploy.package import download, lock, needs
from imagelabels.deploy.package.distribution import RECIPES
from imagelabels.deploy.package.lock import Locked
from imagelabels.deploy.package.target import Order, orders
from imagelabels.domain.errors import Misconfigured

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CHECKOUT = Path(__file__).resolve().parents[4]
LOCKS = Path(__file__).resolve().parents[1] / "locks"

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def main(uv: str) -> None:
    """Resolve every order anew, with the versions that we test with where the platform has wheels of them."""
    hashes: dict[tuple[str, str, str], str] = {}
    for order in orders():
        versions = dict(_resolved(uv, order))
        names = needs.imported(order, versions)
        platform = f"{order.cloud.name} {order.runtime}"
        new = [name for name in names if (platform, name, versions[name]) not in hashes]
        for name, sha256 in _hashes(order, {name: versions[name] for name in new}).items():
            hashes[platform, name, versions[name]] = sha256
        locked = [Locked(name, versions[name], hashes[platform, name, versions[name]]) for name in names]
        (LOCKS / lock.file_name(order)).write_text(lock.written(locked), encoding="utf-8")


def bounds() -> dict[str, str]:
    """The requirements of pyproject.toml, by the normal form of their names."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    return {normal(line): line for lines in lists for line in lines if not line.startswith("imagelabels[")}


def normal(requirement: str) -> str:
    """The name in a requirement, in the normal form of PEP 503."""
    match = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""


def _resolved(uv: str, order: Order) -> list[tuple[str, str]]:
    """Names and versions of everything that the order's function could ask for."""
    pinned = {normal(line): line for line in needs.PINNED.get((order.cloud.name, order.detector), ())}
    known = bounds() | pinned
    tested = (CHECKOUT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    constraints = [line.rstrip(" \\") for line in tested if "==" in line and normal(line) not in pinned]
    with tempfile.TemporaryDirectory() as folder:
        wanted, tested_with = Path(folder, "wanted.in"), Path(folder, "tested.txt")
        wanted.write_text("\n".join(known[name] for name in needs.required(order)), encoding="utf-8")
        tested_with.write_text("\n".join(constraints), encoding="utf-8")
        # uv looks for versions that have a wheel for this platform, or else goes back to older ones.
        platform = "manylinux2014" if order.glibc == (2, 17) else f"manylinux_2_{order.glibc[1]}"
        command = [uv, "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--no-python-downloads"]
        command += ["--no-build-isolation", "--python", sys.executable]
        command += ["--python-version", ".".join(map(str, order.python)), "--python-platform", f"x86_64-{platform}"]
        command += ["--only-binary", ":all:", *(f"--no-binary={name}" for name in RECIPES)]
        command += ["--constraint", str(tested_with), str(wanted)]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Misconfigured(f"{order.name} cannot be resolved: {done.stderr.strip()}")
    lines = [line.partition(";")[0].strip() for line in done.stdout.splitlines() if "==" in line]
    return [(normal(line), line.partition("==")[2]) for line in lines]


def _hashes(order: Order, versions: dict[str, str]) -> dict[str, str]:
    """The hash of the one file of each distribution that the order takes."""
    wheels = [f"{name}=={version}" for name, version in versions.items() if name not in RECIPES]
    sources = [f"{name}=={version}" for name, version in versions.items() if name in RECIPES]
    return _fetched(wheels, download.wheel_arguments(order)) | _fetched(sources, ["--no-binary", ":all:"])


def _fetched(requirements: Sequence[str], arguments: Sequence[str]) -> dict[str, str]:
    if not requirements:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        download.download(requirements, arguments, Path(folder), download.pip)
        # A wheel's name begins with its distribution's and a hyphen, in which there is none; that of sources ends in
        # a hyphen and the version: https://packaging.python.org/en/latest/specifications/binary-distribution-format/
        return {
            normal(path.name.partition("-")[0] if path.suffix == ".whl" else path.name.rpartition("-")[0]): (
                hashlib.sha256(path.read_bytes()).hexdigest()
            )
            for path in Path(folder).iterdir()
        }


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Misconfigured as error:
        sys.exit(f"imagelabels: {error}")
