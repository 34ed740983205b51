"""Writing objects: PutObject and CopyObject."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote

from emulator.objectstore import conditions, times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import Context
from emulator.objectstore.refusal import Refusal, invalid, not_built
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.store import Exists, Stored
from emulator.objectstore.uploads import content_md5, kept, own_acl, receive
from emulator.tencent.cos import names, tagging
from emulator.tencent.cos.objects import ACL

META = "x-cos-meta-"


async def put(context: Context, call: Call) -> Reply:
    """https://cloud.tencent.com/document/product/436/7749."""
    bucket = context.bucket(call)
    acl = own_acl(call, ACL)
    digest = content_md5(call)
    tags = tagging.from_header(call.header("x-cos-tagging"))
    storage_class = _storage_class(call, bucket.storage_class)
    headers = kept(call, META) | acl
    _not_taken(context, call)
    file = context.store.new_file()
    try:
        size, md5, crc = await receive(call, file)
        if digest is not None and digest != md5:
            raise Refusal("InvalidDigest", "The Content-MD5 you specified did not match what we received.")
        new = _made(context, call, file, size, md5.hex(), str(crc), storage_class, headers, tags)
        before = _commit(context, call, new)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    context.changed(call, "ObjectCreated:Put", new, before)
    return Reply(200, {"ETag": f'"{new.etag}"', "x-cos-hash-crc64ecma": new.crc64})


async def copy(context: Context, call: Call) -> Reply:
    """Headers and tags come along unless replaced: https://cloud.tencent.com/document/product/436/10881.

    Where a GET would say 304, a copy says 412.
    """
    bucket = context.bucket(call)
    acl = own_acl(call, ACL)
    source = _source(context, call)
    if not conditions.check(call, source, "x-cos-copy-source-"):
        raise Refusal("PreconditionFailed")
    headers = _copied_headers(call, source) | acl
    own_tags = _replaces(call, "x-cos-tagging-directive")
    tags = tagging.from_header(call.header("x-cos-tagging")) if own_tags else source.tags
    storage_class = _storage_class(call, bucket.storage_class)
    file = context.store.new_file()
    os.link(source.file, file)
    try:
        new = _made(context, call, file, source.size, source.etag, source.crc64, storage_class, headers, tags)
        before = _commit(context, call, new)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    context.changed(call, "ObjectCreated:Copy", new, before)
    facts = {"ETag": f'"{new.etag}"', "LastModified": times.iso(new.modified), "CRC64": new.crc64}
    body = xml.document("CopyObjectResult", *(xml.text(name, value) for name, value in facts.items()))
    return document(body, **{"ETag": f'"{new.etag}"', "x-cos-hash-crc64ecma": new.crc64})


def _made(
    context: Context,
    call: Call,
    file: Path,
    size: int,
    etag: str,
    crc64: str,
    storage_class: str,
    headers: dict[str, str],
    tags: dict[str, str],
) -> Stored:
    modified = int(context.clock())
    return Stored(call.bucket, call.key, file, size, etag, crc64, modified, storage_class, headers, tags)


def _commit(context: Context, call: Call, new: Stored) -> Stored | None:
    context.bucket(call)  # it may have been deleted while the body came in
    try:
        return context.store.put(new, overwrite=not _forbids(call))
    except Exists:
        raise Refusal("FileAlreadyExists") from None


def _source(context: Context, call: Call) -> Stored:
    """What `<bucket>.cos.<region>.myqcloud.com/<key>`, URL-encoded, names."""
    place, _, query = call.header("x-cos-copy-source").partition("?")
    host, _, path = place.removeprefix("https://").removeprefix("http://").partition("/")
    key = unquote(path, errors="surrogateescape")
    if query:
        raise not_built("copying a version of an object")
    form = names.HOST.fullmatch(host.lower())
    if form is None or form[1] is None or not key:
        raise invalid("x-cos-copy-source", place, "It must be <bucket>.cos.<region>.myqcloud.com/<key>, URL-encoded.")
    names.check_key(key)
    if form[2].partition(":")[0] != f"cos.{context.region}.myqcloud.com" or context.store.bucket(form[1]) is None:
        raise Refusal("NoSuchBucket", details={"x-cos-copy-source": host})
    source = context.store.object(form[1], key)
    if source is None:
        raise Refusal("NoSuchKey", details={"x-cos-copy-source": place})
    if source.storage_class in context.archived and (form[1], key) != (call.bucket, call.key):
        raise Refusal("InvalidObjectState")
    return source


def _copied_headers(call: Call, source: Stored) -> dict[str, str]:
    """The headers of a copy; an ACL does not come along."""
    if _replaces(call, "x-cos-metadata-directive"):
        return kept(call, META)
    return {name: value for name, value in source.headers.items() if name != ACL}


def _storage_class(call: Call, default: str) -> str:
    given = call.header("x-cos-storage-class").upper()
    if given and given not in names.STORAGE_CLASSES:
        raise invalid("x-cos-storage-class", given, "No such storage class.")
    return given or default


def _replaces(call: Call, name: str) -> bool:
    given = call.header(name)
    if given not in ("", "Copy", "Replaced"):
        raise invalid(name, given, f"{name} must be Copy or Replaced.")
    return given == "Replaced"


def _not_taken(context: Context, call: Call) -> None:
    if _forbids(call) and context.store.object(call.bucket, call.key):
        raise Refusal("FileAlreadyExists")


def _forbids(call: Call) -> bool:
    return call.header("x-cos-forbid-overwrite").lower() == "true"
