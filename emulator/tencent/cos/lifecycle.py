"""Reads and checks the rules of a bucket's lifecycle.

https://cloud.tencent.com/document/product/436/8280 and https://cloud.tencent.com/document/product/436/17029.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from emulator.core.refusal import Refusal
from emulator.objectstore import times
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.lifecycle_rules import Match, Move, Rule, When
from emulator.objectstore.refusals import invalid
from emulator.objectstore.settings import lower_case

COLDER = ("STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "ARCHIVE", "DEEP_ARCHIVE")
"""The storage classes in the order in which a rule may move objects: https://cloud.tencent.com/document/product/436/17028."""
MOST_RULES = 1000
LONGEST_ID = 255
MOST_DAYS = 3650
NUMBERS = {
    # An element with a number of days, and the least number that it takes.
    "Expiration/Days": 1,
    "Transition/Days": 0,
    "NoncurrentVersionExpiration/NoncurrentDays": 1,
    "NoncurrentVersionTransition/NoncurrentDays": 0,
    "AbortIncompleteMultipartUpload/DaysAfterInitiation": 1,
}


def read(tree: Element) -> list[Rule]:
    """Return the enabled rules of a document that was checked. ValueError if it was not, and cannot be understood."""
    return [_rule(rule) for rule in tree.findall("Rule") if rule.findtext("Status") == "Enabled"]


def _rule(rule: Element) -> Rule:
    expirations = [when for action in rule.findall("Expiration") if (when := _when(action)) is not None]
    noncurrent = rule.findtext("NoncurrentVersionExpiration/NoncurrentDays")
    abort = rule.findtext("AbortIncompleteMultipartUpload/DaysAfterInitiation")
    return Rule(
        match=_match(rule),
        expiration=expirations[0] if expirations else None,
        moves=_moves(rule, "Transition"),
        noncurrent_expiration=When(days=int(noncurrent)) if noncurrent is not None else None,
        noncurrent_moves=_moves(rule, "NoncurrentVersionTransition"),
        abort=When(days=int(abort)) if abort is not None else None,
        removes_markers=rule.findtext("Expiration/ExpiredObjectDeleteMarker") == "true",
    )


def _match(rule: Element) -> Match:
    """Read the filter: a prefix, a tag, or several of these in And. The oldest rules have a prefix without a filter."""
    prefix = rule.findtext("Prefix") or ""
    tags: dict[str, str] = {}
    for place in (rule.find("Filter"), rule.find("Filter/And")):
        if place is not None:
            prefix = place.findtext("Prefix") or prefix
            tags |= {tag.findtext("Key") or "": tag.findtext("Value") or "" for tag in place.findall("Tag")}
    return Match(prefix, tags)


def _when(action: Element) -> When | None:
    days, date = action.findtext("Days") or action.findtext("NoncurrentDays"), action.findtext("Date")
    if days is not None:
        return When(days=int(days))
    return When(date=times.from_iso(date)) if date is not None else None


def _moves(rule: Element, name: str) -> Sequence[Move]:
    due = [(_when(action), (action.findtext("StorageClass") or "").upper()) for action in rule.findall(name)]
    for _, storage_class in due:
        if storage_class not in COLDER:
            raise ValueError(f"no rule moves objects to {storage_class or 'no storage class'}")
    return [Move(when, storage_class) for when, storage_class in due if when is not None]


# Unproven codes-of-cos-lifecycle: COS refuses rules with InvalidArgument where their XML is well-formed.
# Why: no page has a code for a rule that is not taken.
# Ask: PUT ?lifecycle with two rules of the same ID, with 0 days, and with Days and Date in one action: status and code
#   of each.
def check(context: StoreContext, call: Call, tree: Element) -> None:
    """Raise the Refusal of rules that the vendor does not take."""
    rules = tree.findall("Rule")
    if not 1 <= len(rules) <= MOST_RULES or any(
        rule.findtext("Status") not in ("Enabled", "Disabled") for rule in rules
    ):
        raise Refusal("MalformedXML", f"A lifecycle has 1 to {MOST_RULES} rules, whose Status is Enabled or Disabled.")
    lower_case(tree, "ExpiredObjectDeleteMarker")
    ids = [rule.findtext("ID") for rule in rules if rule.findtext("ID")]
    if len(set(ids)) < len(ids) or any(len(name or "") > LONGEST_ID for name in ids):
        raise Refusal("InvalidArgument", f"Each rule has an ID of its own of {LONGEST_ID} characters at most.")
    for rule in rules:
        _check_numbers(rule)
        _check_dates(rule)
        _check_classes(rule)


def _check_numbers(rule: Element) -> None:
    for path, least in NUMBERS.items():
        for element in rule.findall(path):
            days = element.text or ""
            if not re.fullmatch("[0-9]{1,4}", days) or not least <= int(days) <= MOST_DAYS:
                raise invalid(path.rpartition("/")[2], days, f"{path} must be {least} to {MOST_DAYS}.")


def _check_dates(rule: Element) -> None:
    """Refuse dates that cannot be read, and days beside a date in one rule."""
    actions = [*rule.findall("Expiration"), *rule.findall("Transition")]
    for action in actions:
        if (date := action.findtext("Date")) is not None:
            try:
                times.from_iso(date)
            except ValueError:
                raise invalid("Date", date, "The date must be like 2026-11-21T00:00:00.000Z.") from None
    kinds = {name for action in actions for name in ("Days", "Date") if action.find(name) is not None}
    if len(kinds) > 1:
        raise Refusal("InvalidArgument", "Days and Date cannot be in one rule.")


def _check_classes(rule: Element) -> None:
    """Refuse a transition to a storage class to which no rule moves, or later than the expiration."""
    last = rule.findtext("Expiration/Days")
    for move in [*rule.findall("Transition"), *rule.findall("NoncurrentVersionTransition")]:
        name = (move.findtext("StorageClass") or "").upper()
        if name not in COLDER[1:]:
            raise invalid("StorageClass", name, f"StorageClass must be one of {', '.join(COLDER[1:])}.")
        days = move.findtext("Days")
        if last is not None and days is not None and int(days) >= int(last):
            raise invalid("Days", days, "An object must expire later than it moves to another storage class.")
