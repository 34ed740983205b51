"""What a writer knows of its part of a store: what is there, and what may be there after a write that got no answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Version:
    """One version of an object. Without a body it is a delete marker.

    An empty `id` or `etag` is one that the writer does not know, because the answer that tells it never came.
    """

    body: bytes | None
    etag: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    id: str = ""

    def fits(self, seen: Version) -> bool:
        return (
            (self.body, self.tags) == (seen.body, seen.tags)
            and self.etag in ("", seen.etag)
            and self.id in ("", seen.id)
        )


@dataclass(frozen=True)
class Upload:
    """An upload in parts: the ETags of its parts by number. An empty `id` is one that the writer does not know."""

    key: str
    parts: Mapping[int, str] = field(default_factory=dict)
    id: str = ""

    def fits(self, seen: Upload) -> bool:
        return (self.key, self.parts) == (seen.key, seen.parts) and self.id in ("", seen.id)


@dataclass(frozen=True)
class State:
    """The versions of each key with the newest first, and the uploads that have not ended.

    Lists of the vendors have delete markers apart. So those that are not the newest come behind all other versions.
    """

    keys: Mapping[str, Sequence[Version]] = field(default_factory=dict)
    uploads: Sequence[Upload] = ()

    def of(self, key: str) -> Sequence[Version]:
        return self.keys.get(key, ())

    def current(self, key: str) -> Version | None:
        """Return the object of the key, if there is one."""
        newest = self.of(key)[:1]
        return newest[0] if newest and newest[0].body is not None else None

    def having(self, key: str, versions: Sequence[Version]) -> State:
        """Return the state with these versions of the key."""
        rest = {name: kept for name, kept in self.keys.items() if name != key}
        ordered = [*versions[:1], *sorted(versions[1:], key=lambda version: version.body is None)]
        return replace(self, keys=rest | {key: tuple(ordered)} if ordered else rest)

    def uploading(self, *uploads: Upload) -> State:
        """Return the state with these uploads."""
        return replace(self, uploads=tuple(uploads))

    def fits(self, seen: State) -> bool:
        """Tell whether the store may hold this state if `seen` is what it shows."""
        if self.keys.keys() != seen.keys.keys() or len(self.uploads) != len(seen.uploads):
            return False
        return all(
            len(versions) == len(seen.keys[key])
            and all(version.fits(other) for version, other in zip(versions, seen.keys[key], strict=True))
            for key, versions in self.keys.items()
        ) and all(any(upload.fits(other) for other in seen.uploads) for upload in self.uploads)
