"""Checks the rules of a bucket's lifecycle: https://help.aliyun.com/en/oss/developer-reference/putbucketlifecycle.

The rules are kept and given back, and no object expires by them.
"""

from __future__ import annotations

import secrets
from itertools import pairwise
from xml.etree.ElementTree import Element, SubElement

from emulator.aliyun.oss import names, tags
from emulator.core.refusal import Refusal
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.settings import lower_case

MOST_RULES = 1000
OVERLAP = "x-oss-allow-same-action-overlap"
TIMES = ("Days", "CreatedBeforeDate", "Date")
COLDER = ("IA", "Archive", "ColdArchive", "DeepColdArchive")
"""The storage classes to which a rule may move objects, in the order in which it may."""


def check(context: StoreContext, call: Call, tree: Element) -> None:
    """Raise the Refusal of rules that the vendor does not take, and give an id to a rule that has none."""
    rules = tree.findall("Rule")
    if not 1 <= len(rules) <= MOST_RULES:
        raise Refusal("MalformedXML", f"A lifecycle has 1 to {MOST_RULES} rules.")
    lower_case(tree, "ExpiredObjectDeleteMarker", "IsAccessTime", "ReturnToStdWhenVisit", "AllowSmallFile")
    for rule in rules:
        _check_rule(rule)
    ids = [rule.findtext("ID") for rule in rules]
    if len(set(ids)) < len(ids):
        raise Refusal("InvalidArgument", "Two rules have the same ID.")
    if call.header(OVERLAP) != "true":
        _check_overlap(rules)


def _check_rule(rule: Element) -> None:
    if not rule.findtext("ID"):
        for empty in rule.findall("ID"):
            rule.remove(empty)
        SubElement(rule, "ID").text = secrets.token_hex(18)
    if rule.findtext("Status") not in ("Enabled", "Disabled"):
        raise Refusal("MalformedXML", "Status must be Enabled or Disabled.")
    for tag in rule.findall("Tag"):
        if any(not tags.PERMITTED.fullmatch(tag.findtext(name) or "") for name in ("Key", "Value")):
            raise Refusal("InvalidTag")
    _check_times(rule)
    _check_classes(rule)


def _check_times(rule: Element) -> None:
    """Refuse a rule that counts days in one place and names a day in another."""
    actions = [*rule.findall("Expiration"), *rule.findall("Transition")]
    kinds = {name == "Days" for action in actions for name in TIMES if action.find(name) is not None}
    if len(kinds) > 1:
        raise Refusal("InvalidRequest", "Days and dates cannot be mixed in one rule.")
    for action in [*actions, *rule.findall("AbortMultipartUpload")]:
        days = action.findtext("Days")
        if days is not None and not _positive(days):
            raise invalid("Days", days, "Days must be a positive integer.")


def _check_classes(rule: Element) -> None:
    """Refuse a rule that moves an object to a warmer class later, or after its expiration."""
    last = rule.findtext("Expiration/Days")
    moves: list[tuple[int, int]] = []
    for move in rule.findall("Transition"):
        name, days = move.findtext("StorageClass") or "", move.findtext("Days")
        if name not in COLDER or name not in names.STORAGE_CLASSES:
            raise invalid("StorageClass", name, f"StorageClass must be one of {', '.join(COLDER)}.")
        if days is not None:
            moves.append((COLDER.index(name), int(days)))
    if last is not None and any(days >= int(last) for _, days in moves):
        raise invalid("Days", last, "An object must expire later than it moves to another storage class.")
    ordered = [days for _, days in sorted(moves)]
    if any(sooner >= later for sooner, later in pairwise(ordered)):
        raise invalid("Days", str(ordered[-1]), "An object must move to a colder storage class later.")


def _check_overlap(rules: list[Element]) -> None:
    """Refuse two rules of which one covers the other's prefix, and both expire objects. The vendor has this message."""
    active = [rule for rule in rules if rule.find("Expiration") is not None and rule.find("Tag") is None]
    prefixes = sorted(rule.findtext("Prefix") or "" for rule in active)
    if any(longer.startswith(shorter) for shorter, longer in pairwise(prefixes)):
        raise Refusal("InvalidArgument", "Overlap for same action type Expiration")


def _positive(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0
