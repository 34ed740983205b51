"""Detectors: what is known of one before it is opened, and the one call that it takes."""

from __future__ import annotations

from typing import Protocol

from imagelabels.domain.model import Detection, DetectorTraits, Picture


class Described(Protocol):
    """What is known of a detector without asking it, and without a client of its service."""

    @property
    def name(self) -> str:
        """Its name in the registry."""

    @property
    def setting(self) -> str:
        """Everything that changes the raw answer: detector, model, scenes, language asked for, floor. No thresholds."""

    @property
    def most_bytes(self) -> int:
        """It is not asked about a larger file."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """It is not asked about an object whose key, in lower case, ends in none of these. Empty: any key will do."""

    @property
    def default_threshold(self) -> float:
        """The confidence, 0..1, from which its labels are worth writing; no two detectors mean the same by it."""

    @property
    def calls(self) -> int:
        """The vendor bills one `detect` as so many calls; at least 1, which a budget counts for a free one too."""

    @property
    def formats(self) -> frozenset[str]:
        """The picture formats that it can read, named as in pictures.picture."""

    @property
    def least_side(self) -> int:
        """Pixels: it is not asked about a picture whose shorter side has fewer."""

    @property
    def paid(self) -> bool:
        """Whether every call is billed, refused ones too."""


class LabelDetector(Described, Protocol):
    """Says what is in a picture."""

    @property
    def timeout(self) -> float:
        """One call of `detect` takes at most so many seconds."""

    def detect(self, picture: Picture) -> Detection:
        """Send one request and return the whole answer at the floor. It is never sent again in here: whoever calls has
        counted this one request, and counts each further one.

        Rejected: the detector will never label this picture. Gone: the object changed.
        """


def traits_of(detector: Described) -> DetectorTraits:
    """Return what is known of an open detector, as a value."""
    return DetectorTraits(
        name=detector.name,
        setting=detector.setting,
        most_bytes=detector.most_bytes,
        suffixes=detector.suffixes,
        default_threshold=detector.default_threshold,
        formats=detector.formats,
        least_side=detector.least_side,
        paid=detector.paid,
        calls=detector.calls,
    )
