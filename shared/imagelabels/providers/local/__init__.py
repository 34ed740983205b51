"""This is the door to files on this machine, a store without tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from imagelabels.clouds import Provider, Recorded, Store

if TYPE_CHECKING:
    from imagelabels.ports import ObjectStore
    from imagelabels.ports.thumbnails import Thumbnails


def open_objects(recorded: Recorded) -> ObjectStore:
    """Open the files of this machine as objects. `recorded` says what an earlier look saw of a file, where that is
    known: the checksum of a file that did not change since is then not taken again."""
    from imagelabels.providers.local.objects import LocalObjects

    return LocalObjects(recorded)


def open_thumbnails() -> Thumbnails:
    """Open what makes small copies of files of this machine."""
    from imagelabels.providers.local.thumbnails import LocalThumbnails

    return LocalThumbnails()


class LocalSession:
    """Files of this machine need no settings and no keys."""

    def refresh(self, brought: object, environ: Mapping[str, str]) -> None:
        """There is nothing to renew."""

    def objects(self, recorded: Recorded) -> ObjectStore:
        return open_objects(recorded)

    def shrinker(self) -> None:
        """Nothing but the detector makes small copies."""


PROVIDER = Provider(
    "local",
    store=Store("file", "files of this machine", "embedded", ("IMAGELABELS_INDEX",), buckets=False),
    connect=lambda _: LocalSession(),
    thumbnails=lambda _: open_thumbnails(),
)
