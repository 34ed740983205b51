"""What is known of the detector without its SDK: a command can tell which answers are its own."""

from __future__ import annotations

from collections.abc import Sequence

from imagelabels.domain.model import DetectorTraits

MODEL = "detect-label"

MOST_BYTES = 3 * 1024 * 1024
"""The service says 3 MB, and 4 MB in base64: https://cloud.tencent.com/document/product/1247/45330"""
MOST_BYTES_TO_SHRINK = 32 * 1024 * 1024
"""The limit of image processing, which makes the thumbnail: https://cloud.tencent.com/document/product/460/36620"""
THUMBNAIL = "imageMogr2/thumbnail/1920x1920>"
"""Within 1920 pixels a side, never enlarged."""

FORMATS = frozenset({"jpeg", "png"})
LEAST_SIDE = 50
"""https://cloud.tencent.com/document/product/1247/45330"""

THRESHOLD = 0.3
"""The figures are no probabilities. In the vendor's sample answer the first scene's surest label is 97 and another's is
26, for a near miss (an antelope, where the picture shows a deer); what is right begins at 38:
https://www.tencentcloud.com/document/product/1045/73048"""


def of_ci(scenes: Sequence[str], floor: float, thumbnail: bool) -> DetectorTraits:
    """Describe the detector `ci`, asked for these scenes; labels below `floor`, 0..1, are dropped."""
    shrunk = f" above={MOST_BYTES} {THUMBNAIL}" if thumbnail else ""
    setting = f"ci {MODEL} scenes={','.join(scenes)} floor={floor:g}{shrunk}"
    most_bytes = MOST_BYTES_TO_SHRINK if thumbnail else MOST_BYTES
    # The same models behind the vendor's other API are billed as one call for each scene:
    # https://cloud.tencent.com/document/api/865/35471
    return DetectorTraits("ci", setting, most_bytes, (), THRESHOLD, FORMATS, LEAST_SIDE, calls=len(scenes))
