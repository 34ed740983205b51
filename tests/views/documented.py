"""Reads the tables of docs/formats.md, and compares what the code writes with them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_LINK = re.compile(r"(list of )?\[[a-z ]+\]\(#([a-z-]+)\)")

Fields = dict[str, tuple[str, ...]]
"""The kinds that each field of a form may be of."""


def tables() -> dict[str, Fields]:
    """The fields of each form of the page, by the anchor of its heading."""
    forms: dict[str, Fields] = {}
    for section in re.split(r"^##+ ", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        heading, _, text = section.partition("\n")
        rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]*)\| ([^|]*)\|$", text, re.MULTILINE)
        if rows and "| field | type | unit | meaning |" in text:
            forms[heading.lower().replace(" ", "-")] = {name: tuple(kinds.split(" or ")) for name, kinds, _, _ in rows}
    return forms


@dataclass
class Comparison:
    """What was written, against the tables: what contradicts them, and which of their kinds were seen."""

    forms: dict[str, Fields]
    seen: defaultdict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    wrong: list[str] = field(default_factory=list)

    def take(self, form: str, written: dict[str, Any]) -> None:
        """An object that was written as this form, with all that is in it."""
        documented = self.forms[form]
        self.wrong += [f"{form}: {name} is not on the page" for name in written if name not in documented]
        for name, kinds in documented.items():
            kind = next((kind for kind in kinds if self._fits(kind, name in written, written.get(name))), None)
            if kind is None:
                self.wrong.append(f"{form}: {name} is {written.get(name, 'absent')!r}, not {' or '.join(kinds)}")
            else:
                self.seen[form, name].add(kind)

    def unseen(self) -> Iterator[str]:
        """What the page tells of and nothing that was written has."""
        for form, fields in self.forms.items():
            for name, kinds in fields.items():
                yield from (f"{form}: {name}: {kind}" for kind in kinds if kind not in self.seen[form, name])

    def _fits(self, kind: str, there: bool, value: Any) -> bool:
        if not there or kind == "absent":
            return not there and kind == "absent"
        if (link := _LINK.fullmatch(kind)) is not None:
            return self._fits_form(link[2], value, bool(link[1]))
        return _fits_plain(kind, value)

    def _fits_form(self, form: str, value: Any, is_list: bool) -> bool:
        form = next(name for name in (form, form.removesuffix("s")) if name in self.forms)
        objects = value if is_list else [value]
        if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
            return False
        for one in objects:
            self.take(form, one)
        return True


def _fits_plain(kind: str, value: Any) -> bool:
    if kind.startswith("map of "):
        return isinstance(value, dict) and all(_fits_plain(kind[7:-1], one) for one in value.values())
    if kind.startswith("list of ") or kind == "lists of string":
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return {
        "null": value is None,
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, (int, float)) and not isinstance(value, bool),
        "string": isinstance(value, str),
        "moment": isinstance(value, str) and _MOMENT.fullmatch(value) is not None,
    }[kind]
