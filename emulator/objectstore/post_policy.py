"""The policy of an HTML form: until when it is good, and what the fields of the form may be.

https://help.aliyun.com/en/oss/developer-reference/postobject, https://cloud.tencent.com/document/product/436/14690.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from emulator.core.refusal import Refusal
from emulator.objectstore.uploads import LARGEST

MODES = frozenset({"eq", "starts-with", "in", "not-in"})
RANGE = "content-length-range"
MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})?Z")


@dataclass(frozen=True, slots=True)
class Condition:
    mode: str
    field: str
    """The name of a field in lower case."""
    wanted: str | tuple[str, ...]
    """One text, or several for the modes in and not-in."""

    def holds(self, value: str) -> bool:
        if isinstance(self.wanted, tuple):
            return (value in self.wanted) == (self.mode == "in")
        return value == self.wanted if self.mode == "eq" else value.startswith(self.wanted)


@dataclass(frozen=True, slots=True)
class Policy:
    expires: float
    """The time is in seconds since the epoch."""
    conditions: Sequence[Condition]
    least: int = 0
    most: int = LARGEST
    """The file may have `least` to `most` bytes."""

    def check(self, fields: Mapping[str, str], now: float) -> None:
        """Raise the Refusal of a form that does not keep to the policy. A field that is missing counts as empty."""
        if now >= self.expires:
            raise Refusal("AccessDenied", "Invalid according to Policy: Policy expired.")
        for condition in self.conditions:
            if not condition.holds(fields.get(condition.field, "")):
                shown = json.dumps([condition.mode, f"${condition.field}", condition.wanted], ensure_ascii=False)
                raise Refusal("AccessDenied", f"Invalid according to Policy: Policy Condition failed: {shown}")

    def names(self) -> set[str]:
        """The fields to which a condition gives one value."""
        return {condition.field for condition in self.conditions if condition.mode == "eq"}


def decoded(field: str) -> bytes:
    """Return the text of a policy, which is base64 in the form."""
    try:
        return base64.b64decode("".join(field.split()).encode(), validate=True)
    except (binascii.Error, ValueError):
        raise _invalid("it is not base64") from None


def read(text: bytes, modes: frozenset[str]) -> Policy:
    """Return the policy in a document. `modes` are those of MODES that the vendor has."""
    try:
        # A dollar sign may be escaped, which JSON does not know: \$.
        document = json.loads(re.sub(r"\\(.)", _unescaped, text.decode(), flags=re.DOTALL))
    except (ValueError, RecursionError):
        raise _invalid("it is not JSON in UTF-8") from None
    if not isinstance(document, dict) or document.keys() != {"expiration", "conditions"}:
        raise _invalid("it must have expiration and conditions, and nothing else")
    rows = document["conditions"]
    if not isinstance(rows, list):
        raise _invalid("conditions must be a list")
    conditions: list[Condition] = []
    least, most = 0, LARGEST
    for row in rows:
        if isinstance(row, list) and row[:1] == [RANGE]:
            least, most = _range(row)
        else:
            conditions += _conditions(row, modes)
    return Policy(_moment(document["expiration"]), conditions, least, most)


def _unescaped(escape: re.Match[str]) -> str:
    return "$" if escape[1] == "$" else escape[0]


def _moment(value: Any) -> float:
    form = MOMENT.fullmatch(value) if isinstance(value, str) else None
    try:
        if form is not None:
            return datetime.fromisoformat(form[1]).replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        pass
    raise _invalid("expiration must be a moment such as 2026-12-01T12:00:00.000Z")


def _range(row: list[Any]) -> tuple[int, int]:
    if len(row) == 3 and all(type(number) is int and number >= 0 for number in row[1:]) and row[1] <= row[2]:
        return row[1], row[2]
    raise _invalid(f"{RANGE} takes two numbers of bytes, of which the first is not the larger one")


def _conditions(row: Any, modes: frozenset[str]) -> list[Condition]:
    if isinstance(row, dict) and row and all(isinstance(value, str) for value in row.values()):
        return [Condition("eq", name.lower(), value) for name, value in row.items()]
    if isinstance(row, list) and len(row) == 3 and row[0] in modes:
        mode, field, wanted = row
        if isinstance(field, str) and field.startswith("$"):
            if mode in ("in", "not-in") and isinstance(wanted, list) and all(isinstance(text, str) for text in wanted):
                return [Condition(mode, field[1:].lower(), tuple(wanted))]
            if mode in ("eq", "starts-with") and isinstance(wanted, str):
                return [Condition(mode, field[1:].lower(), wanted)]
    shown = json.dumps(row, ensure_ascii=False)[:200]
    raise _invalid(f"this is no condition: {shown}")


def _invalid(reason: str) -> Refusal:
    return Refusal("InvalidPolicyDocument", f"Invalid Policy: {reason}.")
