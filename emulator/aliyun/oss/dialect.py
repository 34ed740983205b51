"""Describes how OSS differs from other object stores."""

from __future__ import annotations

from emulator.aliyun.oss import inventories, lifecycle, names, tags
from emulator.objectstore import times
from emulator.objectstore.dialect import Dialect, EncryptionRules, EventNames, RestoreRules
from emulator.objectstore.lifecycle_rules import LifecycleRules
from emulator.objectstore.objects import shown_kept_headers
from emulator.objectstore.stored import APPENDABLE, Stored

HEADERS = "x-oss-"
ACL = "x-oss-object-acl"
"""Only GetObjectACL tells an object's own ACL."""
LINK_TARGET = "x-oss-symlink-target"
"""Only GetSymlink tells the target of a link."""


def shown_headers(stored: Stored) -> dict[str, str]:
    """Return the headers with which GET and HEAD answer for an object, without its length."""
    headers = {
        "ETag": f'"{stored.etag}"',
        "Last-Modified": times.http(stored.modified),
        "Accept-Ranges": "bytes",
        "x-oss-object-type": stored.kind,
        "x-oss-hash-crc64ecma": stored.crc64,
        "x-oss-storage-class": stored.storage_class,
    }
    if stored.kind == APPENDABLE:
        headers["x-oss-next-append-position"] = str(stored.size)
    if stored.tags:
        headers["x-oss-tagging-count"] = str(len(stored.tags))
    return headers | shown_kept_headers(stored, HEADERS, (ACL, LINK_TARGET))


OSS = Dialect(
    headers=HEADERS,
    acl=ACL,
    buckets=names.BUCKETS,
    keys=names.KEYS,
    storage_classes=names.STORAGE_CLASSES,
    upper_case_classes=False,
    archived=names.ARCHIVED,
    events=EventNames(
        put="ObjectCreated:PutObject",
        copy="ObjectCreated:CopyObject",
        delete="ObjectRemoved:DeleteObject",
        delete_many="ObjectRemoved:DeleteObjects",
        # Unproven event-of-marker: A delete marker makes the event ObjectRemoved:DeleteObject.
        # Why: no page says which event it makes.
        # Ask: delete an object of a bucket with versioning and a trigger for ObjectRemoved:*, and log the
        #   event.
        marker="ObjectRemoved:DeleteObject",
        complete="ObjectCreated:CompleteMultipartUpload",
        begin="ObjectCreated:InitiateMultipartUpload",
        part="ObjectCreated:UploadPart",
        part_copy="ObjectCreated:UploadPartCopy",
        abort="ObjectRemoved:AbortMultipartUpload",
        post="ObjectCreated:PostObject",
        append="ObjectCreated:AppendObject",
        link="ObjectCreated:PutSymlink",
        # Unproven event-of-expiration: What a lifecycle rule removes makes the event ObjectRemoved:DeleteObject.
        # Why: no page says whether the lifecycle sends events, or names one. An old post in the vendor's community says
        #   that it does.
        # Ask: let a rule remove an object of a bucket with a trigger for ObjectRemoved:*, and log the event.
        expired="ObjectRemoved:DeleteObject",
    ),
    restores=RestoreRules(
        refusal="OperationNotSupported",
        job="JobParameters",
        longest={"Archive": 7, "ColdArchive": 365, "DeepColdArchive": 365},
        adds=True,
    ),
    lifecycle=LifecycleRules(read=lifecycle.read, colder=("Standard", *lifecycle.COLDER), midnight=0),
    inventories=inventories.INVENTORIES,
    encryption=EncryptionRules(
        algorithm="x-oss-server-side-encryption",
        key="x-oss-server-side-encryption-key-id",
        data="x-oss-server-side-data-encryption",
        values={"AES256": "AES256", "KMS": "KMS", "SM4": "SM4"},
        root="ServerSideEncryptionRule",
        element="ApplyServerSideEncryptionByDefault",
        unknown="InvalidEncryptionAlgorithmError",
    ),
    appends_versions=True,
    smallest_part=100 * 1024,
    etag=lambda md5: md5.hex().upper(),
    shown_headers=shown_headers,
    checked_tags=tags.checked,
    tags_from_header=tags.from_header,
)
