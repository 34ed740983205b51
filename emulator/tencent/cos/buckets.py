"""Buckets: creating and listing them, and the facts about one of them."""

from __future__ import annotations

from emulator.core.refusal import Refusal
from emulator.objectstore import access, batch_delete, buckets, times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.pages import limit_of
from emulator.objectstore.refusals import not_built
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.settings import tagged
from emulator.objectstore.stored import Bucket
from emulator.tencent.cos import acl as grants
from emulator.tencent.cos import names
from emulator.tencent.cos.dialect import ACL
from emulator.tencent.cos.errors import TABLE
from emulator.tencent.cos.owner import OWNER

FILTERS = ("tagkey", "tagvalue", "create-time", "range")
UNBUILT = ("create-time", "range")
RECOGNISED = frozenset({"bucketNames", "regions"})
MOST = 2000
"""One answer has at most so many buckets."""


async def list_all(context: StoreContext, call: Call) -> Reply:
    """https://cloud.tencent.com/document/product/436/8291."""
    query = call.query
    filters = [name for name in UNBUILT if query.get(name)]
    if filters:
        raise not_built(f"listing buckets by {filters[0]}")
    limit = limit_of(query, "max-keys", MOST, MOST)
    here = query.get("region", "") in ("", context.region)
    marker = query.get("marker", "")
    behind = [bucket for bucket in context.store.buckets() if here and bucket.name > marker]
    if query.get("tagkey"):
        tag = query["tagkey"], query.get("tagvalue") or None
        behind = [bucket for bucket in behind if tagged(context, bucket.name, *tag)]
    shown, truncated, next_marker = buckets.first_page(behind, limit)
    entries = (xml.element("Bucket", *_facts(context, bucket)) for bucket in shown)
    rest = [xml.text("Marker", marker), next_marker, truncated]
    return document(xml.document("ListAllMyBucketsResult", OWNER, xml.element("Buckets", *entries), *rest))


async def create(context: StoreContext, call: Call) -> Reply:
    if not names.BUCKETS.allow(call.bucket):
        raise Refusal("InvalidBucketName")
    acl = access.chosen(call, ACL, access.BUCKET_ACLS)
    if call.header("content-length") not in ("", "0"):
        raise not_built("CreateBucketConfiguration")
    if context.store.bucket(call.bucket) is not None:
        raise Refusal("BucketAlreadyOwnedByYou")
    context.store.create_bucket(call.bucket, "STANDARD", acl=acl or access.PRIVATE)
    return Reply(200)


async def head(context: StoreContext, call: Call) -> Reply:
    return Reply(200, {"x-cos-bucket-region": context.region})


async def location(context: StoreContext, call: Call) -> Reply:
    return buckets.location(context.region)


async def acl(context: StoreContext, call: Call) -> Reply:
    return document(grants.document(context.bucket(call).acl))


async def put_acl(context: StoreContext, call: Call) -> Reply:
    """https://cloud.tencent.com/document/product/436/7737."""
    acl = access.chosen(call, ACL, access.BUCKET_ACLS)
    if not acl:
        acl = grants.short(await call.document("AccessControlPolicy"))
    context.store.set_bucket_acl(call.bucket, acl)
    return Reply(200)


# Unproven no-object-lock: GET ?object-lock of a bucket without one is refused with
#   ObjectLockConfigurationNotFoundError, as S3 does.
# Why: no page tells how COS says so.
# Ask: GET ?object-lock of a bucket without one: status and code.
async def object_lock(context: StoreContext, call: Call) -> Reply:
    """No bucket has an object lock here."""
    raise Refusal("ObjectLockConfigurationNotFoundError")


async def recognised(context: StoreContext, call: Call) -> Reply:
    """Cloud Infinite lists the buckets whose content it recognises, which is every bucket here:
    https://www.tencentcloud.com/document/product/1045/72921."""
    query = call.query
    if (call.method, call.key) != ("GET", "ai_bucket") or query.keys() - RECOGNISED:
        raise not_built(
            f"{call.method} /{call.key} of Cloud Infinite with {', '.join(sorted(query)) or 'no parameter'}"
        )
    asked = query.get("bucketNames", "")
    named = [bucket for bucket in context.store.buckets() if not asked or bucket.name in asked.split(",")]
    facts = [
        xml.element(
            "AiBucketList",
            xml.text("BucketId", bucket.name),
            xml.text("Name", bucket.name),
            xml.text("Region", context.region),
            xml.text("CreateTime", times.iso(bucket.created)),
        )
        for bucket in named
    ]
    counts = [xml.text("TotalCount", str(len(named))), xml.text("PageNumber", "1"), xml.text("PageSize", "100")]
    return document(xml.document("Response", xml.text("RequestId", call.request_id), *counts, *facts))


async def delete_objects(context: StoreContext, call: Call) -> Reply:
    """https://cloud.tencent.com/document/product/436/8289."""
    deletions, quiet = await batch_delete.delete(context, call)
    return document(batch_delete.answer(call, deletions, quiet, TABLE))


def _facts(context: StoreContext, bucket: Bucket) -> list[str]:
    created = times.iso(bucket.created).replace(".000Z", "Z")
    return [
        xml.text("Name", bucket.name),
        xml.text("Location", context.region),
        xml.text("CreationDate", created),
        xml.text("BucketType", "cos"),
    ]
