"""Describes how COS differs from other object stores."""

from __future__ import annotations

from emulator.objectstore import times
from emulator.objectstore.dialect import Dialect, EventNames
from emulator.objectstore.objects import shown_kept_headers
from emulator.objectstore.stored import Stored
from emulator.tencent.cos import names, tags

HEADERS = "x-cos-"
ACL = "x-cos-acl"
"""Only GetObjectACL tells an object's own ACL."""


def shown_headers(stored: Stored) -> dict[str, str]:
    """Return the headers with which GET and HEAD answer for an object, without its length.

    The storage class is shown only if it is not STANDARD.
    """
    headers = {
        "ETag": f'"{stored.etag}"',
        "Last-Modified": times.http(stored.modified),
        "Accept-Ranges": "bytes",
        "x-cos-hash-crc64ecma": stored.crc64,
    }
    if stored.storage_class != "STANDARD":
        headers["x-cos-storage-class"] = stored.storage_class
    if stored.tags:
        headers["x-cos-tagging-count"] = str(len(stored.tags))
    return headers | shown_kept_headers(stored, HEADERS, ACL)


COS = Dialect(
    headers=HEADERS,
    acl=ACL,
    buckets=names.BUCKETS,
    keys=names.KEYS,
    storage_classes=names.STORAGE_CLASSES,
    upper_case_classes=True,
    archived=names.ARCHIVED,
    events=EventNames(
        put="ObjectCreated:Put",
        copy="ObjectCreated:Copy",
        delete="ObjectRemove:Delete",
        delete_many="ObjectRemove:Delete",
        marker="ObjectRemove:DeleteMarkerCreated",
        complete="ObjectCreated:CompleteMultipartUpload",
    ),
    smallest_part=1024 * 1024,
    etag=lambda md5: md5.hex(),
    shown_headers=shown_headers,
    checked_tags=tags.checked,
    tags_from_header=tags.from_header,
)
