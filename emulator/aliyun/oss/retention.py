"""PutObjectRetention, PutObjectLegalHold and their twins, which read.

https://help.aliyun.com/en/oss/developer-reference/putobjectretention (unchecked), and
https://www.alibabacloud.com/help/en/oss/user-guide/object-level-retention-policy-object-worm.
"""

from __future__ import annotations

import re

from emulator.core.refusal import Refusal
from emulator.objectstore import retention, times, versioning, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.retention import COMPLIANCE, GOVERNANCE, HOLD, MODE, OFF, ON, UNTIL, header

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


async def put(context: StoreContext, call: Call) -> Reply:
    """Keep the version until a moment. It can be made later, and sooner only in the mode GOVERNANCE with the header."""
    _enabled(context, call)
    stored = context.object(call)
    tree = await call.document("Retention")
    mode, until = tree.findtext("Mode") or "", tree.findtext("RetainUntilDate") or ""
    if mode not in (GOVERNANCE, COMPLIANCE):
        raise Refusal("MalformedXML", f"Mode must be {GOVERNANCE} or {COMPLIANCE}.")
    if not MOMENT.fullmatch(until) or until <= times.iso(context.clock()):
        raise invalid("RetainUntilDate", until, "RetainUntilDate must be to come, as 2030-01-01T00:00:00.000Z.")
    weaker = until < stored.headers.get(header(context, UNTIL), "") or (
        mode == GOVERNANCE and stored.headers.get(header(context, MODE)) == COMPLIANCE
    )
    if weaker and retention.retained(context, call, stored.headers):
        raise Refusal("FileImmutable", "The retention of the version cannot be made weaker.")
    return _kept(context, call, {header(context, MODE): mode, header(context, UNTIL): until})


async def get(context: StoreContext, call: Call) -> Reply:
    _enabled(context, call)
    headers = context.object(call).headers
    if header(context, UNTIL) not in headers:
        raise Refusal("NoSuchObjectWormConfiguration", "The version has no retention.")
    values = {"Mode": headers[header(context, MODE)], "RetainUntilDate": headers[header(context, UNTIL)]}
    return document(xml.document("Retention", *(xml.text(name, value) for name, value in values.items())))


async def put_hold(context: StoreContext, call: Call) -> Reply:
    _enabled(context, call)
    context.object(call)
    status = (await call.document("LegalHold")).findtext("Status") or ""
    if status not in (ON, OFF):
        raise Refusal("MalformedXML", f"Status must be {ON} or {OFF}.")
    return _kept(context, call, {header(context, HOLD): status})


async def get_hold(context: StoreContext, call: Call) -> Reply:
    _enabled(context, call)
    status = context.object(call).headers.get(header(context, HOLD), OFF)
    return document(xml.document("LegalHold", xml.text("Status", status)))


def _enabled(context: StoreContext, call: Call) -> None:
    if context.store.settings.get(call.bucket, retention.SETTING) is None:
        raise Refusal("NoSuchObjectWormConfiguration")


def _kept(context: StoreContext, call: Call, changed: dict[str, str]) -> Reply:
    stored = context.object(call)
    context.store.set_headers(call.bucket, call.key, stored.headers | changed, call.query.get("versionId", ""))
    return Reply(200, versioning.header(context, stored))
