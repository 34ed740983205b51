"""RestoreObject: https://cloud.tencent.com/document/product/436/12633."""

from __future__ import annotations

from emulator.objectstore import restoring
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.reply import Reply


# Unproven status-of-restoring: Restoring a restored object once more is answered with 200.
# Why: the page has 202 for the first request only.
# Ask: POST ?restore of a restored object: the status.
async def restore(context: StoreContext, call: Call) -> Reply:
    """Answer 202 where this begins the restoring."""
    _, _, began = await restoring.restore(context, call, body_needed=True)
    return Reply(202 if began else 200)
