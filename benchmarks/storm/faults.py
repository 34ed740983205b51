"""What goes wrong in a storm: rules for the emulator, whose form docs/emulator/faults.md describes."""

from __future__ import annotations

from typing import Any

Rule = dict[str, Any]

STORES = ("oss", "cos")
SLOW, FAST = -240, 20
"""The clocks of two functions are wrong by so many seconds. Stores refuse a difference of 15 minutes.

Where a clock is fast by more than the lease of a lock (30 s), no signature of a tag write can end within the lease, so
every such delivery ends in `busy` until the clock is right.
"""
LATE = [0, 38]
"""A late write of tags lands after so many seconds. The lease of a lock is 30 s."""
SLEEP = [34, 46]
"""A stopped process goes on after so many seconds, when its lock is another's."""


def rules(level: str, profile: str, operations: int) -> list[Rule]:
    """Return the rules for a storm of so many operations: those of its profile, and those of its level."""
    return (_contended() if profile == "contended" else []) + _of_level(level, operations)


def _of_level(level: str, operations: int) -> list[Rule]:
    """Return the rules of a level.

    A kill costs half a minute, until the lease of the lock is over, and one in a paid call up to two minutes. So a
    short storm has one kill, which comes early and not in a paid call: the process dies when the tags are written and
    the row is not.
    """
    if level == "none":
        return []
    first: Rule = {"do": "kill", "operation": "PUT object?tagging", "when": "after", "after": 2, "times": 1}
    some = [first, *_kills(operations // 250, 0.03), *_bad_answers(0.01), *_deliveries(0.08)]
    if level == "some":
        return some
    return [
        first,
        *_kills(operations // 200, 0.05),
        *_stops(operations // 250),
        *_bad_answers(0.03),
        *_deliveries(0.15),
        *(
            _functions(service, do="late", operation="PUT object?tagging", share=0.05, seconds=LATE, signature="effect")
            for service in STORES
        ),
        {"do": "expire", "at": 4, "share": 0.02},
        {"do": "clock", "function": "oss_storm", "seconds": FAST},
        {"do": "clock", "function": "cos_storm", "seconds": SLOW},
        _functions("imm", do="throttle", operation="DetectImageLabels", per_second=5),
        {"do": "lag", "seconds": 3},
    ]


def _contended() -> list[Rule]:
    """Widen the gaps in which clients can come between two requests of a delivery.

    Events come twice at the same instant. Some writes of tags land when their delivery has given up, and most of the
    others, and the reads of rows, take so long that a client changes the object meanwhile.
    """
    tags = {"operation": "PUT object?tagging"}
    row = {"operation": "GetRow", "key": "imagelabels_images/*"}
    return [
        # The platform's retry comes later than the write on COS, and heals what it did. A version is told by its id.
        _functions("oss", **tags, bucket="storm", do="late", share=0.4, seconds=[2, 4.5], signature="effect"),
        *(_functions(service, **tags, do="slow", share=0.5, seconds=[0.4, 2]) for service in STORES),
        _functions("tablestore", **row, do="slow", share=0.5, seconds=[0.3, 1.5]),
        {"do": "duplicate", "share": 0.3, "copies": 1, "seconds": 0},
    ]


def _functions(service: str, **rule: Any) -> Rule:
    """Return a rule for the requests of functions. On COS they ask Tablestore with a key that is not temporary."""
    return {"service": service, "from": "all" if service == "tablestore" else "functions", **rule}


def _kills(times: int, share: float) -> list[Rule]:
    """Kill before the second, fifth, ... request of an invocation, and after the effect of a paid call."""
    if not times:
        return []
    early = [{"do": "kill", "at": at, "share": share, "times": times} for at in (2, 5, 7, 9, 11)]
    paid = {"do": "kill", "when": "after", "share": share, "times": times}
    return [*early, *({**paid, "service": service, "operation": operation} for service, operation in PAID)]


PAID = (("imm", "DetectImageLabels"), ("oss", "GET object?x-oss-process"), ("cos", "GET object?ci-process"))
"""The calls of detectors that are paid for."""


def _stops(times: int) -> list[Rule]:
    if not times:
        return []
    return [{"do": "stop", "at": at, "share": 0.03, "times": times, "seconds": SLEEP} for at in (4, 8, 10)]


def _bad_answers(share: float) -> list[Rule]:
    """Let every service be busy, slow and cut off now and then."""
    wrong: list[Rule] = []
    for service, code in (
        ("oss", "ServiceUnavailable"),
        ("cos", "ServiceUnavailable"),
        ("tablestore", "OTSServerBusy"),
    ):
        wrong.append(_functions(service, do="error", code=code, status=503, share=share))
    wrong.append(_functions("imm", do="error", code="Throttling.User", status=429, share=share))
    for service in (*STORES, "tablestore", "imm"):
        wrong += [_functions(service, do=do, share=share / 2) for do in ("cut_before", "cut_after", "cut_within")]
        wrong.append(_functions(service, do="slow", share=share, seconds=[0, 1.5]))
    return wrong


def _deliveries(share: float) -> list[Rule]:
    return [
        {"do": "duplicate", "share": share, "copies": 1, "seconds": [0, 8]},
        {"do": "delay", "share": share, "seconds": [0, 5]},
        {"do": "reorder", "share": share / 2, "events": 2, "seconds": 5},
        {"do": "merge", "share": share / 2, "up_to": 10, "seconds": 1},
    ]
