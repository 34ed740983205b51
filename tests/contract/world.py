"""What a provider shows to the contract suites, and how the suites find those that are described elsewhere."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagelabels.domain.model import ObjectRef, Tags
from imagelabels.ports import ObjectStore

BUCKET = "photos"


@dataclass(frozen=True)
class World:
    """A store as we see it, what its user does to it, and its time."""

    objects: ObjectStore
    put: Callable[[str, bytes], None]
    tag: Callable[[str, Tags], None]
    delete: Callable[[str], None]
    now: Callable[[], float]
    """Seconds since the epoch, store clock."""
    store: str = "oss"
    bucket: str = BUCKET
    missing: str = "no-such-bucket"

    def ref(self, key: str) -> ObjectRef:
        return ObjectRef(self.store, self.bucket, key)


def elsewhere(name: str) -> dict[str, Any]:
    """The entries of WORLDS, LEDGERS, INDEXES or COMPARED in every contract.py of a folder beside this one."""
    root = Path(__file__).resolve().parents[1]
    modules = [
        importlib.import_module(f"tests.{path.parent.name}.contract") for path in sorted(root.glob("*/contract.py"))
    ]
    return {key: opened for module in modules for key, opened in getattr(module, name, {}).items()}
