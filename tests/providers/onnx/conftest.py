"""One model file and one open detector for all tests here."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagelabels.ports import LabelDetector
from imagelabels.providers import onnx
from tests.model import model_path


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_path(tmp_path_factory)


@pytest.fixture(scope="session")
def detector(model: Path) -> LabelDetector:
    """At the floor of the settings' default."""
    return onnx.open_detector(model, 0.1)
