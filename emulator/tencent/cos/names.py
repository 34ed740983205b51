"""The names that COS accepts for hosts, buckets, objects and storage classes."""

from __future__ import annotations

import re

from emulator.objectstore.naming import BucketNames, KeyFault, KeyNames

BUCKET = r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?-[0-9]{5,12}"
HOST = re.compile(
    rf"(?:({BUCKET})\.)?((?:(?:cos|ci)\.[a-z]{{2,}}(?:-[a-z0-9]+)+|service\.cos)\.myqcloud\.com(?::[0-9]{{1,5}})?)"
)
"""The name of a bucket, and the address of a region, of Cloud Infinite in a region, or of the whole service."""
BUCKETS = BucketNames(
    # A name and the APPID of an account: https://cloud.tencent.com/document/product/436/13312
    form=re.compile(BUCKET),
    longest=60,
    fault="is no bucket of COS: a-z, 0-9 and -, then - and the digits of an APPID, as photos-1250000000",
)
KEYS = KeyNames(
    # https://cloud.tencent.com/document/product/436/13324
    longest=850,
    codes={KeyFault.NOT_UTF8: "InvalidURI", KeyFault.TOO_LONG: "KeyTooLong", KeyFault.FORM: "InvalidURI"},
)
ARCHIVED = frozenset({"ARCHIVE", "DEEP_ARCHIVE"})
STORAGE_CLASSES = ARCHIVED | {
    "INTELLIGENT_TIERING",
    "MAZ_INTELLIGENT_TIERING",
    "MAZ_STANDARD",
    "MAZ_STANDARD_IA",
    "STANDARD",
    "STANDARD_IA",
}

PROCESSING = "pic-operations"
"""An upload with this header is processed at once: https://cloud.tencent.com/document/product/436/40592."""
IMAGE_OPERATIONS = frozenset({"exif", "imageAve", "imageInfo", "imageMogr2", "imageView2"})
"""The operations of image processing, which stand in a query as the names of parameters."""
