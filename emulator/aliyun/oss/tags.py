"""The rules of OSS for object tags.

https://help.aliyun.com/en/oss/developer-reference/putobjecttagging and the pages of the EC numbers below.

The pages list the letters a-z and A-Z alone. Letters of other scripts pass here all the same: the vendor's own tests
put Chinese tags on the live service and read them back (test_copy_object_with_tagging of oss2), and there is an error
of its own for text that is not UTF-8. Whoever wants to be sure keeps to the letters of the pages.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from emulator.aliyun.oss.errors import OssRefusal

MOST = 10
LONGEST_KEY = 128
LONGEST_VALUE = 256
"""Bytes of UTF-8. Older pages count bytes and newer ones characters, which is the same for the letters of the pages."""
PERMITTED = re.compile(r"[\w +\-=.:/]*")

KEY_TOO_LONG = "0010-00000209"
KEY_CHARACTERS = "0010-00000212"
NOT_UTF8 = "0010-00000216"
VALUE_CHARACTERS = "0010-00000217"
TOO_MANY = "0010-00000218"
HEADER_FORM = "0010-00000219"


def from_header(header: str) -> dict[str, str]:
    """Return the tags in `x-oss-tagging: k=v&k2`, which is URL-encoded. A Refusal tells what OSS does not take."""
    pairs = []
    for pair in header.split("&") if header else ():
        parts = pair.split("=")
        if len(parts) > 2:
            raise OssRefusal("InvalidTag", ec=HEADER_FORM)
        key, value = (_decoded(part) for part in (*parts, "")[:2])
        pairs.append((key, value))
    return checked(pairs)


# Unproven codes-of-tag-errors: Which Code comes with which EC where OSS refuses tags.
# Why: each EC has a page of its own, and none of them names the Code.
# Ask: PUT ?tagging with 11 tags, with one key twice, with a key of 129 characters and with the value a&b: status, code
#   and EC of each.
def checked(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Return the pairs as tags. A Refusal tells what OSS does not take."""
    if len(pairs) > MOST:
        raise OssRefusal("InvalidTag", f"Object tags cannot be greater than {MOST}", ec=TOO_MANY)
    for key, value in pairs:
        if len(key.encode()) > LONGEST_KEY:
            raise OssRefusal("InvalidTaggingKey", ec=KEY_TOO_LONG)
        if not key or not PERMITTED.fullmatch(key):
            raise OssRefusal("InvalidTaggingKey", ec=KEY_CHARACTERS)
        if len(value.encode()) > LONGEST_VALUE:
            raise OssRefusal("InvalidTag")
        if not PERMITTED.fullmatch(value):
            raise OssRefusal("InvalidTag", ec=VALUE_CHARACTERS)
    tags = dict(pairs)
    if len(tags) != len(pairs):
        raise OssRefusal("InvalidTag", "The tag keys of an object must be unique.")
    return tags


def _decoded(part: str) -> str:
    try:
        return unquote_to_bytes(part.replace("+", " ").encode("utf-8", "surrogateescape")).decode()
    except UnicodeDecodeError:
        raise OssRefusal("InvalidTag", ec=NOT_UTF8) from None
