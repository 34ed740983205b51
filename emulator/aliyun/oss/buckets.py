"""Buckets: creating and listing them, and the facts about one of them."""

from __future__ import annotations

import json
import re

from emulator.aliyun.oss import last_access, names, regions, replication
from emulator.aliyun.oss.errors import TABLE
from emulator.aliyun.oss.owner import OWNER
from emulator.core.refusal import Refusal
from emulator.objectstore import access, batch_delete, buckets, encryption, times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.pages import limit_of
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.settings import tagged
from emulator.objectstore.stored import NULL, Bucket

# Unproven id-of-resource-group: The id of the account's default resource group is rg-acfmemulator.
# Why: every account has one of its own, of which the pages show the form only.
# Ask: GET ?resourceGroup of a new bucket: the form of the id.
GROUP = "rg-acfmemulator"
"""The only resource group."""
TAG = re.compile('"([^"]+)":"([^"]*)"')
TAGS = re.compile(rf"{TAG.pattern}(?:,{TAG.pattern})*")
VERSION_ID = re.compile("[0-9A-F]{32}")
ACL = "x-oss-acl"
"""The header that gives a bucket an ACL."""


async def list_all(context: StoreContext, call: Call) -> Reply:
    """https://help.aliyun.com/en/oss/developer-reference/listbuckets."""
    query = call.query
    limit = limit_of(query, "max-keys", 100, 1000)
    prefix, marker = query.get("prefix", ""), query.get("marker", "")
    everything = call.header("x-oss-resource-group-id") in ("", GROUP)
    behind = [
        bucket
        for bucket in context.store.buckets()
        if everything and bucket.name.startswith(prefix) and bucket.name > marker
    ]
    if "tag-key" in query:
        tag = query["tag-key"], query.get("tag-value")
        behind = [bucket for bucket in behind if tagged(context, bucket.name, *tag)]
    if "tagging" in query:
        # The page names the parameter; that its tags must all be there, in this form, is what the vendor's tests show.
        tags = TAG.findall(query["tagging"])
        if not tags or not TAGS.fullmatch(query["tagging"]):
            raise invalid("tagging", query["tagging"], 'tagging must have the form "key":"value","key":"value".')
        behind = [bucket for bucket in behind if all(tagged(context, bucket.name, *tag) for tag in tags)]
    shown, truncated, next_marker = buckets.first_page(behind, limit)
    head = [
        xml.text("Prefix", prefix),
        xml.text("Marker", marker),
        xml.text("MaxKeys", str(limit)),
        truncated,
        next_marker,
    ]
    entries = (xml.element("Bucket", *_facts(context, call, bucket)) for bucket in shown)
    return document(xml.document("ListAllMyBucketsResult", *head, OWNER, xml.element("Buckets", *entries)))


async def cloud_boxes(context: StoreContext, call: Call) -> Reply:
    """Tell of the cloud boxes of the account, which are machines at its own site. There are none here."""
    return document(xml.document("ListCloudBoxResult", OWNER, xml.element("CloudBoxes")))


async def create(context: StoreContext, call: Call) -> Reply:
    """Create a bucket. To create one that exists is no error, unless the request wants another storage class."""
    if not names.BUCKETS.allow(call.bucket):
        raise Refusal("InvalidBucketName", details={"BucketName": call.bucket})
    acl = access.chosen(call, ACL, access.BUCKET_ACLS)
    storage_class, redundancy = "Standard", "LRS"
    if call.request.body_exists and call.header("content-length") != "0":
        tree = await call.document("CreateBucketConfiguration")
        storage_class = tree.findtext("StorageClass") or storage_class
        redundancy = tree.findtext("DataRedundancyType") or redundancy
    if storage_class not in names.STORAGE_CLASSES:
        raise invalid("StorageClass", storage_class, "No such storage class.")
    if redundancy not in ("LRS", "ZRS"):
        raise invalid("DataRedundancyType", redundancy, "DataRedundancyType must be LRS or ZRS.")
    encrypts = encryption.setting(context, call)
    bucket = context.store.create_bucket(call.bucket, storage_class, redundancy, acl or access.PRIVATE)
    if (bucket.storage_class, bucket.redundancy) != (storage_class, redundancy):
        raise Refusal("BucketAlreadyExists", details={"BucketName": call.bucket})
    regions.keep(context, call)
    if encrypts:
        context.store.settings.put(call.bucket, encryption.SETTING, "", encrypts)
    if acl:
        context.store.set_bucket_acl(call.bucket, acl)
    return Reply(200, {"Location": f"/{call.bucket}"})


