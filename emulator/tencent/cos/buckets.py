"""Buckets: create, delete, list, and what can be asked of one."""

from __future__ import annotations

import re

from emulator.objectstore import doomed, times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import Context
from emulator.objectstore.refusal import Refusal, invalid, not_built
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.store import Bucket, NotEmpty
from emulator.tencent.cos import acl as grants
from emulator.tencent.cos import names
from emulator.tencent.cos.owner import OWNER

FILTERS = ("tagkey", "tagvalue", "create-time", "range")
MOST = 2000
"""Buckets in one answer."""


async def list_all(context: Context, call: Call) -> Reply:
    """https://cloud.tencent.com/document/product/436/8291."""
    query = call.query
    asked = [name for name in FILTERS if query.get(name)]
    if asked:
        raise not_built(f"listing buckets by {asked[0]}")
    limit = query.get("max-keys") or str(MOST)
    if not re.fullmatch("[0-9]{1,4}", limit) or not 1 <= int(limit) <= MOST:
        raise invalid("max-keys", limit, f"max-keys must be 1 to {MOST}.")
    here = query.get("region", "") in ("", context.region)
    found = [one for one in context.store.buckets() if here and one.name > query.get("marker", "")]
    shown, more = found[: int(limit)], len(found) > int(limit)
    entries = (xml.element("Bucket", *_facts(context, one)) for one in shown)
    rest = [
        xml.text("Marker", query.get("marker", "")),
        xml.text("NextMarker", shown[-1].name if more else ""),
        xml.text("IsTruncated", str(more).lower()),
    ]
    return document(xml.document("ListAllMyBucketsResult", OWNER, xml.element("Buckets", *entries), *rest))


async def create(context: Context, call: Call) -> Reply:
    if not names.bucket(call.bucket):
        raise Refusal("InvalidBucketName")
    if call.header("x-cos-acl") not in ("", "private"):
        raise not_built(f"x-cos-acl: {call.header('x-cos-acl')}")
    if call.header("content-length") not in ("", "0"):
        raise not_built("CreateBucketConfiguration")
    if context.store.bucket(call.bucket) is not None:
        raise Refusal("BucketAlreadyOwnedByYou")
    context.store.create_bucket(call.bucket, "STANDARD")
    return Reply(200)


async def delete(context: Context, call: Call) -> Reply:
    try:
        context.store.delete_bucket(call.bucket)
    except NotEmpty:
        raise Refusal("BucketNotEmpty") from None
    return Reply(204)


async def head(context: Context, call: Call) -> Reply:
    return Reply(200, {"x-cos-bucket-region": context.region})


async def location(context: Context, call: Call) -> Reply:
    return document(xml.HEAD + xml.text("LocationConstraint", context.region).encode())


async def acl(context: Context, call: Call) -> Reply:
    return document(grants.PRIVATE)


async def uploads(context: Context, call: Call) -> Reply:
    """None: there are no multipart uploads here."""
    blank = ("KeyMarker", "UploadIdMarker", "Prefix", "Delimiter")
    elements = [xml.text("Bucket", call.bucket), *(xml.text(name, "") for name in blank)]
    counts = [xml.text("MaxUploads", "1000"), xml.text("IsTruncated", "false")]
    return document(xml.document("ListMultipartUploadsResult", *elements, *counts))


async def delete_objects(context: Context, call: Call) -> Reply:
    """https://cloud.tencent.com/document/product/436/8289."""
    keys, quiet = await doomed.delete(context, call, "ObjectRemove:Delete", names.check_key)
    return document(doomed.answer(call, () if quiet else keys))


def _facts(context: Context, bucket: Bucket) -> list[str]:
    created = times.iso(bucket.created).replace(".000Z", "Z")
    return [
        xml.text("Name", bucket.name),
        xml.text("Location", context.region),
        xml.text("CreationDate", created),
        xml.text("BucketType", "cos"),
    ]
