"""Labels a picture on this machine: decodes it, runs one network or two, sums up the taxonomy's tree, and adds heads
and faces."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imagelabels.domain import taxonomy
from imagelabels.domain.concept import Concept
from imagelabels.domain.model import Detection, Label, Picture
from imagelabels.pictures.picture import MAX_BYTES
from imagelabels.ports import Shrinker
from imagelabels.providers.onnx import artifact, fetch
from imagelabels.providers.onnx.centric import CentricScore
from imagelabels.providers.onnx.decode import CROP, Decoded, decode
from imagelabels.providers.onnx.faces import FACE, Faces
from imagelabels.providers.onnx.heads import GRAPHIC, PERSON, SURE, Heads, inputs_of
from imagelabels.providers.onnx.levels import Levels
from imagelabels.providers.onnx.networks import CLASSES, FACE_SIDE, LITE0_SIDE, LITE1_SIDE
from imagelabels.providers.onnx.recall import STANDARD, Recall
from imagelabels.providers.onnx.session import opened
from imagelabels.providers.onnx.sight import SMALL, is_blank, is_blurred, is_of_one_colour, stretched
from imagelabels.providers.onnx.traits import models, of_embedded
from imagelabels.providers.onnx.tree import Tree

LANGUAGE = "en"

UNSURE = 0.5
"""A blank picture is a graphic with at most this confidence: it may be a photo of nothing."""

SUREST = 2
"""A panorama is `graphic` with the mean confidence of so many of its squares, the surest ones. The mean of all three
misses a text with a photo beside it. The surest one alone called ten of 588 bands cut from photos graphics."""

CLASS_IDS = Path(__file__).with_name("classes.json")
"""The ids of the network's classes, in the order of its outputs."""

OPPOSITES = ("indoor", "outdoor")
"""The taxonomy has these ids. No photo shows both, but each has a head of its own, which knows nothing of the other."""


class EmbeddedDetector:
    """This is a LabelDetector. The model is opened at the first picture; one object serves many threads."""

    name = "embedded"
    paid = False
    least_side = 1
    calls = 1
    most_bytes = MAX_BYTES
    suffixes = ()
    timeout = 5.0
    default_threshold = 0.7

    def __init__(
        self,
        model: Path,
        floor: float,
        recall: Recall = STANDARD,
        shrinker: Shrinker | None = None,
        faces: bool = False,
    ) -> None:
        """`model` is LITE0's file; the others are beside it. `shrinker` is that of the pictures' store, if it has
        one."""
        self._shrinker = shrinker
        self._path, self._floor, self._recall, self._faces = model, floor, recall, faces
        self._model = models(recall, faces)
        traits = of_embedded(floor, recall, faces, shrinker)
        self.setting, self.formats = traits.setting, traits.formats
        self._lock = threading.Lock()
        self._opened: _OpenNetworks | None = None

    def detect(self, picture: Picture) -> Detection:
        """Label a picture. Rejected as decode() and fetched() say; Misconfigured if a model file is not as it must
        be."""
        network = self._network()
        finer = 0 if self._recall.second is None else LITE1_SIDE
        whole = FACE_SIDE if self._faces else 0
        decoded = decode(fetch.fetched(picture, self._shrinker), LITE0_SIDE, finer, whole)
        labels = network.labels(decoded, max(self._floor, 0.001))
        raw = {
            "width": decoded.width,
            "height": decoded.height,
            "labels": [[label.id, label.confidence, label.centric_score] for label in labels],
        }
        return Detection(labels, self.name, self._model, json.dumps(raw, separators=(",", ":")), paid=False)

    def _network(self) -> _OpenNetworks:
        with self._lock:
            if self._opened is None:
                self._opened = _OpenNetworks(self._path, self._recall, self._faces, taxonomy.load())
            return self._opened


