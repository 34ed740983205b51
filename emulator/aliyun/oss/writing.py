"""Writing objects: PutObject, AppendObject and CopyObject."""

from __future__ import annotations

import base64
from urllib.parse import unquote, unquote_plus

from emulator.aliyun.oss import last_access, regions
from emulator.aliyun.oss.dialect import ACL, OSS
from emulator.core.refusal import Refusal
from emulator.objectstore import access, appending, conditions, encryption, retention, times, versioning, writing, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.stored import Stored
from emulator.objectstore.uploads import kept_headers

ENCRYPTION = f"{OSS.metadata}client-side-encryption-"


async def put(context: StoreContext, call: Call) -> Reply:
    new, md5 = await writing.upload(context, call)
    headers = {"ETag": f'"{new.etag}"', "x-oss-hash-crc64ecma": new.crc64} | _facts(context, new)
    return Reply(200, headers | {"Content-MD5": base64.b64encode(md5).decode()})


# Unproven append-under-retention: AppendObject is refused with OperationNotSupported where versions can be retained.
# Why: the page of PutBucketObjectWormConfiguration says that appending is not supported there, and not with which code.
# Ask: in a bucket with ObjectWorm, POST ?append&position=0 of a new key: status, code and EC.
async def append(context: StoreContext, call: Call) -> Reply:
    if context.store.settings.get(call.bucket, retention.SETTING) is not None:
        raise Refusal("OperationNotSupported", "A bucket whose versions can be retained takes no appended objects.")
    new = await appending.append(context, call)
    if call.query.get("position") == "0":
        last_access.note(context, call, new)
    headers = {"ETag": f'"{new.etag}"', "x-oss-hash-crc64ecma": new.crc64, "x-oss-next-append-position": str(new.size)}
    return Reply(200, headers | _facts(context, new))


async def copy(context: StoreContext, call: Call) -> Reply:
    """Copy an object, with its headers and tags unless the request replaces them.

    https://help.aliyun.com/en/oss/developer-reference/copyobject.
    """
    context.bucket(call)
    acl = access.kept(call, ACL)
    source = source_of(context, call)
    writing.check_copied(context, call, source)
    if not conditions.check(call, source, "x-oss-copy-source-"):
        return Reply(304)
    headers = _copied_headers(call, source) | acl
    tags = source.tags
    if _replaces(call, "x-oss-tagging-directive"):
        tags = OSS.tags_from_header(call.header("x-oss-tagging"))
    new = writing.copy(context, call, source, headers, tags)
    etag, modified = f'"{new.etag}"', times.iso(new.modified)
    body = xml.document("CopyObjectResult", xml.text("ETag", etag), xml.text("LastModified", modified))
    shown = {"ETag": etag, "x-oss-hash-crc64ecma": new.crc64, **writing.version_headers(context, source, new)}
    return document(body, **shown, **encryption.shown(context, new.headers))


def _facts(context: StoreContext, new: Stored) -> dict[str, str]:
    return versioning.header(context, new) | encryption.shown(context, new.headers)


def source_of(context: StoreContext, call: Call) -> Stored:
    """Return the object that the header x-oss-copy-source names."""
    bucket, key, version = source_name(call)
    if context.store.bucket(bucket) is None:
        raise Refusal("NoSuchBucket", details={"BucketName": bucket})
    regions.check_copy(context, call, bucket)
    return writing.source(context, bucket, key, version)


def source_name(call: Call) -> tuple[str, str, str]:
    """Return the bucket, the key and the version in the header x-oss-copy-source."""
    path, _, query = call.header("x-oss-copy-source").partition("?")
    named, _, version = query.partition("=")
    if named not in ("", "versionId") or (named and not version):
        raise invalid("x-oss-copy-source", path, "Copy source may name a version with ?versionId= and nothing else.")
    # The vendor's SDK for Go, which ossutil uses, writes a space as a plus sign, as forms do.
    # Every client writes a plus sign as %2B.
    bucket, _, key = unquote_plus(path, errors="surrogateescape").removeprefix("/").partition("/")
    if not bucket or not key:
        raise invalid("x-oss-copy-source", path, "Copy source must be /bucket/key, URL-encoded.")
    OSS.keys.check(key)
    return bucket, key, unquote(version)


# Unproven copy-keeps-type: A copy with REPLACE keeps the content type of the source if the request names none.
# Why: the vendor's own tests expect it, and no page says so.
# Ask: copy an object of the type text/css with x-oss-metadata-directive: REPLACE and no content type: Content-Type of
#   HEAD.
def _copied_headers(call: Call, source: Stored) -> dict[str, str]:
    """Return the headers of a copy, which never include the source's ACL.

    With REPLACE a content type that the request does not name stays, and so does what a client needs to decrypt the
    object: the vendor's own tests expect both (tests/integration of alibabacloud-oss-v2).
    """
    if not _replaces(call, "x-oss-metadata-directive"):
        return {name: value for name, value in source.headers.items() if name != ACL}
    stay = {k: v for k, v in source.headers.items() if k == "content-type" or k.startswith(ENCRYPTION)}
    return stay | kept_headers(call, OSS.metadata, default_type=None)


def _replaces(call: Call, name: str) -> bool:
    directive = call.header(name)
    if directive.upper() not in ("", "COPY", "REPLACE"):
        raise invalid(name, directive, f"{name} must be COPY or REPLACE.")
    return directive.upper() == "REPLACE"
