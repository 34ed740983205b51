"""This module provides the files of the embedded models: those that are installed, or files built for the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagelabels.domain.model import ObjectHead, ObjectRef, Picture
from imagelabels.providers.onnx import artifact
from imagelabels.providers.onnx.build import build

PHOTOS = Path(__file__).parent.parent / "photos"


def model_path(factory: pytest.TempPathFactory) -> Path:
    """Return the path of LITE0's file, with the other models beside it.

    Installed files that were changed are not used.
    """
    path = artifact.default_path()
    if not all(_right(recipe.model, recipe.model.beside(path)) for recipe in build.EVERY):
        path = artifact.LITE0.beside(factory.getbasetemp() / "models" / "any")
        for recipe in build.EVERY:
            build.build(recipe, recipe.model.beside(path))  # a file that is right already is left as it is
    return path


def _right(model: artifact.ModelFile, path: Path) -> bool:
    return path.is_file() and model.holds(path.read_bytes())


def picture(content: bytes) -> Picture:
    """Return a picture whose object holds `content`."""
    head = ObjectHead(etag="", size=len(content), crc64=None, last_modified=0)
    return Picture(ObjectRef("file", "", "picture"), head, lambda start, length: content[start : start + length])
