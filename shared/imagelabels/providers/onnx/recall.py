"""Says how many networks look at a picture, and how far what they say together is believed.

`more` is the mean of two networks' logits. On 245 photos of things outside their classes, at the threshold 0.7, it
finds the category of 3 more in 100 photos with the same precision. A picture takes about twice the time.
"""

from __future__ import annotations

from dataclasses import dataclass

from imagelabels.providers.onnx import artifact
from imagelabels.providers.onnx.artifact import ModelFile


@dataclass(frozen=True, slots=True)
class Recall:
    second: ModelFile | None
    """The network beside LITE0. Heads and centric scores are of LITE0's features in any case."""
    temperature: float
    """The networks are under-confident (label smoothing). This corrects it; it was fitted on photos of things outside
    their classes."""
    temperature_of_small: float
    """With this one, small pictures (sight.py) get as few wrong categories as others, and fewer labels."""


STANDARD = Recall(None, 0.9, 1.1)
MORE = Recall(artifact.LITE1, 0.8, 0.98)
"""Small pictures were measured with one network alone: theirs is raised by the same part."""
