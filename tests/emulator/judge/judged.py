"""What a store is asked, and what it answers, in words that are the same for every vendor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a read, by ETags as `plain` writes them. An empty one is not sent."""

    match: str = ""
    none_match: str = ""

    def headers(self) -> dict[str, str]:
        pairs = {"If-Match": self.match, "If-None-Match": self.none_match}
        return {name: f'"{value}"' for name, value in pairs.items() if value}


@dataclass(slots=True)
class Names:
    """Stands in for ids that each store chooses: the first id that a store tells is 1, the second 2."""

    ids: list[str] = field(default_factory=list)

    def short(self, store_id: str | None) -> str | int | None:
        """Return the number of an id. `null` and none at all are the same in every store."""
        if store_id in (None, "", "null"):
            return store_id or None
        if store_id not in self.ids:
            self.ids.append(str(store_id))
        return self.ids.index(str(store_id)) + 1

    def long(self, number: int) -> str:
        """Return the id of a number; one that no store knows for a number that it has not told."""
        return self.ids[number - 1] if 0 < number <= len(self.ids) else "0" * 32


class Judged(Protocol):
    """One bucket of a store. `version` is the number of an id, 0 for none."""

    refusals: tuple[type[Exception], ...]

    def status(self, error: Exception) -> int: ...

    def put(self, key: str, body: bytes, kind: str, meta: str) -> Answer: ...

    def get(self, key: str, version: int, span: str, conditions: Conditions) -> Answer: ...

    def head(self, key: str, version: int) -> Answer: ...

    def copy(self, source: str, version: int, key: str, kind: str) -> Answer: ...

    def delete(self, key: str, version: int) -> Answer: ...

    def delete_many(self, keys: Sequence[str]) -> Answer: ...

    def list(self, prefix: str, delimiter: str, behind: str, most: int) -> Answer: ...

    def versions(self, prefix: str) -> Answer: ...

    def keep_versions(self) -> Answer: ...

    def put_tags(self, key: str, version: int, tags: Mapping[str, str]) -> Answer: ...

    def tags(self, key: str, version: int) -> Answer: ...

    def delete_tags(self, key: str, version: int) -> Answer: ...

    def begin(self, key: str, kind: str) -> Answer: ...

    def put_part(self, key: str, upload: int, number: int, body: bytes) -> Answer: ...

    def complete(self, key: str, upload: int, parts: Sequence[tuple[int, str]]) -> Answer: ...

    def abort(self, key: str, upload: int) -> Answer: ...

    def parts(self, key: str, upload: int) -> Answer: ...

    def uploads(self, prefix: str) -> Answer: ...


def told(store: Judged, call: Callable[..., Answer], *arguments: Any) -> Answer:
    """Return the answer to a call, or the status with which the store refuses it."""
    try:
        return call(*arguments)
    except store.refusals as error:
        return {"refused": store.status(error)}


def plain(etag: str | None) -> str:
    """Return an ETag without what the vendors write differently: its quotes and its case."""
    return (etag or "").strip('"').lower()
