"""The bytes that a Range header asks for.

https://www.alibabacloud.com/help/en/oss/how-to-obtain-oss-resources-by-segmenting-http-range-requests: a range that
reaches beyond the object is ignored and the whole object is sent, unless `x-oss-range-behavior: standard` is.
"""

from __future__ import annotations

import re

from emulator.objectstore.refusal import Refusal

FORM = re.compile(r"bytes=([0-9]*)-([0-9]*)(?:,.*)?")


def read(header: str, size: int, standard: bool) -> tuple[int, int] | None:
    """(start, length), or None for the whole object. Of several ranges the first counts."""
    form = FORM.fullmatch(header.replace(" ", ""))
    if form is None or form[1] == form[2] == "":
        return None
    if form[1] == "":
        asked = int(form[2])
        start, end = size - asked, size - 1
        beyond = asked > size or asked == 0
    else:
        start, end = int(form[1]), int(form[2]) if form[2] else size - 1
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
