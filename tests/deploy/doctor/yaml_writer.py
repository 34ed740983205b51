"""This module writes a value as YAML in a random one of the forms that mean the same."""

import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml

PLAIN = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./${}-:")
FLOW = set("{}[],")


def written(value: Any, rng: random.Random) -> str:
    """Return a document, with comments, empty lines, and long or short forms of functions."""
    return "\n".join(["# This file was written by a machine.", *_Writer(rng).block(value, 0), ""])


class _Writer:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def block(self, value: Any, depth: int) -> Iterator[str]:
        """Yield the lines of a mapping or list."""
        indent = " " * depth
        for name, inner in value.items() if isinstance(value, dict) else ((None, inner) for inner in value):
            if self._rng.random() < 0.05:
                yield self._rng.choice(["", f"{indent}# a note: [not, a, list]"])
            begin = f"{indent}-" if name is None else f"{indent}{self._scalar(name, flow=False)}:"
            if self._goes_below(inner):
                yield begin
                yield from self.block(inner, depth + 2 + 2 * self._rng.randrange(2))
            else:
                yield f"{begin} {self.flow(inner, False)}{self._rng.choice(['', '', '', ' # why not'])}"

    def flow(self, value: Any, inside: bool = True) -> str:
        """Return a value in one line."""
        if tag := self._short(value):
            return tag
        if isinstance(value, dict):
            members = (f"{self._scalar(name, True)}: {self.flow(inner)}" for name, inner in value.items())
            return f"{{{', '.join(members)}}}"
        if isinstance(value, list):
            return f"[{', '.join(self.flow(inner) for inner in value)}]"
        return self._scalar(value, inside)

    def _goes_below(self, value: Any) -> bool:
        if not isinstance(value, (dict, list)) or not value:
            return False
        is_call = isinstance(value, dict) and any(name == "Ref" or name.startswith("Fn::") for name in value)
        return not is_call and self._rng.random() < 0.85

    def _short(self, value: Any) -> str:
        """Return the short form of a function's call; nothing for the long form, and for other values."""
        if not isinstance(value, dict) or len(value) != 1:
            return ""
        ((name, argument),) = value.items()
        if not (name == "Ref" or name.startswith("Fn::")) or self._rng.random() < 0.4:
            return ""
        return f"!{name.removeprefix('Fn::')} {self.flow(argument)}"

    def _scalar(self, value: Any, flow: bool) -> str:
        if value is None or isinstance(value, (bool, int, float)):
            return json.dumps(value)
        forms = [json.dumps(value), "'" + value.replace("'", "''") + "'"]
        if "\n" in value or not value.isprintable():
            forms = forms[:1]
        if _is_plain(value, flow):
            forms += [value] * 4
        return str(self._rng.choice(forms))


@cache
def _is_plain(text: str, flow: bool) -> bool:
    """Return whether a text stands for itself without quotes."""
    if not text or set(text) - PLAIN or (flow and set(text) & FLOW) or text[0] in "-:{}$." or text.endswith(":"):
        return False
    try:
        return bool(yaml.safe_load(text) == text)
    except yaml.YAMLError:
        return False
