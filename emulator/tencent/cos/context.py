"""What every handler has at hand; here that is also the gate, since a URL to be looked at is signed too."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.objectstore import context
from emulator.tencent.cos.auth import Gate


@dataclass(frozen=True, slots=True)
class Context(context.Context):
    gate: Gate
