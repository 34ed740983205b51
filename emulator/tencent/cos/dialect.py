"""Describes how COS differs from other object stores."""

from __future__ import annotations

from emulator.objectstore import times
from emulator.objectstore.dialect import Dialect, EncryptionRules, EventNames, RestoreRules
from emulator.objectstore.lifecycle_rules import LifecycleRules
from emulator.objectstore.objects import shown_kept_headers
from emulator.objectstore.stored import APPENDABLE, SYMLINK, Stored
from emulator.tencent.cos import inventories, lifecycle, names, tags

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
        # Unproven type-of-link: HEAD of a symbolic link says x-cos-object-type: symlink.
        # Why: the page names normal and appendable only: https://cloud.tencent.com/document/product/436/7745.
        # Ask: PUT ?symlink, and HEAD of the link: x-cos-object-type.
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
        # https://cloud.tencent.com/document/product/436/8588: the lifecycle sends no events.
    ),
    restores=RestoreRules(
        refusal="RestoreNonArchiveObject",
        job="CASJobParameters",
        # Unproven longest-restoring: An object can be restored for 365 days at most.
        # Why: no page says how many days a request may name.
        # Ask: POST ?restore of an archived object with 366 days: status and code.
        longest=dict.fromkeys(names.ARCHIVED, 365),
        # Unproven restoring-once-more: Restoring a restored object once more counts the days from then on.
        # Why: no page says whether they are added to those that are left.
        # Ask: POST ?restore of a restored object with 2 days: x-cos-restore of HEAD.
        adds=False,
    ),
    encryption=EncryptionRules(
        algorithm="x-cos-server-side-encryption",
        key="x-cos-server-side-encryption-cos-kms-key-id",
        data="",
        values={"AES256": "AES256", "KMS": "cos/kms"},
        root="ServerSideEncryptionConfiguration",
        element="Rule/ApplyServerSideEncryptionByDefault",
        # Unproven code-of-unknown-encryption: COS refuses an algorithm that it does not have with InvalidArgument.
        # Why: no page names a code for it.
        # Ask: PUT an object with x-cos-server-side-encryption: DES: status and code.
        unknown="InvalidArgument",
    ),
    # https://cloud.tencent.com/document/product/436/14605: rules are carried out at midnight in China.
    lifecycle=LifecycleRules(read=lifecycle.read, colder=lifecycle.COLDER, midnight=16 * 3600),
    inventories=inventories.INVENTORIES,
    # Unproven appending-with-versions: POST ?append is refused in a bucket that keeps versions.
    # Why: the page says that such objects take no part in versioning, and not what COS answers:
    #   https://cloud.tencent.com/document/product/436/7741.
    # Ask: POST ?append&position=0 in a bucket with versioning: status and code.
    appends_versions=False,
    smallest_part=1024 * 1024,
    etag=lambda md5: md5.hex(),
    shown_headers=shown_headers,
    checked_tags=tags.checked,
    tags_from_header=tags.from_header,
)
