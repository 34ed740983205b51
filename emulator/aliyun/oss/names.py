"""The names that OSS accepts for hosts, buckets, objects and storage classes."""

from __future__ import annotations

import re

from emulator.objectstore.naming import BucketNames, KeyFault, KeyNames
from emulator.objectstore.store import BUCKET_NAME

HOST = re.compile(rf"(?:({BUCKET_NAME.pattern})?\.)?(oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com(?::[0-9]{{1,5}})?)")
"""The name of a bucket, the address of a region, and that region. Clients in the vendor's network use -internal. The
vendor's SDK for Node writes the dot without a bucket too, where its endpoint is an IP address.
https://help.aliyun.com/en/oss/user-guide/regions-and-endpoints."""
BUCKETS = BucketNames(
    # https://help.aliyun.com/en/oss/user-guide/bucket-naming-conventions
    form=BUCKET_NAME,
    longest=63,
    fault="is no bucket name: 3 to 63 of a-z, 0-9 and -, no - at either end",
)
KEYS = KeyNames(
    # https://help.aliyun.com/en/oss/user-guide/object-naming-conventions
    longest=1023,
    codes=dict.fromkeys(KeyFault, "InvalidObjectName"),
    element="ObjectName",
)
ARCHIVED = frozenset({"Archive", "ColdArchive", "DeepColdArchive"})
STORAGE_CLASSES = frozenset({"Standard", "IA"}) | ARCHIVED
