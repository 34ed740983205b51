"""The toy cloud's objects, by the room that it stands in, and its detector."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from imagelabels.domain.model import Detection, Picture
from imagelabels.domain.taxonomy import load
from tests.fakes import FakeClock, FakeDetector, FakeObjects


@cache
def room(name: str) -> FakeObjects:
    """What was put into a room stays there while the process lives."""
    return FakeObjects(FakeClock(), "toy")


class ToyDetector(FakeDetector):
    """Gives each label the id that the taxonomy has for the vendor's word."""

    name = "toy"
    setting = "toy"
    default_threshold = 0.6

    def detect(self, picture: Picture) -> Detection:
        seen = super().detect(picture)
        labels = (replace(label, id=load().label_id("toy", label.id, "en"), level=1) for label in seen.labels)
        return replace(seen, labels=tuple(labels))
