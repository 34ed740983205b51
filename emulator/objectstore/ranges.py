"""The bytes for which a Range header asks.

https://www.alibabacloud.com/help/en/oss/how-to-obtain-oss-resources-by-segmenting-http-range-requests: a range that
reaches beyond the object is ignored, so that the whole object is sent, unless the request has the header
`x-oss-range-behavior: standard`.
"""

from __future__ import annotations

import re

from emulator.core.refusal import Refusal

FORM = re.compile(r"bytes=([0-9]*)-([0-9]*)(?:,.*)?")


def read(header: str, size: int, standard: bool) -> tuple[int, int] | None:
    """Return (start, length), or None for the whole object. If there are several ranges, the first counts.

    `standard` means that the part inside the object is sent of a range that reaches beyond it.
    """
    form = FORM.fullmatch(header.replace(" ", ""))
    if form is None or form[1] == form[2] == "":
        return None
    if form[1] == "":
        length = _number(form[2])
        start, end = size - length, size - 1
        beyond = length > size or length == 0
    else:
        start, end = _number(form[1]), _number(form[2]) if form[2] else size - 1
        beyond = end >= size
    if start > end and form[1] and form[2]:
        return None
    if beyond or start >= size:
        if not standard:
            return None
        start, end = max(start, 0), min(end, size - 1)
        if start > end:
            raise Refusal("InvalidRange", details={"ActualObjectSize": str(size), "RangeRequested": header})
    return start, end - start + 1


def _number(digits: str) -> int:
    """Return the number. One of more than 20 digits is cut, and is beyond every object all the same."""
    return int(digits.lstrip("0")[:20] or "0")
