"""This module says what a store gives to the contract suites, and finds the contract.py files of other folders."""

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
class StoreWorld:
    """A store as we see it, with the operations of its user and its clock."""

    objects: ObjectStore
    put: Callable[[str, bytes], None]
    tag: Callable[[str, Tags], None]
    delete: Callable[[str], None]
    now: Callable[[], float]
    """The store's clock, in seconds since 1970."""
    store: str = "oss"
    bucket: str = BUCKET
    missing: str = "no-such-bucket"

    def ref(self, key: str) -> ObjectRef:
        return ObjectRef(self.store, self.bucket, key)


def elsewhere(name: str) -> dict[str, Any]:
    """Return the entries with this name (WORLDS, LEDGERS, INDEXES or COMPARED) in the contract.py files."""
    root = Path(__file__).resolve().parents[1]
    modules = [
        importlib.import_module(f"tests.{path.parent.name}.contract") for path in sorted(root.glob("*/contract.py"))
    ]
    return {key: opened for module in modules for key, opened in getattr(module, name, {}).items()}
