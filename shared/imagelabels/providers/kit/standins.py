"""Stand-ins for modules that a vendor's SDK imports for features that we never use: they load in no time.

The SDKs import an asynchronous HTTP client and packages of cryptography before anything is asked of them. That takes a
third of a cold start. Their HTTP client, requests, imports what guesses the character set of a text that does not name
it. The services name theirs, so that is only loaded if somebody does ask for a guess.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class StandIn(ModuleType):
    """A module that has everything. What it has may be imported, inherited, caught and named in annotations."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Exception,), {"__module__": self.__name__})


class Deferred(ModuleType):
    """A module that is loaded when something of it is first used. Before that it only has a version."""

    def __init__(self, name: str, version: str) -> None:
        super().__init__(name)
        self.__version__ = version

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(__import__(self.__name__), name)


GUESSES = "charset_normalizer"
GUESSES_VERSION = "3.0.0"
"""Requests takes version 2 or 3: https://github.com/psf/requests/blob/main/src/requests/__init__.py."""
PREFERRED = "chardet"
"""Requests takes this module if there is one, as a platform may have it. It is slower to load."""


class _Finder(MetaPathFinder, Loader):
    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        stands_in = any(name == unused or name.startswith(f"{unused}.") for unused in self._names)
        return ModuleSpec(name, self, is_package=True) if stands_in else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


@contextmanager
def standing_in(*names: str) -> Iterator[None]:
    """Whoever imports one of these modules, or one below it, in this block gets a stand-in unless the real one is
    loaded.

    Whoever imports requests in it gets it without what guesses character sets. After the block everybody gets the real
    modules again. Open an SDK here before other threads import anything.
    """
    finder = _Finder([name for name in names if name not in sys.modules])
    guessing = {GUESSES: Deferred(GUESSES, GUESSES_VERSION), PREFERRED: None}
    deferred = {name: module for name, module in guessing.items() if name not in sys.modules}
    sys.meta_path.insert(0, finder)
    sys.modules.update(deferred)  # type: ignore[arg-type]  # None lets an import fail, as if there were no such module.
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name, module in sys.modules.copy().items():  # Another thread may import, or leave a block like this.
            if isinstance(module, StandIn) or name in deferred:
                sys.modules.pop(name, None)
                _forget(name)


def _forget(name: str) -> None:
    """Take the stand-in out of the real package that it is in, which would give it to others."""
    package, _, module = name.rpartition(".")
    parent = sys.modules.get(package)
    if parent is not None:
        vars(parent).pop(module, None)
