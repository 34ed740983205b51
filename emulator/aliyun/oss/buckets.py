"""Buckets: create, delete, list, and what can be asked of one."""

from __future__ import annotations

from emulator.aliyun.oss import names
from emulator.aliyun.oss.owner import OWNER
from emulator.objectstore import doomed, times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import Context
from emulator.objectstore.refusal import Refusal, invalid, not_built
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.store import Bucket, NotEmpty

STATE = {
    "AccessMonitor": "Disabled",
    "BlockPublicAccess": "false",
    "Comment": "",
    "CrossRegionReplication": "Disabled",
    "TransferAcceleration": "Disabled",
}
"""What GetBucketInfo says of settings that cannot be changed here:
https://help.aliyun.com/en/oss/developer-reference/getbucketinfo."""
GRANT = xml.element("AccessControlList", xml.text("Grant", "private"))


async def list_all(context: Context, call: Call) -> Reply:
    """https://help.aliyun.com/en/oss/developer-reference/listbuckets."""
    query = call.query
    limit = query.get("max-keys") or "100"
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit) <= 1000:
        raise invalid("max-keys", limit, "max-keys must be 1 to 1000.")
    prefix, marker = query.get("prefix", ""), query.get("marker", "")
    found = [one for one in context.store.buckets() if one.name.startswith(prefix) and one.name > marker]
    shown, more = found[: int(limit)], len(found) > int(limit)
    head = [
        xml.text("Prefix", prefix),
        xml.text("Marker", marker),
        xml.text("MaxKeys", limit),
        xml.text("IsTruncated", str(more).lower()),
        xml.text("NextMarker", shown[-1].name) if more else "",
    ]
    entries = (xml.element("Bucket", *_facts(context, call, one)) for one in shown)
    return document(xml.document("ListAllMyBucketsResult", *head, OWNER, xml.element("Buckets", *entries)))


async def create(context: Context, call: Call) -> Reply:
    """A bucket that stands already is fine, unless another storage class is asked for."""
    names.check_bucket(call.bucket)
    if call.header("x-oss-acl") not in ("", "private"):
        raise not_built(f"x-oss-acl: {call.header('x-oss-acl')}")
    storage_class, redundancy = "Standard", "LRS"
    if call.request.body_exists and call.header("content-length") != "0":
        tree = await call.document("CreateBucketConfiguration")
        storage_class = tree.findtext("StorageClass") or storage_class
        redundancy = tree.findtext("DataRedundancyType") or redundancy
    if storage_class not in names.STORAGE_CLASSES:
        raise invalid("StorageClass", storage_class, "No such storage class.")
    if redundancy not in ("LRS", "ZRS"):
        raise invalid("DataRedundancyType", redundancy, "DataRedundancyType must be LRS or ZRS.")
    bucket = context.store.create_bucket(call.bucket, storage_class, redundancy)
    if (bucket.storage_class, bucket.redundancy) != (storage_class, redundancy):
        raise Refusal("BucketAlreadyExists", details={"BucketName": call.bucket})
    return Reply(200, {"Location": f"/{call.bucket}"})


async def delete(context: Context, call: Call) -> Reply:
    context.bucket(call)
    try:
        context.store.delete_bucket(call.bucket)
    except NotEmpty:
        raise Refusal("BucketNotEmpty", details={"BucketName": call.bucket}) from None
    return Reply(204)


async def info(context: Context, call: Call) -> Reply:
    bucket = context.bucket(call)
    state = (xml.text(name, value) for name, value in STATE.items())
    redundancy = xml.text("DataRedundancyType", bucket.redundancy)
    facts = xml.element("Bucket", *_facts(context, call, bucket), *state, redundancy, OWNER, GRANT)
    return document(xml.document("BucketInfo", facts))


async def location(context: Context, call: Call) -> Reply:
    context.bucket(call)
    return document(xml.HEAD + xml.text("LocationConstraint", f"oss-{context.region}").encode())


async def acl(context: Context, call: Call) -> Reply:
    context.bucket(call)
    return document(xml.document("AccessControlPolicy", OWNER, GRANT))


async def uploads(context: Context, call: Call) -> Reply:
    """None: there are no multipart uploads here."""
    context.bucket(call)
    blank = ("KeyMarker", "UploadIdMarker", "NextKeyMarker", "NextUploadIdMarker", "Delimiter", "Prefix")
    elements = [xml.text("Bucket", call.bucket), *(xml.text(name, "") for name in blank)]
    counts = [xml.text("MaxUploads", "1000"), xml.text("IsTruncated", "false")]
    return document(xml.document("ListMultipartUploadsResult", *elements, *counts))


async def channels(context: Context, call: Call) -> Reply:
    """None: there are no live channels here."""
    context.bucket(call)
    elements = [xml.text("Prefix", ""), xml.text("Marker", ""), xml.text("MaxKeys", "100")]
    return document(xml.document("ListLiveChannelResult", *elements, xml.text("IsTruncated", "false")))


async def delete_objects(context: Context, call: Call) -> Reply:
    """https://help.aliyun.com/en/oss/developer-reference/deletemultipleobjects."""
    context.bucket(call)
    keys, quiet = await doomed.delete(context, call, "ObjectRemoved:DeleteObjects", names.check_key)
    return Reply(200) if quiet else document(doomed.answer(call, keys))


def _facts(context: Context, call: Call, bucket: Bucket) -> list[str]:
    return [
        xml.text("Name", bucket.name),
        xml.text("Location", f"oss-{context.region}"),
        xml.text("Region", context.region),
        xml.text("CreationDate", times.iso(bucket.created)),
        xml.text("ExtranetEndpoint", call.endpoint),
        xml.text("IntranetEndpoint", call.endpoint),
        xml.text("StorageClass", bucket.storage_class),
    ]
