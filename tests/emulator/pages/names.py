"""The vendors' names of operations, and notes on settings of buckets. The emulator's own tables have neither."""

from __future__ import annotations

from collections.abc import Mapping

Names = Mapping[tuple[str, str, str], str]
"""The name of an operation by its level, its method and its subresource."""

_BOTH: Names = {
    ("bucket", "DELETE", ""): "DeleteBucket",
    ("bucket", "GET", "acl"): "GetBucketAcl",
    ("bucket", "GET", "location"): "GetBucketLocation",
    ("bucket", "GET", "uploads"): "ListMultipartUploads",
    ("bucket", "GET", "versioning"): "GetBucketVersioning",
    ("bucket", "PUT", ""): "PutBucket",
    ("bucket", "PUT", "acl"): "PutBucketAcl",
    ("bucket", "PUT", "versioning"): "PutBucketVersioning",
    ("object", "DELETE", ""): "DeleteObject",
    ("object", "DELETE", "tagging"): "DeleteObjectTagging",
    ("object", "DELETE", "uploadId"): "AbortMultipartUpload",
    ("object", "GET", ""): "GetObject",
    ("object", "GET", "acl"): "GetObjectACL",
    ("object", "GET", "symlink"): "GetSymlink",
    ("object", "GET", "tagging"): "GetObjectTagging",
    ("object", "GET", "uploadId"): "ListParts",
    ("object", "HEAD", ""): "HeadObject",
    ("object", "POST", "append"): "AppendObject",
    ("object", "POST", "restore"): "RestoreObject",
    ("object", "POST", "uploadId"): "CompleteMultipartUpload",
    ("object", "POST", "uploads"): "InitiateMultipartUpload",
    ("object", "PUT", ""): "PutObject, CopyObject",
    ("object", "PUT", "acl"): "PutObjectACL",
    ("object", "PUT", "partNumber"): "UploadPart, UploadPartCopy",
    ("object", "PUT", "symlink"): "PutSymlink",
    ("object", "PUT", "tagging"): "PutObjectTagging",
}
OSS: Names = {
    **_BOTH,
    ("service", "GET", ""): "ListBuckets",
    ("service", "GET", "regions"): "DescribeRegions",
    ("bucket", "GET", ""): "ListObjects, ListObjectsV2",
    ("bucket", "GET", "bucketInfo"): "GetBucketInfo",
    ("bucket", "GET", "live"): "ListLiveChannel, always empty",
    ("bucket", "GET", "metaQuery"): "GetMetaQueryStatus, always none",
    ("bucket", "GET", "objectWorm"): "GetBucketObjectWormConfiguration, always none",
    ("bucket", "GET", "stat"): "GetBucketStat",
    ("bucket", "GET", "versions"): "ListObjectVersions",
    ("bucket", "GET", "worm"): "GetBucketWorm, always none",
    ("bucket", "POST", "delete"): "DeleteMultipleObjects",
    ("object", "GET", "x-oss-process"): "image processing, image/info and image/labels",
    ("object", "HEAD", "objectMeta"): "GetObjectMeta",
    ("object", "POST", "cleanRestoredObject"): "CleanRestoredObject",
    ("object", "POST", "x-oss-process"): "image processing whose result is kept (sys/saveas)",
}
COS: Names = {
    **_BOTH,
    ("service", "GET", ""): "GetService",
    ("bucket", "GET", ""): "GetBucket (List Objects)",
    ("bucket", "GET", "ci-process"): "detect-label of a picture by its URL",
    ("bucket", "GET", "object-lock"): "GetBucketObjectLockConfiguration, always none",
    ("bucket", "GET", "versions"): "GetBucketObjectVersions",
    ("bucket", "HEAD", ""): "HeadBucket",
    ("bucket", "POST", "delete"): "DeleteMultipleObjects",
    ("object", "GET", "ci-process"): "detect-label",
    ("object", "GET", "exif"): "EXIF data of a picture",
    ("object", "GET", "imageAve"): "average colour of a picture",
    ("object", "GET", "imageInfo"): "format and size of a picture",
    ("object", "GET", "imageMogr2"): "image processing",
    ("object", "GET", "imageView2"): "image processing",
}
SETTINGS: Mapping[str, str] = {
    "accessmonitor": "tracking of the last access",
    "cors": "CORS rules",
    "encryption": "encryption by default",
    "httpsConfig": "versions of TLS",
    "inventory": "inventories",
    "lifecycle": "lifecycle rules",
    "logging": "access logs",
    "policy": "bucket policy (JSON)",
    "publicAccessBlock": "block of public access",
    "referer": "referers that are let in",
    "requestPayment": "who pays for requests",
    "resourceGroup": "resource group",
    "style": "styles of image processing",
    "tagging": "tags of the bucket",
    "transferAcceleration": "transfer acceleration",
    "website": "static website",
}
EFFECTS: Mapping[tuple[str, str], str] = {
    ("oss", "publicAccessBlock"): "closes what is open to all",
    ("oss", "tagging"): "ListBuckets can ask for it",
    ("cos", "tagging"): "GetService can ask for it",
}
"""What a setting changes. All others are kept and given back, and change nothing."""
COS_REFUSED = (
    *("accelerate", "domain", "domaincertificate", "encryption", "intelligenttiering", "live", "notification"),
    *("origin", "replication", "response-control", "select", "style", "vod"),
)
"""Subresources that the vendor's client for Python uses. Those that the emulator has are left out of the page."""
