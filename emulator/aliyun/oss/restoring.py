"""RestoreObject and CleanRestoredObject: https://help.aliyun.com/en/oss/developer-reference/restoreobject."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from emulator.aliyun.oss.errors import OssRefusal
from emulator.core.refusal import Refusal
from emulator.objectstore import restoring, versioning
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.reply import Reply


async def restore(context: StoreContext, call: Call) -> Reply:
    """Answer 202 where this begins the restoring, and 200 where it makes the object readable for longer."""
    stored, tier, began = await restoring.restore(context, call, body_needed=False, check=check_job)
    headers = versioning.header(context, stored)
    if stored.storage_class != "Archive":
        headers["x-oss-object-restore-priority"] = tier
    return Reply(202 if began else 200, headers)


def check_job(storage_class: str, tree: Element) -> None:
    """Only objects of the two cold classes have tiers: https://help.aliyun.com/en/oss/developer-reference/restoreobject."""
    if storage_class == "Archive" and tree.find("JobParameters") is not None:
        raise Refusal("MalformedXML", "An object of the class Archive has no JobParameters.")


async def clean(context: StoreContext, call: Call) -> Reply:
    """End the days in which the object can be read: https://help.aliyun.com/en/oss/developer-reference/cleanrestoredobject."""
    stored = restoring.archived(context, call)
    restoration, now = context.store.restores.find(stored), context.clock()
    if restoration is None or restoration.until <= now:
        raise OssRefusal("ArchiveRestoreFileStale", ec="0016-00000718")
    if now < restoration.ready:
        raise OssRefusal("ArchiveRestoreNotFinished", ec="0016-00000719")
    context.store.restores.remove(stored)
    return Reply(200, versioning.header(context, stored))
