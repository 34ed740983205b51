"""The embedded detector's door: a model that runs on the machine at hand, opened when it is asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from imagelabels.clouds import Asked, Detector, Extra, Provider, Session

if TYPE_CHECKING:
    from imagelabels.ports import LabelDetector, Shrinker


def open_detector(
    model: Path | None,
    floor: float,
    recall: str = "standard",
    shrinker: Shrinker | None = None,
    faces: bool = False,
) -> LabelDetector:
    """Labels of at least `floor` by the model file at `model` (None: where the build puts it), opened at first use.

    `recall` is `more`: by a second network too; `faces`: and those that a third one finds. Their files are beside the
    first one's. `shrinker` is that of the pictures' store, where it has one.
    """
    # Before numpy is loaded: its own threads spin beside those that label, and two pictures at a time become as slow as
    # one. https://github.com/OpenMathLib/OpenBLAS#setting-the-number-of-threads-using-environment-variables
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from imagelabels.providers.onnx import artifact
    from imagelabels.providers.onnx.detector import EmbeddedDetector
    from imagelabels.providers.onnx.recall import MORE, STANDARD

    asked = MORE if recall == "more" else STANDARD
    return EmbeddedDetector(model or artifact.default_path(), floor, asked, shrinker, faces)


def _open_detector(session: Session | None, asked: Asked) -> LabelDetector:
    shrinker = None if session is None else session.shrinker()
    return open_detector(asked.model, asked.floor, asked.recall, shrinker, asked.faces)


PROVIDER = Provider(
    "embedded",
    extra=Extra("embedded", frozenset({"PIL", "numpy", "onnxruntime"})),
    detectors=(Detector("embedded", "a model in the function, reads any store", 0.7, _open_detector),),
)
