"""AppendObject: an upload whose bytes come behind those of an object.

https://help.aliyun.com/en/oss/developer-reference/appendobject, https://cloud.tencent.com/document/product/436/7741.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import replace

from emulator.core.refusal import Refusal
from emulator.objectstore import access, encryption, writing
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.store import KeyTaken
from emulator.objectstore.stored import APPENDABLE, Stored
from emulator.objectstore.uploads import LARGEST, kept_headers, receive, too_large


async def append(context: StoreContext, call: Call) -> Stored:
    """Store the body of the call behind the object, or as a new one, and return the object.

    Headers that are kept with an object count when it is new, and not later: the page of OSS says so of metadata.
    """
    bucket = context.bucket(call)
    if bucket.versioning == "Enabled" and not context.dialect.appends_versions:
        raise Refusal("InvalidBucketState")
    position = _position(context, call)
    old = context.store.object(call.bucket, call.key)
    _check(context, old, position)
    new = await (_created(context, call) if old is None else _extended(context, call, old))
    context.changed(call, context.dialect.events.append, new, old)
    return new


async def _created(context: StoreContext, call: Call) -> Stored:
    dialect = context.dialect
    storage_class = writing.storage_class_of(context, call, context.bucket(call).storage_class)
    tags = dialect.tags_from_header(call.header(f"{dialect.headers}tagging"))
    headers = kept_headers(call, dialect.metadata) | access.kept(call, dialect.acl) | encryption.kept(context, call)
    file = context.store.new_file()
    try:
        size, md5, crc = await receive(call, file)
        content = writing.Content(file, size, dialect.etag(md5), str(crc), APPENDABLE)
        context.bucket(call)  # the bucket may have been deleted while the body came in
        new, _ = context.store.put(writing.stored(context, call, content, storage_class, headers, tags), False)
    except KeyTaken:
        file.unlink(missing_ok=True)
        raise _elsewhere(context, context.store.object(call.bucket, call.key)) from None
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return new


# Unproven etag-of-append: The ETag of an object that was appended to is an MD5 of its old ETag and of the new bytes.
# Why: no page tells how it is made, only that it is not the MD5 of the bytes.
# Ask: append "a" and then "b" to an object: the ETag of the second answer.
async def _extended(context: StoreContext, call: Call, old: Stored) -> Stored:
    """Append to an object. Its ETag is made of the old one and of the new bytes."""
    piece = context.store.new_file()
    try:
        size, md5, crc = await receive(call, piece, int(old.crc64))
        if old.size + size > LARGEST:
            raise too_large(old.size + size)
        etag = hashlib.md5(bytes.fromhex(old.etag) + md5, usedforsecurity=False).digest()
        new = replace(
            old,
            size=old.size + size,
            etag=context.dialect.etag(etag),
            crc64=str(crc),
            modified=int(context.clock()),
        )
        done = await asyncio.to_thread(context.store.appends.append, old, piece, new)
    finally:
        piece.unlink(missing_ok=True)
    if not done:
        raise _elsewhere(context, context.store.object(call.bucket, call.key))
    return new


def _position(context: StoreContext, call: Call) -> int:
    if "versionId" in call.query:
        # https://help.aliyun.com/zh/oss/user-guide/0016-00000504
        raise invalid("versionId", call.query["versionId"], "Bytes are appended to the current version alone.")
    position = call.query.get("position")
    if position is None:
        # https://help.aliyun.com/en/oss/user-guide/0016-00000501 gives the rule, not the code.
        raise Refusal("MissingArgument", "The parameter position is missing.")
    if not re.fullmatch("[0-9]{1,19}", position):
        raise invalid("position", position, "position must be the length of the object in bytes.")
    return int(position)


def _check(context: StoreContext, old: Stored | None, position: int) -> None:
    if old is not None and old.kind != APPENDABLE:
        raise Refusal("ObjectNotAppendable")
    if position != (old.size if old is not None else 0):
        raise _elsewhere(context, old)


def _elsewhere(context: StoreContext, old: Stored | None) -> Refusal:
    """Return the refusal of a position, which tells the right one."""
    position = str(old.size if old is not None else 0)
    return Refusal("PositionNotEqualToLength", headers={f"{context.dialect.headers}next-append-position": position})
