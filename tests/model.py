"""The embedded model's file for tests: the one that is installed, or one built for this run."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagelabels.domain.model import ObjectHead, ObjectRef, Picture
from imagelabels.providers.embedded import artifact, build

PHOTOS = Path(__file__).parent.parent / "photos"


def model_path(factory: pytest.TempPathFactory) -> Path:
    """A right model file; one that is there but was altered is not used."""
    installed = artifact.default_path()
    if installed.is_file() and artifact.is_model(installed.read_bytes()):
        return installed
    path = factory.getbasetemp() / "model.onnx"
    build.build(path)  # once: it leaves a right file as it is
    return path


def picture(content: bytes) -> Picture:
    """A picture whose object holds `content`."""
    head = ObjectHead(etag="", size=len(content), crc64=None, last_modified=0)
    return Picture(ObjectRef("file", "", "picture"), head, lambda start, length: content[start : start + length])