class _View(NamedTuple):
    """It holds what the network says of one square of pixels."""

    leaves: NDArray[np.float64]
    features: NDArray[np.float32]
    inputs: NDArray[np.float32]
    heads: dict[str, float]
    blurred: bool
    blank: bool
    plain: bool
    """It is blank or of one colour, so it does not tell what the rest of the picture is."""


class _OpenNetworks:
    """It holds the open models, the tree along which outputs are summed up, and the heads on the first one's
    features."""

    def __init__(self, path: Path, recall: Recall, faces: bool, names: taxonomy.Taxonomy) -> None:
        command = artifact.command(path)
        model = artifact.LITE0.load(path, command)
        self._first, self._second = opened(model), None
        if recall.second is not None:
            self._second = opened(recall.second.load(recall.second.beside(path), command))
        self._faces = None
        if faces:
            self._faces = Faces(artifact.FACES.load(artifact.FACES.beside(path), command))
        self._recall = recall
        self._centric = CentricScore(model, STANDARD.temperature)
        self._names = names
        with artifact.released(CLASS_IDS):
            classes = json.loads(CLASS_IDS.read_bytes())
            if len(set(classes)) != CLASSES:
                raise ValueError(f"the network has {CLASSES} classes, and not {len(set(classes))}")
            self._tree = Tree(names, classes)
        self._levels = Levels(self._tree.concepts, classes)
        self._heads = Heads(names)

    def labels(self, decoded: Decoded, floor: float) -> tuple[Label, ...]:
        """Return labels of at least `floor`. A picture that is surely a graphic gets that label and its kind alone:
        whatever else the network sees in it is nonsense. In a panorama each label is as sure as in its surest
        square, except `graphic` (`graphic_of`)."""
        small = min(decoded.width, decoded.height) < SMALL
        temperature = self._recall.temperature_of_small if small else self._recall.temperature
        squares = zip_longest((decoded.pixels, *decoded.ends), decoded.finer)
        views = [self._view(pixels, finer, temperature) for pixels, finer in squares]
        graphic = graphic_of([(view.heads[GRAPHIC], view.plain) for view in views])
        by_id: dict[str, tuple[float, float]] = {}
        if graphic < SURE:
            # What lies at an end is at most as central as the square is large.
            end = CROP * min(decoded.width, decoded.height) / max(decoded.width, decoded.height)
            for view, share in zip(views, (1.0, end, end), strict=False):
                for label_id, (confidence, score) in self._labels_of_photo(view, floor).items():
                    if confidence > by_id.get(label_id, (0.0, 0.0))[0]:
                        by_id[label_id] = confidence, score * share
            keep_apart(by_id, floor)
            if self._faces is not None and decoded.whole is not None:
                face = self._faces.look(decoded.whole)
                for label_id in (FACE, PERSON):  # where a face is, a person is
                    if face[0] >= max(floor, by_id.get(label_id, (0.0, 0.0))[0]):
                        by_id[label_id] = face
        by_id |= self._graphics(views[0], graphic, floor)
        labels = (_label(self._names.concepts[label_id], *said) for label_id, said in by_id.items())
        return tuple(sorted(labels, key=lambda label: (-label.confidence, label.level, label.id)))

    def _view(self, pixels: NDArray[np.uint8], finer: NDArray[np.uint8] | None, temperature: float) -> _View:
        blank, drawn = is_blank(pixels), is_of_one_colour(pixels)
        as_it_is, pixels = pixels, stretched(pixels)
        logits, mean, features = self._first.run(["logits", "emb", "featmap"], {"image": pixels[None]})
        if self._second is not None and finer is not None:
            logits = (logits + self._second.run(["logits"], {"image": stretched(finer)[None]})[0]) / 2
        leaves = _softmax(logits[0].astype(np.float64) / temperature)
        inputs = inputs_of(mean[0], as_it_is)
        heads = self._heads.confidences(inputs)
        if blank:
            heads[GRAPHIC] = min(heads[GRAPHIC], UNSURE)
        if drawn:
            heads[GRAPHIC] = max(heads[GRAPHIC], SURE)
        return _View(leaves, features[0], inputs, heads, is_blurred(pixels), blank, blank or drawn)

    def _labels_of_photo(self, view: _View, floor: float) -> dict[str, tuple[float, float]]:
        """Return confidence and CentricScore by id. A blurred view has categories only, and a blank one has nothing."""
        if view.blank:
            return {}
        confidences = self._levels.shown(self._tree.summed(self._levels.counted(view.leaves)))
        levels = (1,) if view.blurred else (1, 2, 3)
        asked = [at for at in np.flatnonzero(confidences >= floor) if self._tree.concepts[at].level in levels]
        by_id: dict[str, tuple[float, float]] = {}
        if asked:
            scores = self._centric.scores(view.features, view.leaves, [self._tree.leaves[at] for at in asked])
            for at, score in zip(asked, scores, strict=True):
                by_id[self._tree.concepts[at].id] = float(confidences[at]), float(score)
        self._raise(by_id, view, floor, levels)
        return by_id

    def _graphics(self, view: _View, graphic: float, floor: float) -> dict[str, tuple[float, float]]:
        """Return confidence and CentricScore of `graphic` and of its kinds, none of which is surer.

        A blank picture is of no kind.
        """
        scores = self._heads.scores(view.features, view.inputs) if graphic >= floor else {}
        kinds = () if view.blank else self._heads.kinds_of_graphic
        sure = {kind: min(view.heads[kind], graphic) for kind in kinds} | {GRAPHIC: graphic}
        return {label_id: (sure[label_id], scores[label_id]) for label_id in sure if sure[label_id] >= floor}

    def _raise(self, by_id: dict[str, tuple[float, float]], view: _View, floor: float, levels: tuple[int, ...]) -> None:
        """Add what the heads say of a photo. A label keeps the sum of its classes where that is the surer one, and
        what stands above a head's label is at least as sure as the label."""
        surest = {label_id: view.heads[label_id] for label_id in self._heads.of_photos if view.heads[label_id] >= floor}
        scores = self._heads.scores(view.features, view.inputs) if surest else {}
        for head, confidence in surest.items():
            for label_id in (head, *self._names.ancestors(head)):
                is_surer = confidence >= by_id.get(label_id, (0.0, 0.0))[0]
                if is_surer and self._names.concepts[label_id].level in levels:
                    by_id[label_id] = confidence, scores[head]


