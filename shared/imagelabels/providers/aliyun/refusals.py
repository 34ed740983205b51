"""Says what a refusal by IMM or by OSS image processing means, whether IMM answers itself or from behind OSS.

A refusal of a picture is kept as the answer for its content, so only known codes and known words are one. Whatever
else an answer says may be over in a minute.

The codes of IMM, of IMM behind OSS and of image processing are listed, and not those of image labels:
https://www.alibabacloud.com/help/en/imm/developer-reference/error-handling-1
https://www.alibabacloud.com/help/en/oss/user-guide/common-errors
https://help.aliyun.com/en/oss/user-guide/error-response-2326715
https://help.aliyun.com/zh/oss/user-guide/faq-2
"""

from __future__ import annotations

import re

from imagelabels.domain import calls
from imagelabels.domain.calls import Meaning
from imagelabels.domain.errors import Misconfigured, Rejected
from imagelabels.providers.kit.refusals import DAMAGED, FAILED, LARGE, UNREAD

UNBOUND = Meaning(Misconfigured, "detector_unbound", "bind an IMM project of the region to the bucket")

# Unproven meaning-of-label-refusals: A refusal of image labels has one of the codes or words that IMM, IMM behind OSS
#   or image processing have.
# Why: no page lists the codes of image labels.
# Ask: GET a text file and a picture of 1x1 with x-oss-process=image/labels, and DetectImageLabels of the same: status,
#   code and message.
_CODES = {
    "ImageTooLarge": LARGE,
    "MemLimitExceeded": Meaning(Rejected, "too_many_pixels", "the picture has more pixels than are processed"),
    "ImageDamage": DAMAGED,
    "UnsupportedImageFormat": UNREAD,
    "ImageTooSmall": calls.PICTURE_REFUSED,
    "ResourceNotFound": UNBOUND,
    "InternalError": FAILED,
    "RequestTimeout": calls.TIMEOUT,
    "ServiceUnavailable": calls.THROTTLED,
    "Throttling": calls.THROTTLED,
}
_PICTURE = r"\b(?:image|picture|photo)s?\b"
# These patterns are looked for in code and message of an answer from 400 to 499, in this order.
_TEXTS = (
    (r"\bproject(?:name)?\b|\bun(?:bound|attached)\b|not (?:bound|attached)", UNBOUND),
    (r"throttl|flow control", calls.THROTTLED),
    (r"time.?out|timed out|try again|download", FAILED),
    (r"format.{0,40}(?:not ?|un)support|(?:not ?|un)support.{0,40}format", UNREAD),
    (rf"not an? (?:valid )?{_PICTURE}", calls.PICTURE_REFUSED),
    (rf"{_PICTURE}.{{0,60}}(?:decod|damaged|corrupt|broken)|decod.{{0,40}}{_PICTURE}", DAMAGED),
    (
        rf"{_PICTURE}.{{0,60}}(?:too (?:large|small|big|many)|size|pixels?|resolution|width|height|rotation)",
        calls.PICTURE_REFUSED,
    ),
    (
        rf"{_PICTURE}.{{0,40}}(?:cannot|can't|unable).{{0,20}}(?:label|process|recogni[sz]|detect)",
        calls.PICTURE_REFUSED,
    ),
)
_PATTERNS = tuple((re.compile(text, re.IGNORECASE), found) for text, found in _TEXTS)


def refused(status: int, code: str, message: str) -> Meaning | None:
    """Look up what an answer of that status means; None if it says nothing of the picture or the project."""
    known = _CODES.get(code.partition(".")[0])
    if known is not None or not 400 <= status < 500 or code in ("NoSuchKey", "NoSuchBucket", "NoSuchVersion"):
        return known
    text = f"{code} {message}"
    return next((found for pattern, found in _PATTERNS if pattern.search(text)), None)
