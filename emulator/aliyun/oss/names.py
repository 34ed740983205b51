"""Names that OSS takes, of objects, of buckets and of storage classes."""

from __future__ import annotations

import re

from emulator.objectstore.refusal import Refusal
from emulator.objectstore.store import BUCKET_NAME

HOST = re.compile(rf"(?:({BUCKET_NAME.pattern})?\.)?(oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com(?::[0-9]{{1,5}})?)")
"""A bucket's name, the address of a region, and that region; -internal is for clients in the vendor's network. The
vendor's SDK for Node writes the dot without a bucket too, where its endpoint is an IP address.
https://help.aliyun.com/en/oss/user-guide/regions-and-endpoints."""
MAX_KEY = 1023
"""Bytes of UTF-8: https://help.aliyun.com/en/oss/user-guide/object-naming-conventions."""
ARCHIVED = frozenset({"Archive", "ColdArchive", "DeepColdArchive"})
STORAGE_CLASSES = frozenset({"Standard", "IA"}) | ARCHIVED


def check_bucket(name: str) -> None:
    if not BUCKET_NAME.fullmatch(name):
        raise Refusal("InvalidBucketName", details={"BucketName": name})


def check_key(key: str) -> None:
    """A key that is not UTF-8 is refused too: it holds surrogates."""
    try:
        good = 1 <= len(key.encode()) <= MAX_KEY and key[0] not in "/\\"
    except UnicodeEncodeError:
        good = False
    if not good:
        raise Refusal("InvalidObjectName", details={"ObjectName": key[:MAX_KEY]})