async def info(context: StoreContext, call: Call) -> Reply:
    """https://help.aliyun.com/en/oss/developer-reference/getbucketinfo."""
    bucket, settings = context.bucket(call), context.store.settings
    enabled = {
        "AccessMonitor": last_access.tracked(context, call.bucket),
        "CrossRegionReplication": settings.count(call.bucket, replication.SETTING) > 0,
        "TransferAcceleration": "<Enabled>true<" in (settings.get(call.bucket, "transferAcceleration") or ""),
    }
    state = [
        xml.text("Comment", ""),
        *(xml.text(name, "Enabled" if on else "Disabled") for name, on in enabled.items()),
    ]
    state.append(xml.text("BlockPublicAccess", str(access.blocked(context, call.bucket)).lower()))
    redundancy = xml.text("DataRedundancyType", bucket.redundancy)
    versions = xml.text("Versioning", bucket.versioning) if bucket.versioning else ""
    more = [*state, redundancy, _encryption(context, call), versions, OWNER, _grant(bucket)]
    facts = xml.element("Bucket", *_facts(context, call, bucket), *more)
    return document(xml.document("BucketInfo", facts))


async def location(context: StoreContext, call: Call) -> Reply:
    context.bucket(call)
    return buckets.location(f"oss-{regions.of_bucket(context, call.bucket)}")


async def acl(context: StoreContext, call: Call) -> Reply:
    return document(xml.document("AccessControlPolicy", OWNER, _grant(context.bucket(call))))


async def put_acl(context: StoreContext, call: Call) -> Reply:
    """https://help.aliyun.com/en/oss/developer-reference/putbucketacl."""
    acl = access.chosen(call, ACL, access.BUCKET_ACLS)
    if not acl:
        raise invalid(ACL, "", f"The header {ACL} is missing.")
    context.bucket(call)
    if acl != access.PRIVATE and access.blocked(context, call.bucket):
        raise Refusal("AccessDenied", "Put public bucket acl is not allowed")
    context.store.set_bucket_acl(call.bucket, acl)
    return Reply(200)


async def meta_query(context: StoreContext, call: Call) -> Reply:
    """No bucket has a metadata index here: https://help.aliyun.com/en/oss/developer-reference/getmetaquerystatusv2."""
    context.bucket(call)
    raise Refusal("MetaQueryNotExist")


async def policy_status(context: StoreContext, call: Call) -> Reply:
    """Tell whether the policy lets everybody in: https://help.aliyun.com/en/oss/developer-reference/getbucketpolicystatus.

    A policy does if it allows something to * without a condition. The page names more cases, which are not judged here.
    """
    context.bucket(call)
    policy = json.loads(context.store.settings.get(call.bucket, "policy") or "{}")
    statements = policy.get("Statement", [])
    public = any(
        statement.get("Effect") == "Allow" and _everybody(statement.get("Principal")) and "Condition" not in statement
        for statement in (statements if isinstance(statements, list) else [statements])
        if isinstance(statement, dict)
    )
    return document(xml.document("PolicyStatus", xml.text("IsPublic", str(public).lower())))


def _everybody(principal: object) -> bool:
    return "*" in principal if isinstance(principal, list) else principal == "*"


# Unproven errors-of-batch-deletion: A version that must be kept stays, is told in an element Error, also if the answer
#   is to be quiet, and the other objects are removed.
# Why: the page of the operation has no such element. That of COS has it.
# Ask: POST ?delete, quiet and not, with a version that has a retention and another object: the answer.
async def delete_objects(context: StoreContext, call: Call) -> Reply:
    """https://help.aliyun.com/en/oss/developer-reference/deletemultipleobjects."""
    context.bucket(call)
    deletions, quiet = await batch_delete.delete(context, call, _check_version)
    if quiet and not any(isinstance(deletion.removal, Refusal) for deletion in deletions):
        return Reply(200)
    return document(batch_delete.answer(call, deletions, quiet, TABLE))


# Unproven form-of-version-id: A batch deletion is refused with InvalidArgument if it names a version whose id is not of
#   the form that ids have here.
# Why: no page tells the form. The vendor's own tests name the version 234 and expect this code.
# Ask: POST ?delete with the version 234, and with the id of a version that was removed: status and code.
def _check_version(version: str) -> None:
    if version != NULL and not VERSION_ID.fullmatch(version):
        raise invalid("versionId", version, "The id is not one of a version.")


def _encryption(context: StoreContext, call: Call) -> str:
    names = ("SSEAlgorithm", "KMSMasterKeyID", "KMSDataEncryption")
    algorithm, *more = encryption.default(context, call.bucket)
    values = (xml.text(name, value) for name, value in zip(names, (algorithm or "None", *more), strict=True) if value)
    return xml.element("ServerSideEncryptionRule", *values)


def _grant(bucket: Bucket) -> str:
    return xml.element("AccessControlList", xml.text("Grant", bucket.acl))


def _facts(context: StoreContext, call: Call, bucket: Bucket) -> list[str]:
    region, endpoint = regions.of_bucket(context, bucket.name), regions.endpoint(context, call, bucket.name)
    return [
        xml.text("Name", bucket.name),
        xml.text("Location", f"oss-{region}"),
        xml.text("Region", region),
        xml.text("CreationDate", times.iso(bucket.created)),
        xml.text("ExtranetEndpoint", endpoint),
        xml.text("IntranetEndpoint", endpoint),
        xml.text("StorageClass", bucket.storage_class),
        xml.text("ResourceGroupId", GROUP),
    ]
