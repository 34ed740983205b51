"""Loads the project with one of the faults of tests/planted/ in it. Nothing of the project may be loaded before."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from tests.faults import HERE, ROOMS, changed


class _Changed(SourceFileLoader):
    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self._text = text

    def get_code(self, fullname: str) -> CodeType:
        code = compile(self._text, self.path, "exec", dont_inherit=True)
        return code


class _Finder(MetaPathFinder):
    """Finds one module with a changed text, and leaves all others to the finders behind it."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text = str(path), text

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path)
        if spec is None or spec.origin != self._path:
            return None
        spec.loader = _Changed(fullname, self._path, self._text)
        return spec


def plant(name: str) -> None:
    """Load the module that the fault changes with its change. ValueError: there is no such fault."""
    if any(module.startswith("imagelabels.usecases") for module in sys.modules):
        raise RuntimeError("a fault must be planted before the use cases are loaded")
    fault = next((fault for room in ROOMS for fault in room.FAULTS if fault.name == name), None)
    if fault is None:
        raise ValueError(f"no fault is called {name}")
    path, text = changed(fault, HERE)
    sys.meta_path.insert(0, _Finder(path, text))
