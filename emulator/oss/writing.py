"""Writing objects: PutObject and CopyObject."""

from __future__ import annotations

import base64
import os
from urllib.parse import unquote

from emulator.objectstore import conditions, times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import Context
from emulator.objectstore.refusal import Refusal, invalid, not_built
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.uploads import content_md5, kept, receive
from emulator.oss import names, tagging
from emulator.store import Exists, Stored


async def put(context: Context, call: Call) -> Reply:
    bucket = context.bucket(call)
    _only_built(call)
    digest = content_md5(call)
    tags = tagging.from_header(call.header("x-oss-tagging"))
    storage_class = _storage_class(call, bucket.storage_class)
    headers = kept(call, "x-oss-meta-")
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
    _only_built(call)
    source = _source(context, call)
    if not conditions.check(call, source, "x-oss-copy-source-"):
        return Reply(304)
    own_headers = _replaces(call, "x-oss-metadata-directive")
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
            kept(call, "x-oss-meta-") if own_headers else source.headers,
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


def _only_built(call: Call) -> None:
    """Headers that promise what the emulator would not keep are refused by name."""
    for name in call.headers:
        if name.startswith(("x-oss-server-side-", "x-oss-callback")):
            raise not_built(name)
    if call.header("x-oss-object-acl") not in ("", "default", "private"):
        raise not_built(f"x-oss-object-acl: {call.header('x-oss-object-acl')}")


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
