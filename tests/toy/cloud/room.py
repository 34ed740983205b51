"""The toy cloud's objects, by the room that it stands in, and its detector."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from imagelabels.domain.model import Detection, DetectorTraits, Picture
from imagelabels.domain.taxonomy import load
from imagelabels.pictures.picture import MAX_BYTES
from tests.fakes import FakeClock, FakeDetector, FakeObjects


@cache
def room(name: str) -> FakeObjects:
    """What was put into a room stays there while the process lives."""
    return FakeObjects(FakeClock(), "toy")


TRAITS = DetectorTraits("toy", "toy", MAX_BYTES, default_threshold=0.6)


class ToyDetector(FakeDetector):
    """Gives each label the id that the taxonomy has for the vendor's word."""

    name, setting, default_threshold = TRAITS.name, TRAITS.setting, TRAITS.default_threshold

    def detect(self, picture: Picture) -> Detection:
        seen = super().detect(picture)
        labels = (replace(label, id=load().label_id("toy", label.id, "en"), level=1) for label in seen.labels)
        return replace(seen, labels=tuple(labels))
