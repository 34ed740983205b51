"""The words of the page in the language of its reader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup, escape

from imagelabels.domain.moments import moment
from imagelabels.domain.taxonomy import Taxonomy

LANGUAGES = ("en", "zh-Hans")

_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@lru_cache(maxsize=1)
def strings() -> Mapping[str, tuple[str, str]]:
    """Return every text of the page in English and Chinese."""
    read = json.loads(Path(__file__).with_name("strings.json").read_bytes())
    return {name: (texts[0], texts[1]) for name, texts in read.items()}


@dataclass(frozen=True, slots=True)
class Text:
    """Writes texts, names of labels, numbers and times in one language."""

    language: str
    taxonomy: Taxonomy

    @property
    def other(self) -> str:
        """The other language."""
        return LANGUAGES[1 - self._place]

    @property
    def _place(self) -> int:
        return LANGUAGES.index(self.language)

    def t(self, name: str, *values: object) -> str:
        """Return a text with values in its places."""
        text = strings()[name][self._place]
        return text.format(*values) if values else text

    def isolated(self, name: str, *values: object) -> Markup:
        """Return a text for a view with values that people wrote. One in a script from right to left does not change
        the order of the words around it."""
        return escape(self.t(name)).format(*(Markup("<bdi>{}</bdi>").format(value) for value in values))

    def count(self, number: int) -> str:
        """Say how many pictures there are."""
        return self.t("one_picture") if number == 1 else self.t("n_pictures", f"{number:,}")

    def seconds(self, number: int) -> str:
        """Say how long something takes."""
        return self.t("one_second") if number == 1 else self.t("n_seconds", number)

    def name(self, label_id: str, given: str = "") -> str:
        """Return a label's name. `given` is its name in a row, which a vendor's word has."""
        return self.taxonomy.name(label_id, self.language) or given or label_id.partition(":")[2] or label_id

    def reason(self, reason: str) -> str:
        """Say why a picture has no labels; a reason that a newer version wrote stands as it is."""
        return self.t(f"reason_{reason}") if f"reason_{reason}" in strings() else reason

    def state(self, state: str) -> str:
        """Name what became of a picture."""
        return self.t(state) if state in strings() else state

    def day(self, day: date, year: bool = True) -> str:
        """Write a day."""
        if self._place:
            return f"{day.year}年{day.month}月{day.day}日" if year else f"{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]}{f' {day.year}' if year else ''}"

    def month(self, day: date) -> str:
        """Write the month of a day."""
        return f"{day.year}年{day.month}月" if self._place else f"{_MONTHS[day.month - 1]} {day.year}"

    def span(self, first: date, last: date, month: bool = False) -> str:
        """Write a span of days."""
        first, last = sorted((first, last))
        if month:
            return self.month(first)
        if first == last:
            weekday = "一二三四五六日"[first.weekday()] if self._place else _WEEKDAYS[first.weekday()]
            return f"{self.day(first)} 周{weekday}" if self._place else f"{weekday}, {self.day(first)}"
        if self._place:
            return f"{self.day(first)}至{self.day(last, first.year != last.year)}"
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day}–{self.day(last)}"
        return f"{self.day(first, first.year != last.year)} – {self.day(last)}"

    def clock(self, milliseconds: int) -> str:
        """Write a moment, in milliseconds since 1970, in UTC."""
        when = moment(milliseconds)
        return f"{self.day(when)}{'' if self._place else ','} {when:%H:%M} UTC"

    def size(self, size: int) -> str:
        """Write a number of bytes. The space does not let a line end before the unit."""
        return f"{size / 1048576:.1f}\u00a0MB" if size > 900_000 else f"{max(1, size // 1024)}\u00a0kB"


def language_wished(cookie: str, accepted: str) -> str:
    """Choose the language: the one that the reader has chosen, else the one that the browser wishes most."""
    if cookie in LANGUAGES:
        return cookie
    wishes = sorted((_wish(part, place) for place, part in enumerate(accepted[:1000].split(","))), reverse=True)
    known = (tag for weight, _, tag in wishes if weight and tag.startswith(("en", "zh")))
    return "zh-Hans" if next(known, "en").startswith("zh") else "en"


def _wish(part: str, place: int) -> tuple[float, int, str]:
    tag, _, weight = part.partition(";q=")
    try:
        return float(weight or 1), -place, tag.strip().lower()
    except ValueError:
        return 0.0, -place, ""
