"""What a refusal by IMM or by OSS image processing means, whether IMM answers itself or from behind OSS.

No page lists the codes of image labels. Those of IMM, of IMM behind OSS and of image processing are listed:
https://www.alibabacloud.com/help/en/imm/developer-reference/error-handling-1
https://www.alibabacloud.com/help/en/oss/user-guide/common-errors
https://help.aliyun.com/en/oss/user-guide/error-response-2326715
https://help.aliyun.com/zh/oss/user-guide/faq-2
"""

from __future__ import annotations

import re

from imagelabels.domain import calls
from imagelabels.domain.calls import Meaning
from imagelabels.domain.errors import Misconfigured, Rejected, Unavailable

UNBOUND = Meaning(Misconfigured, "detector_unbound", "bind an IMM project of the region to the bucket")

_CODES = {
    "ImageTooLarge": Meaning(Rejected, "too_large", "the detector finds the picture too large"),
    "MemLimitExceeded": Meaning(Rejected, "too_many_pixels", "the picture has more pixels than are processed"),
    "ImageDamage": Meaning(Rejected, "corrupt", "the detector cannot decode the picture"),
    "ResourceNotFound": UNBOUND,
    "InternalError": Meaning(Unavailable, "detector_error", "the detector failed"),
    "ServiceUnavailable": calls.THROTTLED,
    "Throttling": calls.THROTTLED,
}
# What only the text tells; looked for in the code and the message of an answer from 400 to 499.
_TEXTS = (
    (re.compile(r"\bproject(?:name)?\b|\bun(?:bound|attached)\b|not (?:bound|attached)", re.IGNORECASE), UNBOUND),
    (re.compile(r"throttl|flow control", re.IGNORECASE), calls.THROTTLED),
    (
        re.compile(r"format.{0,40}(?:not |un)support|(?:not |un)support.{0,40}format", re.IGNORECASE),
        Meaning(Rejected, "unsupported_format", "the detector does not read this format"),
    ),
)


def refused(status: int, code: str, message: str) -> Meaning | None:
    """The meaning of an answer of that status; None where it says nothing of the picture or the project."""
    known = _CODES.get(code.partition(".")[0])
    if known is not None or not 400 <= status < 500 or code in ("NoSuchKey", "NoSuchBucket", "NoSuchVersion"):
        return known
    text = f"{code} {message}"
    found = next((found for pattern, found in _TEXTS if pattern.search(text)), None)
    return found or (calls.PICTURE_REFUSED if status == 400 else None)
