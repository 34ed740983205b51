"""Reading objects: GetObject and GetObjectACL."""

from __future__ import annotations

from emulator.objectstore import access, conditions, objects, overrides, ranges
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.objects import part_of, whole
from emulator.objectstore.reply import Reply, document
from emulator.tencent.cos import acl as grants
from emulator.tencent.cos.dialect import ACL


async def get(context: StoreContext, call: Call) -> Reply:
    """Answer with the object, or with the part of a range that lies inside the object.

    https://cloud.tencent.com/document/product/436/7753
    """
    stored = context.readable(call)
    headers = objects.shown_headers(context, stored)
    if not conditions.check(call, stored):
        return Reply(304, headers)
    headers |= overrides.overriding_headers(call)
    wanted = conditions.wanted_range(call, stored)
    part = ranges.read(wanted, stored.size, standard=True) if wanted else None
    return whole(stored, headers) if part is None else part_of(stored, *part, headers)


async def acl(context: StoreContext, call: Call) -> Reply:
    """Answer with the ACL. An object without an ACL of its own follows its bucket."""
    stored = context.object(call)
    own = stored.headers.get(ACL)
    return document(grants.document(own or context.bucket(call).acl), **{ACL: own or access.DEFAULT})


async def put_acl(context: StoreContext, call: Call) -> Reply:
    """https://cloud.tencent.com/document/product/436/7748."""
    kept = access.kept(call, ACL)
    if not call.header(ACL):
        kept = {ACL: grants.short(await call.document("AccessControlPolicy"))}
    access.changed(context, call, kept)
    return Reply(200)
