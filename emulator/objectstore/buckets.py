"""Operations on one bucket that every vendor answers alike."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.core.refusal import Refusal
from emulator.objectstore import xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.store import NotEmpty
from emulator.objectstore.stored import Bucket


async def delete(context: StoreContext, call: Call) -> Reply:
    context.bucket(call)
    try:
        context.store.delete_bucket(call.bucket)
    except NotEmpty:
        raise Refusal("BucketNotEmpty", details={"BucketName": call.bucket}) from None
    return Reply(204)


def location(name: str) -> Reply:
    """Answer with the name of the region in which a bucket stands."""
    return document(xml.HEAD + xml.text("LocationConstraint", name).encode())


def first_page(buckets: Sequence[Bucket], limit: int) -> tuple[Sequence[Bucket], str, str]:
    """Return at most `limit` buckets, the elements IsTruncated and NextMarker that belong to them."""
    shown, more = buckets[:limit], len(buckets) > limit
    return shown, xml.text("IsTruncated", str(more).lower()), xml.text("NextMarker", shown[-1].name if more else "")
