"""What a question consists of: requests as data, so that a plan can show them all before the first of them is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

REQUEST = Decimal("0.0005")
PICTURE = Decimal("0.01")
LABELS = Decimal("0.05")
ARCHIVE = Decimal("0.05")
"""What one request of each kind costs at most, in CNY. Not all prices could be read, so these bounds are far above
those that could (docs/costs.md)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One request. Query, headers and body may name what earlier steps kept, as $name, and $source and $folder."""

    method: str
    key: str | None
    """The key of the object below the folder of the question. None is the bucket itself."""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    see: tuple[str, ...] = ()
    """The facts that are compared besides the status and the code of an error; facts.py lists their forms."""
    keep: Mapping[str, str] = field(default_factory=dict)
    """The names under which later steps get facts of this answer."""
    price: Decimal = REQUEST

    @property
    def writes(self) -> bool:
        """Whether it may make something that must be cleaned up."""
        return self.method not in ("GET", "HEAD")

    def shown(self) -> str:
        """Return the request as the plan shows it, without the folder of the question."""
        query = "&".join(f"{name}={_short(value)}" if value else name for name, value in self.query.items())
        head = f"{self.method} {self.key or ''}" + (f"?{query}" if query else "")
        headers = "".join(f"  {name}: {value}" for name, value in self.headers.items())
        return head + headers + (f"  ({len(self.body)} bytes)" if self.body else "")


@dataclass(frozen=True, slots=True)
class Question:
    """Requests whose answers are compared. `settles` names the marks in the code that they settle."""

    name: str
    cloud: str
    says: str
    steps: tuple[Step, ...]
    settles: tuple[str, ...] = ()
    throwaway: bool = False
    """Whether it reads or changes the settings of a bucket, and so is sent to a throwaway bucket only."""

    @property
    def price(self) -> Decimal:
        return sum((step.price for step in self.steps), Decimal(0))

    @property
    def cleaning(self) -> int:
        """The most requests that remove what the question leaves behind. With versions each write leaves something."""
        return sum(step.writes for step in self.steps)

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(f"{self.name}/{step.key}" for step in self.steps if step.key is not None)


def _short(value: str) -> str:
    return value if len(value) <= 60 else f"{value[:40]}... ({len(value)} characters)"
