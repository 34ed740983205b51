"""Writing objects: what uploads and copies have in common, whatever the vendor."""

from __future__ import annotations

import asyncio
import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

from fastcrc import crc64

from emulator.core.refusal import Refusal
from emulator.objectstore import access, encryption, retention, versioning
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.store import KeyTaken
from emulator.objectstore.stored import APPENDABLE, SYMLINK, Stored
from emulator.objectstore.upload_store import NoSuchUpload
from emulator.objectstore.uploads import kept_headers, receive


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a new object: the file that holds them, and what is known of them."""

    file: Path
    size: int
    etag: str
    crc64: str
    kind: str = "Normal"


async def upload(context: StoreContext, call: Call, event: str = "") -> tuple[Stored, bytes]:
    """Store the body of the call as an object. Return the object and the MD5 of its bytes.

    `event` is told in place of that of a plain upload.
    """
    dialect = context.dialect
    bucket = context.bucket(call)
    acl = access.kept(call, dialect.acl)
    tags = dialect.tags_from_header(call.header(f"{dialect.headers}tagging"))
    storage_class = storage_class_of(context, call, bucket.storage_class)
    headers = kept_headers(call, dialect.metadata) | acl | encryption.kept(context, call)
    refuse_to_overwrite(context, call)
    file = context.store.new_file()
    try:
        size, md5, crc = await receive(call, file)
        content = Content(file, size, dialect.etag(md5), str(crc))
        new = stored(context, call, content, storage_class, headers, tags)
        new, old = commit(context, call, new)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    context.changed(call, event or dialect.events.put, new, old)
    return new, md5


async def keep(context: StoreContext, call: Call, data: bytes, content_type: str) -> Stored:
    """Store bytes that the service itself has made as the object of the call, and return that object.

    The event is that of a plain upload.
    """
    dialect, file = context.dialect, context.store.new_file()
    try:
        await asyncio.to_thread(file.write_bytes, data)
        md5 = hashlib.md5(data, usedforsecurity=False).digest()
        content = Content(file, len(data), dialect.etag(md5), str(crc64.xz(data)))
        storage_class = context.bucket(call).storage_class
        new = stored(context, call, content, storage_class, {"content-type": content_type}, {})
        new, old = commit(context, call, new)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    context.changed(call, dialect.events.put, new, old)
    return new


def copy(context: StoreContext, call: Call, source: Stored, headers: dict[str, str], tags: dict[str, str]) -> Stored:
    """Store the bytes of `source` as another object, and return that object. The copy of a link is a link.

    https://help.aliyun.com/en/oss/developer-reference/copyobject, https://cloud.tencent.com/document/product/436/7741:
    an appendable object cannot be copied.
    """
    headers = retention.without(context, encryption.without(context, headers)) | encryption.kept(context, call)
    if source.kind == APPENDABLE:
        raise Refusal("OperationNotSupported", "An appendable object cannot be copied.")
    kind = "Normal"
    if source.kind == SYMLINK:
        kind, target = SYMLINK, context.dialect.link_target
        headers = headers | {target: source.headers[target]}
    storage_class = storage_class_of(context, call, context.bucket(call).storage_class)
    file = context.store.new_file()
    os.link(source.file, file)
    try:
        content = Content(file, source.size, source.etag, source.crc64, kind)
        new = stored(context, call, content, storage_class, headers, tags)
        new, old = commit(context, call, new)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    context.changed(call, context.dialect.events.copy, new, old)
    return new


def source(context: StoreContext, bucket: str, key: str, version: str) -> Stored:
    """Return the object that is to be copied, or the version of it that is named."""
    stored = context.store.version(bucket, key, version)
    if stored is None and version:
        raise Refusal("NoSuchVersion", details={"Key": key, "VersionId": version})
    if stored is None or (stored.marker and not version):
        raise Refusal("NoSuchKey", details={"Key": key})
    if stored.marker:
        raise invalid("versionId", version, "A delete marker cannot be copied.")
    return stored


def check_copied(context: StoreContext, call: Call, source: Stored) -> None:
    """Refuse to copy an archived object that is not restored.

    The copy onto itself that leaves it in its storage class is not refused, since it changes no more than metadata.
    """
    storage_class = storage_class_of(context, call, context.bucket(call).storage_class)
    if (source.bucket, source.key, source.storage_class) != (call.bucket, call.key, storage_class):
        context.check_restored(source)


def version_headers(context: StoreContext, source: Stored, new: Stored) -> dict[str, str]:
    """Return the headers that name the version of a copy and that of its source, where the buckets keep versions."""
    copied = versioning.header(context, source).values()
    named = {f"{context.dialect.headers}copy-source-version-id": version for version in copied}
    return named | versioning.header(context, new)


def storage_class_of(context: StoreContext, call: Call, default: str) -> str:
    """Return the storage class that the call names, else the default, which is that of its bucket."""
    dialect = context.dialect
    header = f"{dialect.headers}storage-class"
    name = call.header(header).upper() if dialect.upper_case_classes else call.header(header)
    if name and name not in dialect.storage_classes:
        raise invalid(header, name, "No such storage class.")
    return name or default


def stored(
    context: StoreContext,
    call: Call,
    content: Content,
    storage_class: str,
    headers: dict[str, str],
    tags: dict[str, str],
) -> Stored:
    """Return the object that the call makes now."""
    return Stored(
        bucket=call.bucket,
        key=call.key,
        file=content.file,
        size=content.size,
        etag=content.etag,
        crc64=content.crc64,
        modified=int(context.clock()),
        storage_class=storage_class,
        headers=headers,
        tags=tags,
        kind=content.kind,
    )


def refuse_to_overwrite(context: StoreContext, call: Call) -> None:
    """Raise a Refusal if the key has an object which the call asks not to overwrite."""
    if _keeps_existing(context, call) and context.store.object(call.bucket, call.key):
        raise Refusal("FileAlreadyExists")


def commit(context: StoreContext, call: Call, new: Stored, upload: str = "") -> tuple[Stored, Stored | None]:
    """Make `new` the object of its key. Return it with its version, and the one that it replaces.

    `upload` is the id of the upload in parts that ends with it.
    """
    context.bucket(call)  # the bucket may have been deleted while the body came in
    new = replace(new, headers=new.headers | retention.default(context, call.bucket))
    try:
        return context.store.put(new, overwrite=not _keeps_existing(context, call), upload=upload)
    except KeyTaken:
        raise Refusal("FileAlreadyExists") from None
    except NoSuchUpload:
        raise Refusal("NoSuchUpload", details={"UploadId": upload}) from None


def _keeps_existing(context: StoreContext, call: Call) -> bool:
    """Tell whether the writer asks not to overwrite an object that exists.

    A bucket that keeps versions, or has kept some, does not obey: https://help.aliyun.com/en/oss/developer-reference/putobject,
    https://cloud.tencent.com/document/product/436/7749.
    """
    bucket = context.store.bucket(call.bucket)
    if bucket is not None and bucket.versioning:
        return False
    return call.header(f"{context.dialect.headers}forbid-overwrite").lower() == "true"
