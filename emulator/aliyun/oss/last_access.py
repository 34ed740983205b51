"""The time of the last access to an object, in a bucket with access tracking.

https://www.alibabacloud.com/help/en/oss/user-guide/which-operations-update-the-lastaccestime-of-an-object-and-which-operations-do-not-update-the-lastaccestime-of-an-object:
GetObject, PutObjectACL and whatever writes an object count as an access. Image processing, HEAD and tags do not.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from emulator.core.refusal import Refusal
from emulator.objectstore import times
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.stored import APPENDABLE, NULL, Stored

SETTING = "accessmonitor"
SINCE = "since"
"""The id under which the moment is kept at which the tracking was enabled, beside the document of the setting."""


def check(context: StoreContext, call: Call, tree: Element) -> None:
    """Check the setting: https://help.aliyun.com/en/oss/developer-reference/putbucketaccessmonitor."""
    status = tree.findtext("Status")
    if status not in ("Enabled", "Disabled"):
        raise Refusal("MalformedXML", "Status must be one of Enabled, Disabled.")
    if status == "Enabled" and not tracked(context, call.bucket):
        context.store.settings.put(call.bucket, SETTING, SINCE, str(context.clock()))


def tracked(context: StoreContext, bucket: str) -> bool:
    return "<Status>Enabled<" in (context.store.settings.get(bucket, SETTING) or "")


def note(context: StoreContext, call: Call, stored: Stored) -> None:
    """Note that the bytes of the object are read, or that its ACL changes. A link and its target both count."""
    if tracked(context, call.bucket):
        for file in {stored.file, context.object(call).file}:
            context.store.accesses.note(file, context.clock())


# Unproven access-before-tracking: An object that was last accessed before tracking was enabled shows the moment at
#   which it was enabled.
# Why: no page that could be read says what HEAD ?objectMeta shows of such an object, and the vendor's own tests expect
#   the header at once.
# Ask: put an object, wait a minute, enable access tracking, and HEAD the object with ?objectMeta:
#   x-oss-last-access-time.
def header(context: StoreContext, stored: Stored) -> dict[str, str]:
    """Return the header that tells the last access, where the bucket tracks it.

    An append counts as an access only where the bucket keeps no versions.
    """
    if not tracked(context, stored.bucket):
        return {}
    since = float(context.store.settings.get(stored.bucket, SETTING, SINCE) or 0)
    written = 0 if stored.kind == APPENDABLE and stored.version != NULL else stored.modified
    last = max(since, written, context.store.accesses.last(stored.file))
    return {"x-oss-last-access-time": times.http(int(last))}
