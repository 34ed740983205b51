"""What is known of the two detectors without their SDKs: a command can tell which answers are theirs."""

from __future__ import annotations

from imagelabels.domain.model import DetectorTraits
from imagelabels.pictures.picture import MAX_BYTES
from imagelabels.providers.aliyun.labels import threshold

OSS_MODEL = "image/labels"
IMM_MODEL = "DetectImageLabels"

FORMATS = frozenset({"jpeg", "png"})

SUFFIXES = (".jpg", ".jpeg", ".png")
"""IMM wants "the complete path to the image file that has an extension", and bills a refusal."""


def of_oss(floor: float) -> DetectorTraits:
    """Describe the detector `oss`, asked at `floor`, 0..1."""
    return DetectorTraits("oss", f"oss {OSS_MODEL} floor={threshold(floor)}", MAX_BYTES, formats=FORMATS)


def of_imm(floor: float) -> DetectorTraits:
    """Describe the detector `imm`, asked at `floor`, 0..1."""
    return DetectorTraits("imm", f"imm {IMM_MODEL} floor={threshold(floor)}", MAX_BYTES, SUFFIXES, formats=FORMATS)