def graphic_of(squares: Sequence[tuple[float, bool]]) -> float:
    """Return how surely a picture is a graphic. Of each of its squares, `squares` has the confidence that it is part of
    one, and whether it is plain. Plain squares count only if all are plain: a blank sky at one end makes no graphic of
    a photo, and a white margin makes no photo of a graphic."""
    telling = [confidence for confidence, plain in squares if not plain] or [confidence for confidence, _ in squares]
    surest = sorted(telling)[-SUREST:]
    return round(sum(surest) / len(surest), 3)


def keep_apart(by_id: dict[str, tuple[float, float]], floor: float) -> None:
    """Leave the less sure of the OPPOSITES at most the confidence that the surer one leaves: together they are at most
    as sure as one can be. It is taken out of `by_id` if that is below the floor."""
    surer, other = sorted(OPPOSITES, key=lambda label_id: -by_id.get(label_id, (0.0, 0.0))[0])
    if other in by_id:
        confidence, score = by_id.pop(other)
        confidence = min(confidence, round(1 - by_id[surer][0], 3))
        if confidence >= floor:
            by_id[other] = confidence, score


def _label(concept: Concept, confidence: float, score: float) -> Label:
    return Label(
        concept.id, concept.names[LANGUAGE], LANGUAGE, concept.level, concept.parent, confidence, round(score, 3)
    )


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(logits - np.max(logits))
    return np.asarray(weights / weights.sum())
