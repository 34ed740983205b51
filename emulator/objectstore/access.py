"""Access control lists in their short form, and what they let people do who have no key.

https://help.aliyun.com/en/oss/user-guide/acl, https://cloud.tencent.com/document/product/436/30752. Whoever has a key
of the emulator's own account is the owner of all buckets, so a list matters only to requests without a signature, and
to those of another account.
"""

from __future__ import annotations

from collections.abc import Collection

from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.operations import VERSION
from emulator.objectstore.refusals import invalid
from emulator.objectstore.stored import SYMLINK, Bucket, Stored

PRIVATE = "private"
DEFAULT = "default"
"""An object with this ACL, which is every one that has no other, follows its bucket."""
READABLE = ("public-read", "public-read-write")
BUCKET_ACLS = (PRIVATE, *READABLE)
OBJECT_ACLS = (DEFAULT, *BUCKET_ACLS)
REACHING = ("pic-operations",)
"""An upload with such a header writes other objects too, which may even be in other buckets."""
BLOCK = "publicAccessBlock"
"""The setting that closes a bucket to the public."""


def chosen(call: Call, header: str, known: Collection[str]) -> str:
    """Return the ACL that a header of the call names, or an empty text. One that is not known is refused."""
    acl = call.header(header)
    if acl and acl not in known:
        raise invalid(header, acl, f"The ACL must be one of {', '.join(known)}.")
    return acl


def kept(call: Call, header: str) -> dict[str, str]:
    """Return the header that gives an object its own ACL, if the call has one."""
    acl = chosen(call, header, OBJECT_ACLS)
    return {header: acl} if acl not in ("", DEFAULT) else {}


def open_to_all(context: StoreContext, call: Call, reads: Collection[str] = ()) -> bool:
    """Tell whether a request needs no signature: a plain read, write or removal of an object that is open to all.

    A read may name a version, and have the parameters `reads`. What follows a slash in the name of a parameter says
    how, as in imageMogr2/rotate/90. The headers of the answer are for signed requests to choose:
    https://help.aliyun.com/zh/oss/developer-reference/getobject, https://cloud.tencent.com/document/product/436/7753.
    A write must concern its own object alone: a copy reads another one, which may be private. A key that no object can
    have is refused.
    """
    bucket = context.store.bucket(call.bucket)
    if bucket is None or not call.key:
        return False
    context.dialect.keys.check(call.key)  # The store cannot be asked for a key that is not UTF-8.
    names = {name.partition("/")[0] for name, _ in call.params}
    if call.method in ("GET", "HEAD"):
        return _readable(context, bucket, call) and names <= {*VERSION, *reads}
    if names or any(name in call.headers for name in (f"{context.dialect.headers}copy-source", *REACHING)):
        return False
    return call.method in ("PUT", "DELETE") and writable(context, bucket, call.key)


def writable(context: StoreContext, bucket: Bucket, key: str) -> bool:
    """Tell whether all may write the object, which need not exist."""
    stored = context.store.version(bucket.name, key)
    return _acl(context, bucket, stored) == "public-read-write"


def _readable(context: StoreContext, bucket: Bucket, call: Call) -> bool:
    """Tell whether all may read the object, or the version of it that the call names.

    A link and its target must both be open to all: https://help.aliyun.com/en/oss/developer-reference/putsymlink.
    """
    stored = context.store.version(bucket.name, call.key, call.query.get("versionId", ""))
    acls = [_acl(context, bucket, stored)]
    if stored is not None and stored.kind == SYMLINK:
        acls.append(
            _acl(context, bucket, context.store.object(bucket.name, stored.headers[context.dialect.link_target]))
        )
    return all(acl in READABLE for acl in acls)


def blocked(context: StoreContext, bucket: str) -> bool:
    """Tell whether the bucket is closed to the public whatever its ACL and those of its objects say."""
    kept = (context.store.settings.get(place, BLOCK) or "" for place in (bucket, ""))
    return any("<BlockPublicAccess>true<" in document for document in kept)


def _acl(context: StoreContext, bucket: Bucket, stored: Stored | None) -> str:
    if blocked(context, bucket.name):
        return PRIVATE
    return bucket.acl if stored is None else stored.headers.get(context.dialect.acl, bucket.acl)


def changed(context: StoreContext, call: Call, acl: dict[str, str]) -> Stored:
    """Give the object, or the version that the call names, another ACL, as `kept` returns it. Return it as it was."""
    stored = context.object(call)
    headers = {name: value for name, value in stored.headers.items() if name != context.dialect.acl}
    context.store.set_headers(call.bucket, call.key, headers | acl, call.query.get("versionId", ""))
    return stored
