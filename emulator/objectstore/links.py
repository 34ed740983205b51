"""Symbolic links: objects without bytes that stand for another object of their bucket.

https://help.aliyun.com/en/oss/developer-reference/putsymlink. The target need not exist when the link is made.
"""

from __future__ import annotations

import hashlib
from urllib.parse import quote, unquote_plus

from emulator.core.refusal import Refusal
from emulator.objectstore import access, times, versioning, writing
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply
from emulator.objectstore.stored import SYMLINK
from emulator.objectstore.uploads import kept_headers


async def put(context: StoreContext, call: Call) -> Reply:
    dialect = context.dialect
    bucket = context.bucket(call)
    # A space may be a plus sign, which the vendor's SDK for Go writes.
    target = unquote_plus(call.header(dialect.link_target), errors="surrogateescape")
    if not target:
        raise invalid(dialect.link_target, "", f"The header {dialect.link_target} must name the target.")
    dialect.keys.check(target)
    acl = access.kept(call, dialect.acl)
    tags = dialect.tags_from_header(call.header(f"{dialect.headers}tagging"))
    storage_class = writing.storage_class_of(context, call, bucket.storage_class)
    headers = kept_headers(call, dialect.metadata) | acl | {dialect.link_target: target}
    writing.refuse_to_overwrite(context, call)
    # Unproven etag-of-link: The ETag of a symbolic link of OSS is the MD5 of its target's name.
    # Why: no page of OSS tells it. COS makes it so: https://cloud.tencent.com/document/product/436/109082.
    # Ask: PUT ?symlink with a target: the ETag of the answer.
    etag = dialect.etag(hashlib.md5(target.encode(), usedforsecurity=False).digest())
    file = context.store.new_file()
    file.touch()
    try:
        content = writing.Content(file, 0, etag, "0", SYMLINK)
        new = writing.stored(context, call, content, storage_class, headers, tags)
        new, old = writing.commit(context, call, new)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    context.changed(call, dialect.events.link, new, old)
    return Reply(200, {"ETag": f'"{new.etag}"'} | versioning.header(context, new))


# Unproven not-a-link: Asking for the target of an object that is no symbolic link is refused with NotSymlink.
# Why: no page has the code.
# Ask: GET ?symlink of a plain object: the status and the code.
async def get(context: StoreContext, call: Call) -> Reply:
    """Answer with the target of the link."""
    stored = context.object(call)
    if stored.kind != SYMLINK:
        raise Refusal("NotSymlink", "The object is no symbolic link.", details={"Key": call.key})
    headers = {
        context.dialect.link_target: quote(stored.headers[context.dialect.link_target], safe="/"),
        "ETag": f'"{stored.etag}"',
        "Last-Modified": times.http(stored.modified),
    }
    return Reply(200, headers | versioning.header(context, stored))
