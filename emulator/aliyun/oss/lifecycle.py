"""Reads the rules of a bucket's lifecycle: https://help.aliyun.com/en/oss/developer-reference/putbucketlifecycle."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from xml.etree.ElementTree import Element

from emulator.objectstore import times
from emulator.objectstore.lifecycle_rules import Match, Move, Rule, When

COLDER = ("IA", "Archive", "ColdArchive", "DeepColdArchive")
"""The storage classes to which a rule may move objects, in the order in which it may."""
SMALL_FILE = 64 * 1024
"""A transition that leaves small files alone is for objects of so many bytes or more."""


def read(tree: Element) -> list[Rule]:
    """Return the enabled rules of a document that was checked."""
    return [_rule(rule) for rule in tree.findall("Rule") if rule.findtext("Status") == "Enabled"]


def _rule(rule: Element) -> Rule:
    marker = rule.findtext("Expiration/ExpiredObjectDeleteMarker") == "true"
    return Rule(
        match=match(rule),
        exceptions=[match(other) for other in rule.findall("Filter/Not")],
        above=int(rule.findtext("Filter/ObjectSizeGreaterThan") or -1),
        below=float(rule.findtext("Filter/ObjectSizeLessThan") or math.inf),
        expiration=_first(rule, "Expiration", when),
        moves=_moves(rule, "Transition", when),
        noncurrent_expiration=_first(rule, "NoncurrentVersionExpiration", noncurrent),
        noncurrent_moves=_moves(rule, "NoncurrentVersionTransition", noncurrent),
        abort=_first(rule, "AbortMultipartUpload", when),
        removes_markers=marker,
    )


def match(element: Element) -> Match:
    """Read the prefix and the tags in an element."""
    tags = {tag.findtext("Key") or "": tag.findtext("Value") or "" for tag in element.findall("Tag")}
    return Match(element.findtext("Prefix") or "", tags)


def when(action: Element) -> When | None:
    """Read when an action is due. The page of the error 0014-00000056 says that Date is not taken; the SDKs send it."""
    if (days := action.findtext("Days")) is not None:
        return When(days=int(days))
    if (date := action.findtext("Date")) is not None:
        return When(date=times.from_iso(date))
    before = action.findtext("CreatedBeforeDate")
    return When(before=times.from_iso(before)) if before is not None else None


def noncurrent(action: Element) -> When | None:
    days = action.findtext("NoncurrentDays")
    return When(days=int(days)) if days is not None else None


def _first(rule: Element, name: str, read_when: Callable[[Element], When | None]) -> When | None:
    action = rule.find(name)
    return None if action is None else read_when(action)


def _moves(rule: Element, name: str, read_when: Callable[[Element], When | None]) -> Sequence[Move]:
    """Read the transitions. Those by the last access are not carried out, because no access is written down here."""
    moves = []
    for action in rule.findall(name):
        due = read_when(action)
        if due is not None and action.findtext("IsAccessTime") != "true":
            smallest = SMALL_FILE if action.findtext("AllowSmallFile") == "false" else 0
            moves.append(Move(due, action.findtext("StorageClass") or "", smallest))
    return moves
