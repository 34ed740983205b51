"""Where the model file is, and the hash that says it is the one that our figures were measured with."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from imagelabels.domain.errors import Misconfigured

NAME = "efficientnet-lite0-int8"
SHA256 = "35701c4aa92729eef8f36a9bda53680a6db839dd162198cdf745d9393dadde13"
"""Of the file's bytes, which are the same on every machine; another file would be another model with other labels."""

COMMAND = "python -m imagelabels.providers.embedded.build"


def default_path() -> Path:
    """Beside the interpreter's own files: a model built in a virtual environment stays in it."""
    return Path(sys.prefix) / "share" / "imagelabels" / f"{NAME}.onnx"


def is_model(content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest() == SHA256


def load(path: Path) -> bytes:
    """The model file's bytes; Misconfigured if it is not there, cannot be read, or is not the file that was built."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise Misconfigured(f"there is no model file at {path}: `{COMMAND}` builds it") from None
    except OSError as error:
        raise Misconfigured(f"the model file {path} cannot be read: {error.strerror}") from error
    if not is_model(content):
        raise Misconfigured(
            f"the model file {path} is not the one that was built, it was altered: `{COMMAND}` mends it"
        )
    return content
