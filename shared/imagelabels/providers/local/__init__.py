"""The door to files on this machine: a store without tags, opened when it is asked for."""

from __future__ import annotations

from collections.abc import Callable

from imagelabels.domain.model import ObjectHead, ObjectRef
from imagelabels.ports import ObjectStore


def open_objects(recorded: Callable[[ObjectRef], ObjectHead | None]) -> ObjectStore:
    """Files of this machine as objects. `recorded` says what an earlier look saw of a file, where that is known: the
    checksum of a file that did not change since is then not taken again."""
    from imagelabels.providers.local.objects import LocalObjects

    return LocalObjects(recorded)
