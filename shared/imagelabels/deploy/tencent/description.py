"""This module reads the description of a COS trigger, which is a text of JSON with an event and a filter.

https://cloud.tencent.com/document/product/583/39901 explains its members.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def event(trigger: Mapping[str, Any]) -> str:
    """Return the event of a trigger, or (none)."""
    name = _read(trigger).get("event")
    return name if isinstance(name, str) else "(none)"


def keys(trigger: Mapping[str, Any]) -> tuple[str, str]:
    """Return the prefix and the suffix of the keys that a trigger reports."""
    filters = _read(trigger).get("filter")
    members = filters if isinstance(filters, dict) else {}
    prefix, suffix = members.get("Prefix", ""), members.get("Suffix", "")
    return prefix if isinstance(prefix, str) else "", suffix if isinstance(suffix, str) else ""


def unknown(trigger: Mapping[str, Any]) -> list[str]:
    """Return the members of the filter that SCF does not know."""
    filters = _read(trigger).get("filter", {})
    return sorted(set(filters) - {"Prefix", "Suffix"}) if isinstance(filters, dict) else ["filter"]


def _read(trigger: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        read = json.loads(trigger.get("TriggerDesc", ""))
    except (ValueError, TypeError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
