"""The form of a rule: what it matches, and what it does. Everything here is a value, and nothing has an effect."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from emulator.faults import fields

MOST_RULES = 1000
"""A set has at most so many rules, since each request is compared with all of them."""
LARGEST_SEED = 2**63 - 1


class Kind(NamedTuple):
    """The fields that a kind of rule needs, and those that it may have."""

    needed: frozenset[str]
    known: frozenset[str]


def _kind(matching: frozenset[str], needed: str = "", optional: str = "") -> Kind:
    return Kind(frozenset(needed.split()), matching | set(needed.split()) | set(optional.split()))


CHOOSING = frozenset({"share", "after", "times"})
REQUESTS = CHOOSING | {"service", "operation", "bucket", "key", "from", "function"}
WORKERS = (REQUESTS - {"from"}) | {"at"}
EVENTS = CHOOSING | {"bucket", "key", "function", "event"}

OF_REQUESTS = {
    "error": _kind(REQUESTS, "code", "status body"),
    "slow": _kind(REQUESTS, "seconds", "when"),
    "cut_before": _kind(REQUESTS),
    "cut_after": _kind(REQUESTS),
    "cut_within": _kind(REQUESTS),
    "late": _kind(REQUESTS, "seconds", "reply signature"),
    "throttle": _kind(REQUESTS - {"share"}, "per_second", "code status body"),
}
OF_WORKERS = {
    "kill": _kind(WORKERS, "", "when"),
    "stop": _kind(WORKERS, "seconds", "when"),
    "expire": _kind(WORKERS),
}
OF_EVENTS = {
    "duplicate": _kind(EVENTS, "", "copies seconds"),
    "delay": _kind(EVENTS, "seconds"),
    "reorder": _kind(EVENTS, "", "events seconds"),
    "drop": _kind(EVENTS),
    "merge": _kind(EVENTS, "", "up_to seconds"),
}
LASTING = {
    "clock": _kind(frozenset({"function"}), "seconds"),
    "lag": _kind(frozenset(), "seconds"),
}
KINDS: Mapping[str, Kind] = {**OF_REQUESTS, **OF_WORKERS, **OF_EVENTS, **LASTING}
SECONDS = {"reorder": (10.0, 10.0), "merge": (1.0, 1.0)}
"""The seconds of a rule that does not say them. Those of other kinds are 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. Every text that may be a pattern is one, in which `*` stands for any text."""

    do: str
    service: str = "*"
    operation: str = "*"
    bucket: str = "*"
    key: str = "*"
    function: str = "*"
    event: str = "*"
    sender: str = "all"
    """It is `from` in JSON: all, clients or functions."""
    share: float = 1.0
    after: int = 0
    times: int | None = None
    at: int | None = None
    code: str = ""
    status: int | None = None
    body: bool = True
    seconds: tuple[float, float] = (0.0, 0.0)
    when: str = "before"
    reply: str = "cut"
    signature: str = "arrival"
    per_second: float = 0.0
    copies: int = 1
    events: int = 1
    up_to: int = 10
    given: Mapping[str, object] = field(default_factory=dict)
    """The rule as it was given."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules, in the order in which they are applied, and the seed from which they choose."""

    rules: tuple[Rule, ...] = ()
    seed: int = 0


def read(value: object, operations: Collection[str], seed: int | None = None) -> RuleSet:
    """Read a set of rules from JSON. ValueError says what is wrong with it.

    `operations` are those of all services, such as OSS GET object. A `seed` here stands before that of the JSON.
    """
    if not isinstance(value, dict):
        raise ValueError('faults are an object such as {"seed": 7, "rules": []}')
    if unknown := value.keys() - {"seed", "rules"}:
        raise ValueError(f"there is no field {min(unknown)}: known are seed, rules")
    rules = value.get("rules", [])
    if not isinstance(rules, list) or len(rules) > MOST_RULES:
        raise ValueError(f"rules takes a list of up to {MOST_RULES} rules")
    own = value.get("seed", 0)
    if not isinstance(own, int) or isinstance(own, bool) or not 0 <= own <= LARGEST_SEED:
        raise ValueError(f"seed takes a whole number from 0 to {LARGEST_SEED}")
    return RuleSet(
        tuple(_rule(number, rule, operations) for number, rule in enumerate(rules, 1)), own if seed is None else seed
    )


def _rule(number: int, value: object, operations: Collection[str]) -> Rule:
    try:
        return _checked(value, operations)
    except ValueError as error:
        raise ValueError(f"rule {number}: {error}") from None


def _checked(value: object, operations: Collection[str]) -> Rule:
    if not isinstance(value, dict):
        raise ValueError('a rule is an object such as {"do": "drop"}')
    do = value.get("do")
    if not isinstance(do, str) or do not in KINDS:
        raise ValueError(f"do takes {', '.join(KINDS)}")
    kind = KINDS[do]
    given = {name: part for name, part in value.items() if name != "do"}
    if unknown := given.keys() - kind.known:
        raise ValueError(f"{do} has no field {min(unknown)}: known are {', '.join(sorted(kind.known))}")
    if missing := kind.needed - given.keys():
        raise ValueError(f"{do} needs the field {min(missing)}")
    read_fields: dict[str, Any] = {name: _field(do, name, part) for name, part in given.items()}
    if "from" in read_fields:
        read_fields["sender"] = read_fields.pop("from")
    rule = Rule(do=do, given=value, **{"seconds": SECONDS.get(do, (0.0, 0.0)), **read_fields})
    _check_operation(rule, operations)
    return rule


def _field(do: str, name: str, value: object) -> object:
    try:
        return fields.offset(value) if (do, name) == ("clock", "seconds") else fields.READERS[name](value)
    except ValueError as error:
        raise ValueError(f"{name} {error}, not {str(value)[:100]!r}") from None


def _check_operation(rule: Rule, operations: Collection[str]) -> None:
    """Refuse a service or an operation that no request can have, since such a rule would never do anything."""
    pairs = [(service.lower(), name) for service, _, name in (each.partition(" ") for each in sorted(operations))]
    services = sorted({service for service, _ in pairs})
    if rule.service != "*" and rule.service.lower() not in services:
        raise ValueError(f"there is no service {rule.service[:100]!r}: known are {', '.join(services)}")
    names = sorted({name for service, name in pairs if rule.service.lower() in ("*", service)})
    if rule.operation != "*" and not any(matches(rule.operation, name) for name in names):
        raise ValueError(f"there is no operation {rule.operation[:100]!r}: known are {', '.join(names)}")


def matches(pattern: str, text: str) -> bool:
    """Tell whether the text has the form of the pattern. This takes time that grows with both lengths only."""
    if pattern == "*":  # Most fields of a rule are left out, and each request asks every rule.
        return True
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == text
    *middle, last = rest
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        if (at := text.find(part, at, end)) < 0:
            return False
        at += len(part)
    return True
