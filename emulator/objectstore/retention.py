"""Versions of objects that must be kept until a moment, or as long as somebody holds them.

https://www.alibabacloud.com/help/en/oss/user-guide/object-level-retention-policy-object-worm. What is set is kept with
the headers of the version, so that reads show it. Only the removal of the version itself is refused: a delete marker
may hide it.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.core.refusal import Refusal
from emulator.objectstore import times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext

SETTING, ROOT = "objectWorm", "ObjectWormConfiguration"
DAY = 86400
MODE, UNTIL, HOLD, BYPASS = "mode", "retain-until-date", "legal-hold", "bypass-governance-retention"
GOVERNANCE, COMPLIANCE, ON, OFF = "GOVERNANCE", "COMPLIANCE", "ON", "OFF"


def header(context: StoreContext, name: str) -> str:
    return f"{context.dialect.headers}object-worm-{name}"


def retained(context: StoreContext, call: Call | None, headers: Mapping[str, str]) -> bool:
    """Tell whether the time of the version has not come. A call that says so may pass over the mode GOVERNANCE."""
    if headers.get(header(context, UNTIL), "") <= times.iso(context.clock()):
        return False
    bypassed = call is not None and call.header(f"{context.dialect.headers}{BYPASS}").lower() == "true"
    return headers.get(header(context, MODE)) == COMPLIANCE or not bypassed


def must_stay(context: StoreContext, call: Call | None, headers: Mapping[str, str]) -> bool:
    """Tell whether somebody holds the version, or retains it. There is no `call` where a rule would remove it."""
    return headers.get(header(context, HOLD)) == ON or retained(context, call, headers)


# Unproven year-of-retention: A year of a default retention has 365 days.
# Why: no page says how a year is counted.
# Ask: in a bucket with a default retention of 1 year, put an object and HEAD it: x-oss-object-worm-retain-until-date.
def default(context: StoreContext, bucket: str) -> dict[str, str]:
    """Return the headers of the retention that a new object of the bucket gets, if the bucket has such a rule."""
    kept = context.store.settings.get(bucket, SETTING)
    rule = xml.parse(kept.encode(), ROOT).find("Rule/DefaultRetention") if kept else None
    if rule is None:
        return {}
    days = int(rule.findtext("Days") or 0) or int(rule.findtext("Years") or 0) * 365
    until = times.iso(context.clock() + days * DAY)
    return {header(context, MODE): rule.findtext("Mode") or COMPLIANCE, header(context, UNTIL): until}


# Unproven code-of-kept-version: The removal of a version that must be kept is refused with FileImmutable.
# Why: no page names the code. It is that of a bucket whose retention policy keeps its objects.
# Ask: DELETE a version with a retention: status, code and EC. The version stays until its time has come.
def check(context: StoreContext, call: Call, key: str, version: str) -> None:
    """Refuse to remove a version that must be kept."""
    stored = context.store.version(call.bucket, key, version) if version else None
    if stored is not None and not stored.marker and must_stay(context, call, stored.headers):
        raise Refusal("FileImmutable", details={"Key": key, "VersionId": version})


def without(context: StoreContext, headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers without those of retention, which a copy does not take over."""
    own = {header(context, name) for name in (MODE, UNTIL, HOLD)}
    return {name: value for name, value in headers.items() if name not in own}
