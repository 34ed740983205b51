"""Holds what every operation of COS works with. That includes the gate, because a detect-url is signed too."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.objectstore.context import StoreContext
from emulator.tencent.cos.auth import CosGate


@dataclass(frozen=True, slots=True)
class CosContext(StoreContext):
    gate: CosGate
