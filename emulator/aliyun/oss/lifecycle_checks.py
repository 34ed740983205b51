"""Checks the rules of a bucket's lifecycle: https://help.aliyun.com/en/oss/developer-reference/putbucketlifecycle."""

from __future__ import annotations

import secrets
from itertools import pairwise
from xml.etree.ElementTree import Element, SubElement

from emulator.aliyun.oss import names, tags
from emulator.aliyun.oss.errors import OssRefusal
from emulator.aliyun.oss.lifecycle import COLDER
from emulator.core.refusal import Refusal
from emulator.objectstore import times
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.settings import lower_case

MOST_RULES = 1000
LONGEST_ID = 255
"""Bytes."""
# Unproven longest-numbers-of-lifecycle: A number of days has 9 digits at most, and a size has 15.
# Why: no page limits them.
# Ask: PUT ?lifecycle with a rule of 1,000,000,000 days: status and code.
LONGEST_DAYS, LONGEST_SIZE = 9, 15
OVERLAP = "x-oss-allow-same-action-overlap"
TIMES = ("Days", "CreatedBeforeDate", "Date")
ACTIONS = ("Expiration", "Transition", "AbortMultipartUpload")
NONCURRENT = ("NoncurrentVersionExpiration", "NoncurrentVersionTransition")

NO_TIME = "0014-00000060"
TWO_TIMES = "0014-00000061"
WRONG_DAYS = "0014-00000086"
WRONG_SIZES = "0014-00000041"


# Unproven codes-of-oss-lifecycle: The codes with which OSS refuses rules of the lifecycle.
# Why: each EC has a page of its own, which says what is refused, and none of them names the code. The vendor's own
#   tests show some of the codes.
# Ask: PUT ?lifecycle with a rule of 0 days, with a rule that names Days and CreatedBeforeDate, and with a rule without
#   an action: status, code and EC of each.
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
        for action in ("Expiration", "AbortMultipartUpload"):
            _check_overlap(rules, action)


def _check_rule(rule: Element) -> None:
    if not rule.findtext("ID"):
        for empty in rule.findall("ID"):
            rule.remove(empty)
        SubElement(rule, "ID").text = secrets.token_hex(18)
    if len((rule.findtext("ID") or "").encode()) > LONGEST_ID:
        raise Refusal("InvalidArgument", f"An ID has {LONGEST_ID} bytes at most.")
    if rule.findtext("Status") not in ("Enabled", "Disabled"):
        raise Refusal("MalformedXML", "Status must be Enabled or Disabled.")
    for tag in [*rule.findall("Tag"), *rule.findall("Filter/Not/Tag")]:
        if any(not tags.PERMITTED.fullmatch(tag.findtext(name) or "") for name in ("Key", "Value")):
            raise Refusal("InvalidTag")
    if all(rule.find(name) is None for name in (*ACTIONS, *NONCURRENT)):
        raise Refusal("MalformedXML", f"A rule needs one of {', '.join((*ACTIONS, *NONCURRENT))}.")
    _check_sizes(rule)
    _check_times(rule)
    _check_classes(rule, "Transition", "Expiration", "Days")
    _check_classes(rule, NONCURRENT[1], NONCURRENT[0], "NoncurrentDays")


def _check_sizes(rule: Element) -> None:
    sizes = [rule.findtext(f"Filter/ObjectSize{name}Than") for name in ("Greater", "Less")]
    for size in sizes:
        if size is not None and not _is_number(size, 0, LONGEST_SIZE):
            raise invalid("Filter", size, "A size must be a number of bytes.")
    if None not in sizes and int(sizes[0] or 0) >= int(sizes[1] or 0):
        raise OssRefusal(
            "InvalidArgument", "ObjectSizeGreaterThan must be less than ObjectSizeLessThan.", ec=WRONG_SIZES
        )


def _check_times(rule: Element) -> None:
    """Refuse a rule that counts days in one place and names a day in another, and an action without a time."""
    for name in ACTIONS:
        for action in rule.findall(name):
            _check_time(action)
    for name in NONCURRENT:
        for action in rule.findall(name):
            _check_days(action.findtext("NoncurrentDays") or "")
    actions = [*rule.findall("Expiration"), *rule.findall("Transition")]
    kinds = {name == "Days" for action in actions for name in TIMES if action.find(name) is not None}
    if len(kinds) > 1:
        raise Refusal("InvalidRequest", "Days and dates cannot be mixed in one rule.")


def _check_time(action: Element) -> None:
    named = [name for name in TIMES if action.find(name) is not None]
    if len(named) > 1:
        raise OssRefusal("InvalidRequest", f"{' and '.join(named)} exclude each other.", ec=TWO_TIMES)
    if not named:
        if action.findtext("ExpiredObjectDeleteMarker") != "true":
            raise OssRefusal("MalformedXML", f"{action.tag} needs Days or CreatedBeforeDate.", ec=NO_TIME)
        return
    value = action.findtext(named[0]) or ""
    if named[0] == "Days":
        _check_days(value)
        return
    try:
        at = times.from_iso(value)
    except ValueError:
        at = -1.0
    if at < 0 or at % 86400:
        raise invalid(named[0], value, "The date must be a midnight in UTC, like 2026-11-21T00:00:00.000Z.")


def _check_days(days: str) -> None:
    if not _is_number(days, 1, LONGEST_DAYS):
        raise OssRefusal(
            "InvalidArgument",
            "Days must be a positive integer.",
            ec=WRONG_DAYS,
            details={"ArgumentName": "Days", "ArgumentValue": days},
        )


def _check_classes(rule: Element, move_name: str, end_name: str, days_name: str) -> None:
    """Refuse a rule that moves an object to a warmer class later, or after its expiration."""
    last = rule.findtext(f"{end_name}/{days_name}")
    moves: list[tuple[int, int]] = []
    for move in rule.findall(move_name):
        name = move.findtext("StorageClass") or ""
        if name not in COLDER or name not in names.STORAGE_CLASSES:
            raise invalid("StorageClass", name, f"StorageClass must be one of {', '.join(COLDER)}.")
        if (days := move.findtext(days_name)) is not None:
            moves.append((COLDER.index(name), int(days)))
    if last is not None and any(days >= int(last) for _, days in moves):
        raise invalid(days_name, last, "An object must expire later than it moves to another storage class.")
    ordered = [days for _, days in sorted(moves)]
    if any(sooner >= later for sooner, later in pairwise(ordered)):
        raise invalid(days_name, str(ordered[-1]), "An object must move to a colder storage class later.")


def _check_overlap(rules: list[Element], action: str) -> None:
    """Refuse two rules with the action of which one covers the other's prefix. The vendor has this message.

    https://help.aliyun.com/document_detail/31863.html says that rules about parts may not overlap.
    """
    active = [rule for rule in rules if rule.find(action) is not None and rule.find("Tag") is None]
    prefixes = sorted(rule.findtext("Prefix") or "" for rule in active)
    if any(longer.startswith(shorter) for shorter, longer in pairwise(prefixes)):
        raise Refusal("InvalidArgument", f"Overlap for same action type {action}")


def _is_number(text: str, least: int, longest: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= longest and int(text) >= least
