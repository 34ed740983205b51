"""This is the door of the embedded detector, a model that runs on the machine at hand."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from imagelabels.clouds import Detector, DetectorOptions, Extra, Provider, Session

if TYPE_CHECKING:
    from imagelabels.domain.model import DetectorTraits
    from imagelabels.ports import LabelDetector, Shrinker
    from imagelabels.providers.onnx.artifact import ModelFile

# The pictures stay on this machine, and nobody else is told about them. New versions of onnxruntime keep a number of
# the machine on its disk, and send their maker figures about models and runs unless this variable is set before they
# are loaded. Every module that loads them is in this package. https://github.com/microsoft/onnxruntime/pull/27379
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def open_detector(
    model: Path | None,
    floor: float,
    recall: str = "standard",
    shrinker: Shrinker | None = None,
    faces: bool = False,
) -> LabelDetector:
    """Open the detector of labels of at least `floor`. `model` is its file; None for the one that the build made.

    With `recall` as `more` a second network is asked too, and with `faces` a third one. Their files are beside the
    first one's. `shrinker` is that of the pictures' store, if it has one.
    """
    # Before numpy is loaded: its own threads spin beside those that label, and two pictures at a time become as slow as
    # one. https://github.com/OpenMathLib/OpenBLAS#setting-the-number-of-threads-using-environment-variables
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from imagelabels.providers.onnx import artifact
    from imagelabels.providers.onnx.detector import EmbeddedDetector
    from imagelabels.providers.onnx.recall import MORE, STANDARD

    asked = MORE if recall == "more" else STANDARD
    return EmbeddedDetector(model or artifact.default_path(), floor, asked, shrinker, faces)


def _open_detector(session: Session | None, asked: DetectorOptions) -> LabelDetector:
    shrinker = None if session is None else session.shrinker()
    return open_detector(asked.model, asked.floor, asked.recall, shrinker, asked.faces)


def _describe(session: Session | None, asked: DetectorOptions) -> DetectorTraits:
    from imagelabels.providers.onnx.recall import MORE, STANDARD
    from imagelabels.providers.onnx.traits import of_embedded

    recall = MORE if asked.recall == "more" else STANDARD
    return of_embedded(asked.floor, recall, asked.faces, None if session is None else session.shrinker())


def make_missing(models: Sequence[ModelFile]) -> None:
    """Make those of the model files that are not in their usual place yet, and say so in one line on standard error.

    Misconfigured says why one cannot be made, and what to do.
    """
    from imagelabels.providers.onnx.build import first_use

    first_use.make_missing(models)


def _prepare(asked: DetectorOptions) -> None:
    from imagelabels.providers.onnx import artifact

    if asked.model is None:
        make_missing(artifact.needed(asked.recall == "more", asked.faces))


PROVIDER = Provider(
    "embedded",
    extra=Extra("embedded", frozenset({"PIL", "numpy", "onnxruntime"})),
    detectors=(
        Detector(
            "embedded", "a model in the function, reads any store", 0.7, _open_detector, _describe, prepare=_prepare
        ),
    ),
)
