"""Writing objects: PutObject and CopyObject."""

from __future__ import annotations

import base64
import os
from urllib.parse import unquote

from emulator.aliyun.oss import names, tagging
from emulator.aliyun.oss.objects import ACL
from emulator.objectstore import conditions, times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import Context
from emulator.objectstore.refusal import Refusal, invalid, not_built
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.store import Exists, Stored
from emulator.objectstore.uploads import content_md5, kept, own_acl, receive

META = "x-oss-meta-"
ENCRYPTION = f"{META}client-side-encryption-"


async def put(context: Context, call: Call) -> Reply:
    bucket = context.bucket(call)
    acl = own_acl(call, ACL)
    digest = content_md5(call)
    tags = tagging.from_header(call.header("x-oss-tagging"))
    storage_class = _storage_class(call, bucket.storage_class)
    headers = kept(call, META) | acl
    if _forbids(call) and context.store.object(call.bucket, call.key):
        raise Refusal("FileAlreadyExists")
    file = context.store.new_file()
    try:
        size, md5, crc = await receive(call, file)
        if digest is not None and digest != md5:
            raise Refusal("InvalidDigest", "The Content-MD5 you specified did not match what we received.")
        new = Stored(
            call.bucket,
            call.key,
            file,
            size,
            md5.hex().upper(),
            str(crc),
            int(context.clock()),
            storage_class,
            headers,
            tags,
        )
        before = _commit(context, call, new)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    context.changed(call, "ObjectCreated:PutObject", new, before)
    shown = {"ETag": f'"{new.etag}"', "x-oss-hash-crc64ecma": new.crc64, "Content-MD5": base64.b64encode(md5).decode()}
    return Reply(200, shown)


async def copy(context: Context, call: Call) -> Reply:
    """Headers and tags come along unless replaced: https://help.aliyun.com/en/oss/developer-reference/copyobject."""
    bucket = context.bucket(call)
    acl = own_acl(call, ACL)
    source = _source(context, call)
    if not conditions.check(call, source, "x-oss-copy-source-"):
        return Reply(304)
    headers = _copied_headers(call, source) | acl
    own_tags = _replaces(call, "x-oss-tagging-directive")
    file = context.store.new_file()
    os.link(source.file, file)
    try:
        new = Stored(
            call.bucket,
            call.key,
            file,
            source.size,
            source.etag,
            source.crc64,
            int(context.clock()),
            _storage_class(call, bucket.storage_class),
            headers,
            tagging.from_header(call.header("x-oss-tagging")) if own_tags else source.tags,
        )
        before = _commit(context, call, new)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    context.changed(call, "ObjectCreated:CopyObject", new, before)
    etag, modified = f'"{new.etag}"', times.iso(new.modified)
    body = xml.document("CopyObjectResult", xml.text("ETag", etag), xml.text("LastModified", modified))
    return document(body, **{"ETag": etag, "x-oss-hash-crc64ecma": new.crc64})


def _commit(context: Context, call: Call, new: Stored) -> Stored | None:
    context.bucket(call)  # it may have been deleted while the body came in
    try:
        return context.store.put(new, overwrite=not _forbids(call))
    except Exists:
        raise Refusal("FileAlreadyExists") from None


def _source(context: Context, call: Call) -> Stored:
    path, _, query = call.header("x-oss-copy-source").partition("?")
    if query and query != "versionId=null":
        raise not_built("copying a version of an object")
    bucket, _, key = unquote(path, errors="surrogateescape").removeprefix("/").partition("/")
    if not bucket or not key:
        raise invalid("x-oss-copy-source", path, "Copy source must be /bucket/key, URL-encoded.")
    names.check_key(key)
    if context.store.bucket(bucket) is None:
        raise Refusal("NoSuchBucket", details={"BucketName": bucket})
    source = context.store.object(bucket, key)
    if source is None:
        raise Refusal("NoSuchKey", details={"Key": key})
    if source.storage_class in names.ARCHIVED and (bucket, key) != (call.bucket, call.key):
        raise Refusal("InvalidObjectState", details={"ObjectStatus": source.storage_class})
    return source


def _copied_headers(call: Call, source: Stored) -> dict[str, str]:
    """The headers of a copy. An ACL does not come along.

    With REPLACE a content type that the request does not name stays, and so does what a client needs to decrypt the
    object: the vendor's own tests expect both (tests/integration of alibabacloud-oss-v2), no page says so.
    """
    if not _replaces(call, "x-oss-metadata-directive"):
        return {name: value for name, value in source.headers.items() if name != ACL}
    stay = {k: v for k, v in source.headers.items() if k == "content-type" or k.startswith(ENCRYPTION)}
    return stay | kept(call, META, default_type=None)


def _storage_class(call: Call, default: str) -> str:
    given = call.header("x-oss-storage-class")
    if given and given not in names.STORAGE_CLASSES:
        raise invalid("x-oss-storage-class", given, "No such storage class.")
    return given or default


def _replaces(call: Call, name: str) -> bool:
    given = call.header(name)
    if given.upper() not in ("", "COPY", "REPLACE"):
        raise invalid(name, given, f"{name} must be COPY or REPLACE.")
    return given.upper() == "REPLACE"


def _forbids(call: Call) -> bool:
    return call.header("x-oss-forbid-overwrite").lower() == "true"
