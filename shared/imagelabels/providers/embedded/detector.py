"""Labels a picture on the machine at hand: decode, one run of the network, sums up the taxonomy's tree."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from imagelabels.domain import taxonomy
from imagelabels.domain.model import Detection, Label, Picture
from imagelabels.domain.picture import MAX_BYTES
from imagelabels.providers.embedded import artifact
from imagelabels.providers.embedded.centric import CentricScore
from imagelabels.providers.embedded.decode import FORMATS, decode
from imagelabels.providers.embedded.model_file import SIDE
from imagelabels.providers.embedded.tree import Tree

TEMPERATURE = 0.9
"""The network is under-confident (label smoothing); fitted on photos of things outside its classes."""

LANGUAGE = "en"


class EmbeddedDetector:
    """A LabelDetector. The model is opened at the first picture; one object serves many threads."""

    name = "embedded"
    paid = False
    formats = FORMATS
    least_side = 1
    most_bytes = MAX_BYTES
    suffixes = ()
    default_threshold = 0.7

    def __init__(self, model: Path, floor: float) -> None:
        self._path, self._floor = model, floor
        self._model = f"{artifact.NAME}-{artifact.SHA256[:12]}"
        self.setting = f"embedded {self._model} taxonomy={taxonomy.load().version} T={TEMPERATURE} floor={floor:g}"
        self._lock = threading.Lock()
        self._opened: _Network | None = None

    def detect(self, picture: Picture) -> Detection:
        """The whole object is read. Rejected as decode() says; Misconfigured if the model file is not as it must be."""
        network = self._network()
        decoded = decode(picture.read(0, picture.head.size), SIDE)
        labels = network.labels(decoded.pixels, self._floor)
        raw = {
            "width": decoded.width,
            "height": decoded.height,
            "labels": [[label.id, label.confidence, label.centric_score] for label in labels],
        }
        return Detection(labels, self.name, self._model, json.dumps(raw, separators=(",", ":")), paid=False)

    def _network(self) -> _Network:
        with self._lock:
            if self._opened is None:
                self._opened = _Network(artifact.load(self._path), taxonomy.load())
            return self._opened


class _Network:
    """An open model and the tree that its outputs are summed up."""

    def __init__(self, model: bytes, names: taxonomy.Taxonomy) -> None:
        options = onnxruntime.SessionOptions()
        # One thread a picture: two pictures at a time on two cores were faster than one picture on both.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._centric = CentricScore(model, TEMPERATURE)
        self._tree = Tree(names, json.loads(Path(__file__).with_name("classes.json").read_bytes()))

    def labels(self, pixels: NDArray[np.uint8], floor: float) -> tuple[Label, ...]:
        logits, features = self._session.run(["logits", "featmap"], {"image": pixels[None]})
        leaves = _softmax(logits[0].astype(np.float64) / TEMPERATURE)
        confidences = self._tree.summed(leaves)
        asked = np.flatnonzero(confidences >= max(floor, 0.001))
        if not len(asked):
            return ()
        scores = self._centric.scores(features[0], leaves, [self._tree.leaves[at] for at in asked])
        found = [
            _label(self._tree.concepts[at], float(confidences[at]), round(float(score), 3))
            for at, score in zip(asked, scores, strict=True)
        ]
        return tuple(sorted(found, key=lambda label: (-label.confidence, label.level, label.id)))


def _label(concept: taxonomy.Concept, confidence: float, score: float) -> Label:
    return Label(concept.id, concept.names[LANGUAGE], LANGUAGE, concept.level, concept.parent, confidence, score)


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(logits - np.max(logits))
    return np.asarray(weights / weights.sum())
