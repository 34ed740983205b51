"""The rules by which a bucket's objects are copied to another one, as settings. Nothing is copied by them.

So a rule stays in the state in which the service has it before it copies, and its progress stays at nothing.
https://help.aliyun.com/en/oss/developer-reference/data-replication.
"""

from __future__ import annotations

import uuid
from xml.etree.ElementTree import Element, SubElement

from emulator.aliyun.oss import regions
from emulator.core.refusal import Refusal
from emulator.objectstore import xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.settings import written

SETTING, ROOT = "replication", "ReplicationConfiguration"
TRANSFERS = ("internal", "oss_acc")


async def change(context: StoreContext, call: Call) -> Reply:
    """Add a rule or remove one, as the parameter comp says."""
    context.bucket(call)
    comp = call.query.get("comp", "")
    if comp == "add":
        return await _add(context, call)
    if comp == "delete":
        return await _delete(context, call)
    raise invalid("comp", comp, "comp must be add or delete.")


async def get(context: StoreContext, call: Call) -> Reply:
    context.bucket(call)
    rules = context.store.settings.named(call.bucket, SETTING, "", "", 1000)
    if not rules:
        raise Refusal("NoSuchReplicationConfiguration")
    return document(xml.document(ROOT, *(kept for _, kept in rules)))


async def progress(context: StoreContext, call: Call) -> Reply:
    """https://help.aliyun.com/en/oss/developer-reference/getbucketreplicationprogress."""
    context.bucket(call)
    rule = _rule(context, call, call.query.get("rule-id", ""))
    facts = [written(child) for child in rule if child.tag not in ("SyncRole", "EncryptionConfiguration")]
    facts.append(xml.element("Progress", xml.text("HistoricalObject", "0")))
    return document(xml.document("ReplicationProgress", xml.element("Rule", *facts)))


async def locations(context: StoreContext, call: Call) -> Reply:
    """Name all regions but that of the bucket: https://help.aliyun.com/en/oss/developer-reference/getbucketreplicationlocation."""
    context.bucket(call)
    own = regions.of_bucket(context, call.bucket)
    names = [f"oss-{region}" for region in regions.REGIONS if region != own]
    types = xml.element("TransferTypes", *(xml.text("Type", name) for name in TRANSFERS))
    constraints = (xml.element("LocationTransferType", xml.text("Location", name), types) for name in names)
    listed = (xml.text("Location", name) for name in names)
    return document(
        xml.document("ReplicationLocation", *listed, xml.element("LocationTransferTypeConstraint", *constraints))
    )


async def time_control(context: StoreContext, call: Call) -> Reply:
    """Keep whether the rule is to copy within a given time: https://help.aliyun.com/en/oss/developer-reference/putbucketrtc."""
    context.bucket(call)
    tree = await call.document("ReplicationRule")
    rule = _rule(context, call, tree.findtext("ID") or "")
    status = tree.findtext("RTC/Status")
    if status not in ("enabled", "disabled"):
        raise invalid("Status", status or "", "Status must be enabled or disabled.")
    _set(rule, "RTC", "")
    SubElement(rule.findall("RTC")[0], "Status").text = status
    _keep(context, call, rule)
    return Reply(200)


async def _add(context: StoreContext, call: Call) -> Reply:
    """Add a rule. A bucket has one rule for each other bucket."""
    tree = await call.document(ROOT)
    rules = tree.findall("Rule")
    if len(rules) != 1:
        raise Refusal("MalformedXML", "There must be one element Rule.")
    rule = rules[0]
    target = rule.findtext("Destination/Bucket")
    if not target or not rule.findtext("Destination/Location"):
        raise Refusal("MalformedXML", "Destination must name a Bucket and its Location.")
    for rule_id, kept in context.store.settings.named(call.bucket, SETTING, "", "", 1000):
        other = xml.parse(kept.encode(), "Rule")
        if other.findtext("Destination/Bucket") == target:
            if other.findtext("Status") != "closing":
                raise Refusal("BucketReplicationAlreadyExist")
            context.store.settings.remove(call.bucket, SETTING, rule_id)
    _complete(rule)
    _keep(context, call, rule)
    return Reply(200, {"x-oss-replication-rule-id": rule.findtext("ID") or ""})


def _complete(rule: Element) -> None:
    """Add to a rule what the request leaves out, and leave out what has no effect without the rest.

    A role is needed to copy objects that are encrypted under a key of the key management service.
    """
    if not rule.findtext("ID"):
        _set(rule, "ID", str(uuid.uuid4()))
    if not rule.findtext("Action"):
        _set(rule, "Action", "ALL")
    history = rule.findtext("HistoricalObjectReplication") or "enabled"
    if history not in ("enabled", "disabled"):
        raise invalid("HistoricalObjectReplication", history, "It must be enabled or disabled.")
    _set(rule, "HistoricalObjectReplication", history)
    _set(rule, "Status", "starting")
    encrypted = rule.findtext("SourceSelectionCriteria/SseKmsEncryptedObjects/Status") == "Enabled"
    if not rule.findtext("SyncRole"):
        _remove(rule, "SourceSelectionCriteria")
    if not rule.findtext("SyncRole") or not encrypted:
        _remove(rule, "EncryptionConfiguration")


async def _delete(context: StoreContext, call: Call) -> Reply:
    """Let a rule end. The service removes it when it has copied what it began to copy, so it is still there."""
    tree = await call.document("ReplicationRules")
    rule = _rule(context, call, tree.findtext("ID") or "")
    _set(rule, "Status", "closing")
    _keep(context, call, rule)
    return Reply(200)


def _rule(context: StoreContext, call: Call, rule_id: str) -> Element:
    kept = context.store.settings.get(call.bucket, SETTING, rule_id)
    if kept is None:
        raise Refusal("NoSuchReplicationRule")
    return xml.parse(kept.encode(), "Rule")


def _keep(context: StoreContext, call: Call, rule: Element) -> None:
    context.store.settings.put(call.bucket, SETTING, rule.findtext("ID") or "", written(rule))


def _set(tree: Element, name: str, value: str) -> None:
    _remove(tree, name)
    SubElement(tree, name).text = value


def _remove(tree: Element, name: str) -> None:
    for child in tree.findall(name):
        tree.remove(child)
