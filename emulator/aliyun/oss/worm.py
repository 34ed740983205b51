"""The retention policy of a bucket, as a setting: it is made, locked, extended and aborted.

It has no effect: objects can be overwritten and removed all the same.
https://help.aliyun.com/en/oss/developer-reference/retention-policies.
"""

from __future__ import annotations

import secrets
from xml.etree.ElementTree import Element

from emulator.core.refusal import Refusal
from emulator.objectstore import times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply, document

SETTING, ROOT = "worm", "WormConfiguration"
IN_PROGRESS, LOCKED, EXPIRED = "InProgress", "Locked", "Expired"
LONGEST = 25550
"""A policy lasts so many days at most: https://help.aliyun.com/en/oss/developer-reference/initiatebucketworm."""
DAY = 86400
"""A policy that nobody has locked expires after so many seconds."""


# Unproven second-worm: InitiateBucketWorm puts a new policy in the place of one that is not locked.
# Why: no page says what becomes of the earlier one.
# Ask: POST ?worm twice: status and code of the second answer, and the id that GET ?worm tells then.
async def initiate(context: StoreContext, call: Call) -> Reply:
    """Make a policy, which takes the place of one that is not locked."""
    context.bucket(call)
    tree = await call.document("InitiateWormConfiguration")
    if (old := _policy(context, call)) is not None and old.findtext("State") == LOCKED:
        raise Refusal("WORMConfigurationLocked")
    worm_id = secrets.token_hex(16).upper()
    _keep(context, call, worm_id, IN_PROGRESS, _days(tree), times.iso(context.clock()))
    return Reply(200, {"x-oss-worm-id": worm_id})


async def lock_or_extend(context: StoreContext, call: Call) -> Reply:
    """Lock the policy, or with the parameter wormExtend let a locked one last longer."""
    context.bucket(call)
    tree = _named(context, call)
    locked, days = tree.findtext("State") == LOCKED, tree.findtext("RetentionPeriodInDays") or ""
    if "wormExtend" in call.query:
        longer = _days(await call.document("ExtendWormConfiguration"))
        if not locked or int(longer) <= int(days):
            raise Refusal("InvalidWORMConfiguration", "Only a locked policy can be extended, and only to more days.")
        days = longer
    elif tree.findtext("State") == EXPIRED:
        raise Refusal("InvalidWORMConfiguration", "The policy has expired.")
    _keep(context, call, tree.findtext("WormId") or "", LOCKED, days, tree.findtext("CreationDate") or "")
    return Reply(200)


async def abort(context: StoreContext, call: Call) -> Reply:
    context.bucket(call)
    tree = _policy(context, call)
    if tree is not None and tree.findtext("State") == LOCKED:
        raise Refusal("WORMConfigurationLocked")
    context.store.settings.remove(call.bucket, SETTING)
    return Reply(204)


async def get(context: StoreContext, call: Call) -> Reply:
    context.bucket(call)
    tree = _policy(context, call)
    if tree is None:
        raise Refusal("NoSuchWORMConfiguration")
    return document(xml.document(ROOT, *(xml.text(child.tag, child.text or "") for child in tree)))


def _policy(context: StoreContext, call: Call) -> Element | None:
    """Return the policy with its state of now."""
    kept = context.store.settings.get(call.bucket, SETTING)
    if kept is None:
        return None
    tree = xml.parse(kept.encode(), ROOT)
    state, created = tree.find("State"), tree.findtext("CreationDate") or ""
    if state is not None and state.text == IN_PROGRESS and created < times.iso(context.clock() - DAY):
        state.text = EXPIRED
    return tree


def _named(context: StoreContext, call: Call) -> Element:
    """Return the policy, which must be the one that the call names."""
    tree = _policy(context, call)
    if tree is None or tree.findtext("WormId") != call.query["wormId"]:
        raise Refusal("NoSuchWORMConfiguration")
    return tree


def _days(tree: Element) -> str:
    days = tree.findtext("RetentionPeriodInDays") or ""
    if not days.isascii() or not days.isdigit() or not 1 <= int(days[:6]) <= LONGEST:
        raise invalid("RetentionPeriodInDays", days, f"A policy lasts 1 to {LONGEST} days.")
    return days


def _keep(context: StoreContext, call: Call, worm_id: str, state: str, days: str, created: str) -> None:
    facts = {"WormId": worm_id, "State": state, "RetentionPeriodInDays": days, "CreationDate": created}
    kept = xml.element(ROOT, *(xml.text(name, value) for name, value in facts.items()))
    context.store.settings.put(call.bucket, SETTING, "", kept)
