"""The registry knows which stores, detectors and indexes there are. Each provider's door describes itself in data.

A provider is a folder below providers/ whose `__init__.py` has `PROVIDER`, `INDEX` or both. The folders are listed when
somebody first asks, and importing one loads no SDK. docs/add-a-provider.md tells how to add one.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from imagelabels.domain.errors import Misconfigured
from imagelabels.roles import (
    Detector,
    DetectorOptions,
    Extra,
    FunctionPlatform,
    Index,
    OpenedIndex,
    Provider,
    Recorded,
    Session,
    Store,
)

if TYPE_CHECKING:
    from pydantic import BaseModel

    from imagelabels.ports.inventory import InventoryDialect

__all__ = [
    "Detector",
    "DetectorOptions",
    "Extra",
    "FunctionPlatform",
    "Index",
    "OpenedIndex",
    "Provider",
    "Recorded",
    "Session",
    "Store",
]
"""The doors of the providers import the roles from here."""

_added: list[Provider] = []
_added_indexes: list[Index] = []


@contextmanager
def registered(providers: Sequence[Provider] = (), indexes: Sequence[Index] = ()) -> Iterator[None]:
    """Add providers and indexes that are in no folder below providers/, for the time of a `with` block."""
    before = list(_added), list(_added_indexes)
    _added.extend(providers)
    _added_indexes.extend(indexes)
    try:
        yield
    finally:
        _added[:], _added_indexes[:] = before


@lru_cache(maxsize=1)
def _doors() -> tuple[Any, ...]:
    """Import the providers' doors, in the order of their names. Importing one loads no SDK."""
    folders = sorted(entry.name for entry in files("imagelabels.providers").iterdir() if entry.is_dir())
    return tuple(importlib.import_module(f"imagelabels.providers.{name}") for name in folders if name[0].isalpha())


def providers() -> list[Provider]:
    """List all providers; those with a store of buckets come first."""
    known = [door.PROVIDER for door in _doors() if hasattr(door, "PROVIDER")] + _added
    return sorted(known, key=lambda provider: provider.store is None or not provider.store.buckets)


def indexes() -> list[Index]:
    """List all kinds of index."""
    return [door.INDEX for door in _doors() if hasattr(door, "INDEX")] + _added_indexes


def stores() -> list[Store]:
    """List all stores; those with buckets come first."""
    return [provider.store for provider in providers() if provider.store is not None]


def files_store() -> Store:
    """Return the store of files of this machine."""
    return next(store for store in stores() if not store.buckets)


def provider_of(scheme: str) -> Provider:
    """Return the provider of a store; KeyError for a scheme that no store has."""
    return {provider.store.scheme: provider for provider in providers() if provider.store is not None}[scheme]


def detectors() -> dict[str, Detector]:
    """Return all detectors by name."""
    return {detector.name: detector for provider in providers() for detector in provider.detectors}


def platform_of(scheme: str, name: str | None = None) -> FunctionPlatform:
    """Return the function platform of that name for the objects of a store, else the store's first one.

    Misconfigured: the store's cloud runs no functions, or has no platform of that name.
    """
    provider = provider_of(scheme)
    if not provider.platforms:
        raise Misconfigured(
            f"no function labels {scheme}:// objects, so there is none to invoke: `imagelabels detect` labels files of "
            "this machine"
        )
    named = {platform.name: platform for platform in provider.platforms}
    if name is not None and name not in named:
        raise Misconfigured(f"no function behind {name} labels {scheme}:// objects: use {alternatives(list(named))}")
    return named[name or provider.platforms[0].name]


def platforms() -> dict[str, FunctionPlatform]:
    """Return all function platforms by name."""
    return {platform.name: platform for provider in providers() for platform in provider.platforms}


def inventory_of(scheme: str) -> InventoryDialect:
    """Return what reads inventories of a store's buckets; Misconfigured if the store has none that can be read."""
    load = provider_of(scheme).inventory
    if load is None:
        raise Misconfigured(f"no inventory of {scheme}:// can be read: leave it out, and the objects are listed")
    return load()


def wrong_detector(kind: Detector, store: Store) -> str:
    """Say that the detector that is set does not read the store, and what to do."""
    return (
        f"IMAGELABELS_DETECTOR: {kind.name} does not read {store.scheme}://. Leave the variable out for "
        f"{store.scheme}://, so that it is {store.detector}, or name one that does: {_readers()}"
    )


def _readers() -> str:
    """Say in a sentence which detectors read which store."""
    titles = {store.scheme: store.title for store in stores()}
    by_store: dict[str | None, list[str]] = {}
    for name, detector in detectors().items():
        by_store.setdefault(detector.reads, []).append(name)
    return ", ".join(
        f"{' and '.join(sorted(names))} {'read' if len(names) > 1 else 'reads'} {titles[reads] if reads else 'any'}"
        for reads, names in by_store.items()
    )


def vocabularies() -> tuple[str, ...]:
    """List the beginnings of the ids of labels that only a vendor has a word for."""
    return tuple(sorted({name for provider in providers() for name in provider.vocabularies}))


def settings_models() -> list[type[BaseModel]]:
    """List the models of the settings of all providers and indexes, each once."""
    loaders = [provider.settings for provider in providers()] + [index.settings for index in indexes()]
    return list(dict.fromkeys(load() for load in loaders if load is not None))


def extra_of(module: str) -> str | None:
    """Return the extra that installs a top-level module; None if no entry names the module."""
    extras = [provider.extra for provider in providers()] + [index.extra for index in indexes()]
    return next((extra.name for extra in extras if extra is not None and module in extra.modules), None)


def sdk_modules() -> list[str]:
    """The top-level modules of all vendors' packages, whether or not they are installed."""
    extras = [provider.extra for provider in providers()] + [index.extra for index in indexes()]
    return sorted({module for extra in extras if extra is not None for module in extra.modules})


def code_folders(environ: Mapping[str, str]) -> list[str]:
    """List the folders of the function's code, if this is a function. Files that are written there do not last."""
    names = (provider.code_folder for provider in providers() if provider.code_folder is not None)
    return [environ[name] for name in names if environ.get(name)]


def example(rest: str) -> str:
    """Return a URI in a bucket of the first store, for help and messages."""
    return f"{stores()[0].scheme}://{rest}"


def beginnings() -> str:
    """Write beginnings of URIs, in a bucket and on this machine, for help and messages."""
    return f"{example('bucket/path/')} or {files_store().scheme}:///home/me/photos/"


def pictures() -> str:
    """Write URIs of a picture, in a bucket and on this machine, for help and messages."""
    return f"{example('bucket/path/picture.jpg')} or {files_store().scheme}:///home/me/picture.jpg"


def index_forms() -> str:
    """Write how the URL of an index is written, for help and messages."""
    return alternatives([form for index in indexes() for form in index.forms])


def index_examples(of_files: bool = False) -> str:
    """Write a URL of each kind of index; `of_files` leaves out those that cannot hold files of this machine."""
    return alternatives([index.example for index in indexes() if index.own_files is not None or not of_files])


def index_at(url: str | None) -> Index:
    """Return the kind of index that a URL names; Misconfigured if there is no URL, or if no index has one of that
    form."""
    if url is None:
        raise Misconfigured(f"IMAGELABELS_INDEX is not set: name the index, as {index_examples()}")
    for index in indexes():
        if re.fullmatch(index.pattern, url, re.DOTALL):
            return index
    raise Misconfigured(f"{url!r} is no index: use {index_forms()}")


def alternatives(words: Sequence[str]) -> str:
    """Join words with commas, and the last one with `or`."""
    return " or ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)
