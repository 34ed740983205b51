"""Describes how COS differs from other object stores."""

from __future__ import annotations

from emulator.objectstore import times
from emulator.objectstore.dialect import Dialect, EncryptionRules, EventNames, RestoreRules
from emulator.objectstore.objects import shown_kept_headers
from emulator.objectstore.stored import APPENDABLE, SYMLINK, Stored
from emulator.tencent.cos import names, tags

HEADERS = "x-cos-"
ACL = "x-cos-acl"
"""Only GetObjectACL tells an object's own ACL."""
LINK_TARGET = "x-cos-symlink-target"
"""Only GetSymlink tells the target of a link."""


def shown_headers(stored: Stored) -> dict[str, str]:
    """Return the headers with which GET and HEAD answer for an object, without its length.

    The storage class is shown only if it is not STANDARD.
    """
    headers = {
        "ETag": f'"{stored.etag}"',
        "Last-Modified": times.http(stored.modified),
        "Accept-Ranges": "bytes",
        "x-cos-hash-crc64ecma": stored.crc64,
        # https://cloud.tencent.com/document/product/436/7745 names the first two. The third is invented.
        "x-cos-object-type": {APPENDABLE: "appendable", SYMLINK: "symlink"}.get(stored.kind, "normal"),
    }
    if stored.storage_class != "STANDARD":
        headers["x-cos-storage-class"] = stored.storage_class
    if stored.tags:
        headers["x-cos-tagging-count"] = str(len(stored.tags))
    return headers | shown_kept_headers(stored, HEADERS, (ACL, LINK_TARGET))


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
        post="ObjectCreated:Post",
        append="ObjectCreated:Append",
        restore="ObjectRestore:Post",
        restored="ObjectRestore:Completed",
    ),
    restores=RestoreRules(
        refusal="RestoreNonArchiveObject",
        job="CASJobParameters",
        longest=dict.fromkeys(names.ARCHIVED, 365),
        adds=False,  # No page says what restoring once more does, nor how many days it may name.
    ),
    encryption=EncryptionRules(
        algorithm="x-cos-server-side-encryption",
        key="x-cos-server-side-encryption-cos-kms-key-id",
        data="",
        values={"AES256": "AES256", "KMS": "cos/kms"},
        root="ServerSideEncryptionConfiguration",
        element="Rule/ApplyServerSideEncryptionByDefault",
        # No page names a code for an algorithm that COS does not have.
        unknown="InvalidArgument",
    ),
    # https://cloud.tencent.com/document/product/436/7741: appendable objects take no part in versioning. No page says
    # what COS answers where versions are kept; the refusal is invented.
    appends_versions=False,
    smallest_part=1024 * 1024,
    etag=lambda md5: md5.hex(),
    shown_headers=shown_headers,
    checked_tags=tags.checked,
    tags_from_header=tags.from_header,
)
