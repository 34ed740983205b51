"""What is known of the embedded detector without its libraries: a command can tell which answers are its own."""

from __future__ import annotations

from imagelabels.domain import taxonomy
from imagelabels.domain.model import DetectorTraits
from imagelabels.pictures.picture import MAX_BYTES
from imagelabels.ports import Shrinker
from imagelabels.providers.onnx import artifact
from imagelabels.providers.onnx.recall import Recall

METHOD = 7
"""Raise it with whatever changes answers but no other part of `setting`: kept answers of before are then not used."""

FORMATS = frozenset({"jpeg", "png", "gif", "bmp", "webp", "tiff"})
"""It decodes these itself."""

SIDE = 1024
"""Pixels of a copy's shorter side, four times what the network looks at. Confidences then differ no more from those of
the whole photo (by 0.009 in the mean) than if it had been saved at another quality; with 512 three times as much."""


def models(recall: Recall, faces: bool) -> str:
    """Name the model files that are asked, with their hashes."""
    asked = (artifact.LITE0, recall.second, artifact.FACES if faces else None)
    return "+".join(f"{file.name}-{file.sha256[:12]}" for file in asked if file is not None)


def of_embedded(floor: float, recall: Recall, faces: bool, shrinker: Shrinker | None) -> DetectorTraits:
    """Describe the embedded detector, asked at `floor`, 0..1; `shrinker` is that of the pictures' store."""
    version, trust = taxonomy.load().version, recall.temperature
    setting = f"embedded {models(recall, faces)} method={METHOD} taxonomy={version} T={trust:g} floor={floor:g}"
    if shrinker is not None:
        setting += f" {shrinker.name}={SIDE}"
    formats = FORMATS if shrinker is None else FORMATS | shrinker.formats
    return DetectorTraits("embedded", setting, MAX_BYTES, formats=formats, paid=False)
