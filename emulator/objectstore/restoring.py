"""RestoreObject: the bytes of an archived object can be read for some days.

https://help.aliyun.com/en/oss/developer-reference/restoreobject, https://cloud.tencent.com/document/product/436/12633.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from xml.etree.ElementTree import Element

from emulator.core.refusal import Refusal
from emulator.objectstore import times
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.restore_store import Restoration
from emulator.objectstore.stored import Stored

DAY = 86400
TIERS = ("Expedited", "Standard", "Bulk")
LATER = 0.1
"""The end is looked for so many seconds after it is due, because the clock and the event loop may differ a little."""


def header(context: StoreContext, stored: Stored) -> dict[str, str]:
    """Return the header that tells how far the restoring of an archived object is, if there is anything to tell."""
    if stored.storage_class not in context.dialect.archived:
        return {}
    restoration, now = context.store.restores.find(stored), context.clock()
    if restoration is None or restoration.until <= now:
        return {}
    return {f"{context.dialect.headers}restore": state(restoration, now)}


def state(restoration: Restoration, now: float) -> str:
    """Return what headers and lists tell of a restoration that has not ended."""
    if now < restoration.ready:
        return 'ongoing-request="true"'
    return f'ongoing-request="false", expiry-date="{times.http(restoration.until)}"'


def _any_job(storage_class: str, tree: Element) -> None:
    """Take any document."""


async def restore(
    context: StoreContext, call: Call, body_needed: bool, check: Callable[[str, Element], None] = _any_job
) -> tuple[Stored, str, bool]:
    """Begin to restore an object, or let it be readable for longer. Return it, the tier, and whether this began it.

    `check` raises the Refusal of a document that the vendor does not take for a storage class.
    """
    rules, events = context.dialect.restores, context.dialect.events
    stored = archived(context, call)
    days, tier = 1, "Standard"
    if body_needed or (call.request.body_exists and call.header("content-length") != "0"):
        tree = await call.document("RestoreRequest")
        check(stored.storage_class, tree)
        days, tier = _asked(tree, rules.job, rules.longest[stored.storage_class])
    restores, now = context.store.restores, context.clock()
    known = restores.find(stored)
    if known is not None and now < known.ready:
        raise Refusal("RestoreAlreadyInProgress")
    if known is not None and now < known.until:
        until = known.until + days * DAY if rules.adds else now + days * DAY
        longest = known.ready + rules.longest[stored.storage_class] * DAY
        restores.put(stored, Restoration(known.ready, min(until, longest)), told=True)
        return stored, tier, False
    ready = now + context.restore_seconds
    restores.put(stored, Restoration(ready, ready + days * DAY), told=not events.restored)
    context.changed(call, events.restore, stored, stored)
    if events.restored:
        _finish_later(context, context.restore_seconds)
    return stored, tier, True


def archived(context: StoreContext, call: Call) -> Stored:
    """Return the version that the call names. One that is not archived is refused."""
    stored = context.object(call)
    if stored.storage_class not in context.dialect.archived:
        raise Refusal(context.dialect.restores.refusal, "The object is not archived.")
    return stored


def go_on(context: StoreContext) -> None:
    """Tell of what is restored by now, and later of what is still being restored.

    This is called when the emulator starts and when its clock is moved, since the wait for an end may have been lost.
    """
    finish(context)
    last = context.store.restores.last_end()
    if last is not None:
        _finish_later(context, last - context.clock())


def _finish_later(context: StoreContext, seconds: float) -> None:
    asyncio.get_running_loop().call_later(seconds + LATER, finish, context)


def finish(context: StoreContext) -> None:
    """Tell of those objects that can be read since the last call of this function, where the vendor has an event."""
    for bucket, key, version, file in context.store.restores.ended(context.clock()):
        stored = context.store.version(bucket, key, version)
        if stored is not None and stored.file.name == file:
            context.changed(None, context.dialect.events.restored, stored, stored)


def _asked(tree: Element, job: str, longest: int) -> tuple[int, str]:
    """Return the days and the tier in the document of a request."""
    days = tree.findtext("Days") or ""
    if not re.fullmatch("[0-9]{1,4}", days) or not 1 <= int(days) <= longest:
        raise invalid("Days", days, f"Days must be 1 to {longest}.")
    tier = tree.findtext(f"{job}/Tier") or "Standard"
    if tier not in TIERS:
        raise invalid("Tier", tier, f"Tier must be one of {', '.join(TIERS)}.")
    return int(days), tier
