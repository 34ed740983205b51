"""Labels a picture on the machine at hand: decode, a run of the network, sums up the taxonomy's tree, two heads."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from imagelabels.domain import taxonomy
from imagelabels.domain.model import Detection, Label, Picture
from imagelabels.domain.picture import MAX_BYTES
from imagelabels.providers.embedded import artifact
from imagelabels.providers.embedded.centric import CentricScore
from imagelabels.providers.embedded.decode import CROP, FORMATS, Decoded, decode
from imagelabels.providers.embedded.heads import GRAPHIC, PERSON, SURE, Heads
from imagelabels.providers.embedded.model_file import SIDE
from imagelabels.providers.embedded.sight import SMALL, is_blurred, stretched
from imagelabels.providers.embedded.tree import Tree

TEMPERATURE = 0.9
"""The network is under-confident (label smoothing); fitted on photos of things outside its classes."""

TEMPERATURE_OF_SMALL = 1.1
"""With which small pictures (sight.py) get as few wrong categories as others, and fewer labels."""

METHOD = 2
"""Raise it with whatever changes answers but no other part of `setting`: kept answers of before are then not used."""

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
        version = taxonomy.load().version
        self.setting = f"embedded {self._model} method={METHOD} taxonomy={version} T={TEMPERATURE} floor={floor:g}"
        self._lock = threading.Lock()
        self._opened: _Network | None = None

    def detect(self, picture: Picture) -> Detection:
        """The whole object is read. Rejected as decode() says; Misconfigured if the model file is not as it must be."""
        network = self._network()
        decoded = decode(picture.read(0, picture.head.size), SIDE)
        labels = network.labels(decoded, max(self._floor, 0.001))
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


class _View(NamedTuple):
    """What the network says of one square of pixels."""

    leaves: NDArray[np.float64]
    features: NDArray[np.float32]
    heads: dict[str, float]
    blurred: bool


class _Network:
    """An open model, the tree that its outputs are summed up, and the heads on its features."""

    def __init__(self, model: bytes, names: taxonomy.Taxonomy) -> None:
        options = onnxruntime.SessionOptions()
        # One thread a picture: two pictures at a time on two cores were faster than one picture on both.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._centric = CentricScore(model, TEMPERATURE)
        self._names = names
        self._tree = Tree(names, json.loads(Path(__file__).with_name("classes.json").read_bytes()))
        self._heads = Heads()

    def labels(self, decoded: Decoded, floor: float) -> tuple[Label, ...]:
        """Those of at least `floor`. A picture that is surely a graphic gets that label alone: what else the network
        sees in it is nonsense. Of a panorama each label is as sure as in the square where it is surest."""
        small = min(decoded.width, decoded.height) < SMALL
        temperature = TEMPERATURE_OF_SMALL if small else TEMPERATURE
        views = [self._view(pixels, temperature) for pixels in (decoded.pixels, *decoded.ends)]
        # A blank sky at one end makes no graphic of a photo.
        graphic = min(view.heads[GRAPHIC] for view in views)
        found: dict[str, tuple[float, float]] = {}
        if graphic < SURE:
            # What lies at an end is at most as central as the square is large.
            end = CROP * min(decoded.width, decoded.height) / max(decoded.width, decoded.height)
            for view, share in zip(views, (1.0, end, end), strict=False):
                for id, (confidence, score) in self._found(view, floor).items():
                    if confidence > found.get(id, (0.0, 0.0))[0]:
                        found[id] = confidence, score * share
        if graphic >= floor:
            found[GRAPHIC] = graphic, self._heads.scores(views[0].features)[GRAPHIC]
        labels = (_label(self._names.concepts[id], *said) for id, said in found.items())
        return tuple(sorted(labels, key=lambda label: (-label.confidence, label.level, label.id)))

    def _view(self, pixels: NDArray[np.uint8], temperature: float) -> _View:
        pixels = stretched(pixels)
        logits, mean, features = self._session.run(["logits", "emb", "featmap"], {"image": pixels[None]})
        leaves = _softmax(logits[0].astype(np.float64) / temperature)
        return _View(leaves, features[0], self._heads.confidences(mean[0]), is_blurred(pixels))

    def _found(self, view: _View, floor: float) -> dict[str, tuple[float, float]]:
        """Confidence and CentricScore by id; of what is blurred the categories only."""
        confidences = self._tree.summed(view.leaves)
        levels = (1,) if view.blurred else (1, 2, 3)
        asked = [at for at in np.flatnonzero(confidences >= floor) if self._tree.concepts[at].level in levels]
        found: dict[str, tuple[float, float]] = {}
        if asked:
            scores = self._centric.scores(view.features, view.leaves, [self._tree.leaves[at] for at in asked])
            for at, score in zip(asked, scores, strict=True):
                found[self._tree.concepts[at].id] = float(confidences[at]), float(score)
        # The network has one class of people, the groom, whose sum may be the surer one.
        if view.heads[PERSON] >= max(floor, found.get(PERSON, (0.0, 0.0))[0]):
            found[PERSON] = view.heads[PERSON], self._heads.scores(view.features)[PERSON]
        return found


def _label(concept: taxonomy.Concept, confidence: float, score: float) -> Label:
    return Label(
        concept.id, concept.names[LANGUAGE], LANGUAGE, concept.level, concept.parent, confidence, round(score, 3)
    )


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(logits - np.max(logits))
    return np.asarray(weights / weights.sum())
