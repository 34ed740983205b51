"""The operations of OSS by what they are about, and the parameters and headers that it knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from emulator.aliyun.oss import (
    buckets,
    cnames,
    listing,
    live,
    multipart,
    objects,
    process,
    qos,
    redundancy,
    replication,
    restoring,
    retention,
    settings,
    signing,
    statistics,
    worm,
    writing,
)
from emulator.aliyun.oss.dialect import OSS
from emulator.objectstore import buckets as store_buckets
from emulator.objectstore import conditions, links, tagging, versioning
from emulator.objectstore import objects as store_objects
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.operations import LISTING, PARTS, UPLOADS, VERSION, VERSIONS, Operation, OperationTable
from emulator.objectstore.overrides import OVERRIDES
from emulator.objectstore.reply import Reply

Handler = Callable[[StoreContext, Call], Awaitable[Reply]]

SERVICE: OperationTable[Handler] = {
    ("GET", ""): Operation(
        buckets.list_all, frozenset({"marker", "max-keys", "prefix", "regionList", "tag-key", "tag-value", "tagging"})
    ),
    ("GET", "cloudboxes"): Operation(buckets.cloud_boxes, frozenset({"marker", "max-keys", "prefix"})),
    ("GET", "qosInfo"): Operation(qos.of_account),
    ("GET", "redundancyTransition"): Operation(redundancy.of_account, frozenset({"continuation-token", "max-keys"})),
    ("GET", "regions"): Operation(statistics.regions),
    **{(method, name): Operation(operate, known) for method, name, operate, known in settings.BLOCK.rows()},
}
BUCKET: OperationTable[Handler] = {
    **{(method, name): Operation(operate, known) for method, name, operate, known in settings.ROWS},
    ("DELETE", "tagging"): Operation(settings.remove_tags),
    ("GET", ""): Operation(
        listing.objects, LISTING | {"continuation-token", "fetch-owner", "list-type", "marker", "start-after"}
    ),
    ("GET", "acl"): Operation(buckets.acl),
    ("GET", "bucketInfo"): Operation(buckets.info),
    ("GET", "live"): Operation(live.channels, frozenset({"marker", "max-keys", "prefix"})),
    ("GET", "location"): Operation(buckets.location),
    ("GET", "metaQuery"): Operation(buckets.meta_query),
    ("GET", "policyStatus"): Operation(buckets.policy_status),
    ("GET", "redundancyTransition"): Operation(redundancy.get, frozenset({redundancy.TASK})),
    ("DELETE", "redundancyTransition"): Operation(redundancy.delete, frozenset({redundancy.TASK})),
    ("POST", "redundancyTransition"): Operation(redundancy.create, frozenset({redundancy.TARGET})),
    ("GET", "cname"): Operation(cnames.get, frozenset({"comp"})),
    ("POST", "cname"): Operation(cnames.change, frozenset({"comp"})),
    ("GET", "replication"): Operation(replication.get),
    ("GET", "replicationLocation"): Operation(replication.locations),
    ("GET", "replicationProgress"): Operation(replication.progress, frozenset({"rule-id"})),
    ("GET", "stat"): Operation(statistics.stat),
    # The command du of ossutil names max-parts here, where it has no meaning.
    ("GET", "uploads"): Operation(multipart.uploads, UPLOADS | {"max-parts"}),
    ("GET", "versioning"): Operation(versioning.get),
    ("GET", "versions"): Operation(listing.versions, VERSIONS),
    ("GET", "worm"): Operation(worm.get),
    ("PUT", ""): Operation(buckets.create),
    ("PUT", "acl"): Operation(buckets.put_acl),
    ("PUT", "rtc"): Operation(replication.time_control),
    ("PUT", "versioning"): Operation(versioning.put),
    ("DELETE", ""): Operation(store_buckets.delete),
    ("DELETE", "worm"): Operation(worm.abort),
    ("POST", "delete"): Operation(buckets.delete_objects, frozenset({"encoding-type"})),
    ("POST", "replication"): Operation(replication.change, frozenset({"comp"})),
    ("POST", "worm"): Operation(worm.initiate),
    ("POST", "wormId"): Operation(worm.lock_or_extend, frozenset({"wormExtend"})),
}
OBJECT: OperationTable[Handler] = {
    ("GET", ""): Operation(objects.get, VERSION | frozenset(OVERRIDES)),
    ("GET", "acl"): Operation(objects.acl, VERSION),
    ("GET", "live"): Operation(live.get, frozenset({"comp"})),
    ("GET", "legalHold"): Operation(retention.get_hold, VERSION),
    ("GET", "retention"): Operation(retention.get, VERSION),
    ("PUT", "legalHold"): Operation(retention.put_hold, VERSION),
    ("PUT", "retention"): Operation(retention.put, VERSION),
    ("GET", "symlink"): Operation(links.get, VERSION),
    ("GET", "tagging"): Operation(tagging.get, VERSION),
    ("GET", "vod"): Operation(live.playlist, live.RECORDED),
    ("GET", "x-oss-process"): Operation(process.processed, VERSION | frozenset(OVERRIDES)),
    ("HEAD", ""): Operation(store_objects.head, VERSION),
    ("HEAD", "objectMeta"): Operation(objects.meta, VERSION),
    ("PUT", ""): Operation(writing.put, VERSION),
    ("PUT", "acl"): Operation(objects.put_acl, VERSION),
    ("PUT", "live"): Operation(live.put, frozenset({"status"})),
    ("PUT", "symlink"): Operation(links.put),
    ("PUT", "tagging"): Operation(tagging.put, VERSION),
    ("PUT", "partNumber"): Operation(multipart.put_part, VERSION | {"uploadId"}),
    ("POST", "x-oss-process"): Operation(process.saved),
    ("POST", "append"): Operation(writing.append, VERSION | {"position"}),
    ("POST", "cleanRestoredObject"): Operation(restoring.clean, VERSION),
    ("POST", "vod"): Operation(live.playlist, live.RECORDED),
    ("POST", "restore"): Operation(restoring.restore, VERSION),
    ("POST", "uploads"): Operation(multipart.begin, frozenset({"encoding-type", "sequential"})),
    ("POST", "uploadId"): Operation(multipart.complete, frozenset({"encoding-type"})),
    ("GET", "uploadId"): Operation(multipart.parts, PARTS),
    ("DELETE", ""): Operation(store_objects.delete, VERSION),
    ("DELETE", "live"): Operation(live.delete),
    ("DELETE", "symlink"): Operation(store_objects.delete, VERSION),  # The vendor's SDK sends it so after GetSymlink.
    ("DELETE", "tagging"): Operation(tagging.delete, VERSION),
    ("DELETE", "uploadId"): Operation(multipart.abort),
}
COPIES: dict[Handler, Handler] = {writing.put: writing.copy, multipart.put_part: multipart.copy_part}
"""A request with the header that names a source takes its bytes from there and not from its body."""
# Unproven encryption-of-new-bucket: PutBucket takes the headers of encryption, and they become the bucket's setting.
# Why: a page names the other operations alone (https://help.aliyun.com/en/oss/user-guide/0005-00000002), and the
#   vendor's own tests create buckets with these headers.
# Ask: PUT a new bucket with x-oss-server-side-encryption: AES256: the status, and what GET ?encryption tells then.
ENCRYPTING = (buckets.create, writing.put, writing.append, writing.copy, multipart.begin)
"""Only these operations may say how objects are encrypted."""
TABLES = {"service": SERVICE, "bucket": BUCKET, "object": OBJECT}
EVERYWHERE = signing.PARAMETERS | {"x-oss-request-payer", "x-oss-traffic-limit"}
"""The parameters that every operation has. Nothing is slowed down here, so x-oss-traffic-limit changes nothing."""
# Unproven header-of-user: The header x-oss-user changes nothing.
# Why: no page names it, and the vendor's own tests send it and expect success.
# Ask: PUT an object with x-oss-user: a, signed, and HEAD it: the status, and whether the header comes back.
HEADERS = frozenset(
    {
        "x-oss-acl",
        "x-oss-allow-same-action-overlap",
        "x-oss-complete-all",
        "x-oss-content-sha256",
        "x-oss-copy-source",
        "x-oss-bypass-governance-retention",
        "x-oss-copy-source-range",
        *(f"x-oss-copy-source-{condition}" for condition in conditions.CONDITIONS),
        "x-oss-date",
        "x-oss-forbid-overwrite",
        "x-oss-metadata-directive",
        "x-oss-object-acl",
        "x-oss-range-behavior",
        "x-oss-request-payer",
        "x-oss-resource-group-id",
        "x-oss-security-token",
        OSS.encryption.algorithm,
        OSS.encryption.key,
        OSS.encryption.data,
        "x-oss-storage-class",
        "x-oss-symlink-target",
        "x-oss-tagging",
        "x-oss-tagging-directive",
        "x-oss-traffic-limit",
        "x-oss-user",
        "x-oss-user-agent",
    }
)
"""The vendor's own headers that are obeyed, or that change nothing here. Any other is refused by its name."""
