"""The rules of COS for object tags: https://cloud.tencent.com/document/product/436/42997.

The page speaks of bytes in one place and of characters in another, of values of 1 to 255 in one and of less than 256 in
another. Here bytes count, and a value may be empty. Letters of any script pass: the page in Chinese lists Chinese, the
international one "UTF-8 letters".
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from emulator.core.refusal import Refusal

MOST = 10
LONGEST_KEY = 127
LONGEST_VALUE = 255
PERMITTED = re.compile(r"[\w +\-=.:/@]*")


def from_header(header: str) -> dict[str, str]:
    """Return the tags in `x-cos-tagging: k=v&k2=v2`, which is URL-encoded. A Refusal tells what COS does not take."""
    try:
        pairs = parse_qsl(header, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise Refusal("InvalidTag", "x-cos-tagging is not UTF-8.") from None
    return checked(pairs)


# Unproven codes-of-cos-tags: COS refuses all wrong tags with InvalidTag, bytes count in their length, and a value may
#   be empty.
# Why: the page contradicts itself, and does not tell which code comes with which fault.
# Ask: PUT ?tagging with 11 tags, with one key twice, with a key of 128 bytes, with an empty value and with the value
#   a&b: status and code of each.
def checked(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Return the pairs as tags. A Refusal tells what COS does not take."""
    if len(pairs) > MOST:
        raise Refusal("InvalidTag", f"An object can have no more than {MOST} tags.")
    for key, value in pairs:
        if not PERMITTED.fullmatch(key) or not PERMITTED.fullmatch(value):
            raise Refusal("InvalidTag", "A tag holds letters, digits, spaces and + - = . _ : / @ only.")
        if not 1 <= len(key.encode()) <= LONGEST_KEY:
            raise Refusal("InvalidTag", f"A tag key has 1 to {LONGEST_KEY} bytes.")
        if len(value.encode()) > LONGEST_VALUE:
            raise Refusal("InvalidTag", f"A tag value has at most {LONGEST_VALUE} bytes.")
    tags = dict(pairs)
    if len(tags) != len(pairs):
        raise Refusal("InvalidTag", "The tag keys of an object must be unique.")
    return tags
