"""Names that COS takes: of hosts, of buckets, of objects and of storage classes."""

from __future__ import annotations

import re

from emulator.objectstore.refusal import Refusal

BUCKET = r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?-[0-9]{5,12}"
"""A name and the account's APPID: https://cloud.tencent.com/document/product/436/13312."""
HOST = re.compile(
    rf"(?:({BUCKET})\.)?((?:cos\.[a-z]{{2,}}(?:-[a-z0-9]+)+|service\.cos)\.myqcloud\.com(?::[0-9]{{1,5}})?)"
)
"""A bucket's name, and the address of a region or of the whole service."""
LONGEST = 60
"""Characters of a bucket's name."""
MAX_KEY = 850
"""Bytes of UTF-8: https://cloud.tencent.com/document/product/436/13324."""

ARCHIVED = frozenset({"ARCHIVE", "DEEP_ARCHIVE"})
STORAGE_CLASSES = ARCHIVED | {
    "INTELLIGENT_TIERING",
    "MAZ_INTELLIGENT_TIERING",
    "MAZ_STANDARD",
    "MAZ_STANDARD_IA",
    "STANDARD",
    "STANDARD_IA",
}


def bucket(name: str) -> bool:
    return len(name) <= LONGEST and re.fullmatch(BUCKET, name) is not None


def check_key(key: str) -> None:
    """A key that is not UTF-8 is refused too: it holds surrogates."""
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        raise Refusal("InvalidURI") from None
    if size > MAX_KEY:
        raise Refusal("KeyTooLong")
    if not key or key[0] in "/\\":
        raise Refusal("InvalidURI")
