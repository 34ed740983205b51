"""Makes the archives of code and layer for one order, with a bill of materials beside each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cyclonedx.model.component import Component

from imagelabels import __version__, clouds
from imagelabels.deploy.package import archive, bytecode, c_part, distribution, download, glibc, lock, needs, sbom
from imagelabels.deploy.package import sources as own_sources
from imagelabels.deploy.package.interpreter import Interpreter, find
from imagelabels.deploy.package.lock import Locked
from imagelabels.deploy.package.target import Order
from imagelabels.domain.errors import Misconfigured
from imagelabels.providers import onnx
from imagelabels.providers.onnx import artifact

Files = dict[str, bytes]
"""Contents by their path in an archive, or in one folder of it."""

Fetch = Callable[[Sequence[Locked], Order, Path], Mapping[str, Path]]
"""Gives the file of each distribution by its name, as download.fetch does."""


@dataclass(frozen=True, slots=True)
class Archive:
    """One archive that was written: its sizes are in bytes."""

    path: Path
    size: int
    unpacked: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Built:
    """The two archives that a function is deployed from."""

    order: Order
    code: Archive
    layer: Archive


def build(
    order: Order,
    out: Path,
    environ: Mapping[str, str],
    python: Path | None = None,
    policy: Path | None = None,
    models: Sequence[artifact.ModelFile] = (artifact.LITE0,),
    fetch: Fetch = download.fetch,
    locked: Sequence[Locked] | None = None,
) -> Built:
    """Write the archives and their bills into the folder `out`: all of them or none.

    `python` is an interpreter of the order's version; without it one is looked for. `policy` is a policy file, which
    the function finds as policy.toml in the folder of its code. `models` are the files that the embedded detector
    works with. `locked` is the order's lock unless it is given.
    Misconfigured says what is wrong and what to do.
    """
    archive.check_folder(out)
    interpreter = find(order, python, environ)
    locked = lock.load(order) if locked is None else locked
    code = _code(order, policy)
    layer, bills = _layer(order, fetch(locked, order, download.cache_folder(environ)), locked, interpreter)
    code |= bytecode.compiled(code, order.cloud.code_folder, interpreter)
    layer |= bytecode.compiled(layer, order.cloud.layer_folder, interpreter)
    layer = {order.cloud.layer_prefix + path: content for path, content in layer.items()} | _models(order, models)
    own = [sbom.library("imagelabels", __version__, None, "Apache-2.0")]
    return _written(order, out, {"code": (code, own), "layer": (layer, bills)})


def _code(order: Order, policy: Path | None) -> Files:
    """The entry points of all functions, and what they can import of this package."""
    entry = own_sources.entry_points(order.cloud)
    doors = [f"imagelabels.providers.{room}" for room in needs.rooms(order)]
    package, left_out = own_sources.PACKAGE, needs.left_out(order)
    return entry | own_sources.modules(package, [*own_sources.roots(entry), *doors], left_out) | _policy(order, policy)


def _policy(order: Order, path: Path | None) -> Files:
    """The policy file; Misconfigured if the function could not read it."""
    if path is None:
        return {}
    # What reads policies loads pydantic, which nothing else here needs.
    from imagelabels import settings, wiring

    wiring.rules(settings.load({}), clouds.detectors()[order.detector].threshold, path)
    return {"policy.toml": path.read_bytes()}


def _layer(
    order: Order, files: Mapping[str, Path], locked: Sequence[Locked], interpreter: Interpreter
) -> tuple[Files, list[Component]]:
    """The files of all distributions by their path on Python's path, and a line of the bill for each."""
    layer: Files = {}
    bills = []
    for one in locked:
        opened = distribution.opened(one.name, files[one.name], interpreter.suffix)
        brought = opened.files | {
            path + interpreter.suffix: c_part.compiled(one.name, source, interpreter)
            for path, source in opened.c_sources.items()
        }
        glibc.check(brought, f"{one.name} {one.version}", order.glibc, f"{order.runtime} on {order.cloud.name}")
        if twice := sorted(layer.keys() & brought.keys()):
            raise Misconfigured(f"{one.name} brings {twice[0]}, which another distribution of the package has too")
        layer |= brought
        bills.append(sbom.library(one.name, one.version, one.sha256, opened.licence))
    return layer, bills


def _models(order: Order, models: Sequence[artifact.ModelFile]) -> Files:
    """The embedded detector's model files, beside each other in /opt/models; Misconfigured if one cannot be built."""
    if order.detector != "embedded":
        return {}
    onnx.make_missing(models)
    path = artifact.default_path()
    command = artifact.command(path)
    return {f"models/{model.name}.onnx": model.load(model.beside(path), command) for model in models}


def _written(order: Order, out: Path, parts: Mapping[str, tuple[Files, Sequence[Component]]]) -> Built:
    contents: Files = {}
    archives = {}
    for part, (files, components) in parts.items():
        content = archive.zipped(files)
        name, sha256 = f"imagelabels-{order.name}-{part}.zip", hashlib.sha256(content).hexdigest()
        contents[name] = content
        contents[f"{name}.cdx.json"] = sbom.bill(sbom.ours(name, sha256), components)
        unpacked = sum(map(len, files.values()))
        archives[part] = Archive(out / name, len(content), unpacked, sha256)
    built = Built(order, archives["code"], archives["layer"])
    _check_limits(built)
    archive.write(out, contents)
    return built


def _check_limits(built: Built) -> None:
    """Misconfigured if the platform would refuse the package."""
    for what, size, limit in sizes(built):
        if size > limit:
            raise Misconfigured(
                f"{what} has {size / 1e6:.1f} MB, but {built.order.cloud.name} takes {limit / 1e6:.0f} MB: choose"
                " another detector or index, which needs less"
            )


def sizes(built: Built) -> list[tuple[str, int, int]]:
    """What the platform limits, its size in bytes, and the limit."""
    cloud = built.order.cloud
    both = built.code.unpacked + built.layer.unpacked
    return [
        ("the archive of the code", built.code.size, cloud.archive_limit),
        ("the archive of the layer", built.layer.size, cloud.archive_limit),
        ("code and layer, unpacked,", both, cloud.unpacked_limit),
    ]
