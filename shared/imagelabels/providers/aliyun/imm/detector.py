"""Detects labels by asking IMM itself: DetectImageLabels of an object in OSS."""

from __future__ import annotations

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import Detection, Picture
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.pictures.picture import MAX_BYTES
from imagelabels.providers.aliyun.imm.client import Imm
from imagelabels.providers.aliyun.imm.failures import calling
from imagelabels.providers.aliyun.labels import labels, threshold
from imagelabels.providers.aliyun.traits import FORMATS, SUFFIXES, of_imm
from imagelabels.providers.aliyun.traits import IMM_MODEL as MODEL


class ImmDetector:
    """This is a LabelDetector. `floor` is 0..1, and a request takes `within` seconds at most. It asks once:
    whoever calls it counts each request before it is sent."""

    name = "imm"
    paid = True
    formats = FORMATS
    least_side = 1
    calls = 1
    most_bytes = MAX_BYTES
    suffixes = SUFFIXES
    default_threshold = 0.7

    def __init__(self, imm: Imm, floor: float, taxonomy: Taxonomy, within: float = 15.0) -> None:
        self._imm, self._taxonomy = imm, taxonomy
        self.setting = of_imm(floor).setting
        self._threshold = threshold(floor)
        self.timeout = within

    def close(self) -> None:
        self._imm.close()

    def detect(self, picture: Picture) -> Detection:
        """Ask for the labels. IMM cannot be told which version or content to look at, so the caller must look again."""
        ref = picture.ref
        with calling(Call(MODEL, "imm:DetectImageLabels", ref.uri, "labels"), self._imm.temporary):
            raw = self._imm.detect_image_labels(f"oss://{ref.bucket}/{ref.key}", self._threshold, self.timeout)
        try:
            found = labels(raw, self._taxonomy)
        except (ValueError, RecursionError) as error:
            raise Unavailable("detector_error", f"{MODEL} of {ref.uri!r}: {error}: {raw[:200]!r}") from error
        return Detection(found, self.name, MODEL, raw, True)
