"""The registry knows which stores, detectors and indexes there are. Each provider's door describes itself in data.

A provider is a folder below providers/ whose `__init__.py` has `PROVIDER`, `INDEX` or both. The folders are listed when
somebody first asks, and importing one loads no SDK. docs/add-a-provider.md tells how to add one.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import DetectorTraits, ObjectHead, ObjectRef

if TYPE_CHECKING:
    from pydantic import BaseModel

    from imagelabels.ports import LabelDetector, LabelIndex, Ledger, ObjectStore, Shrinker

Recorded = Callable[[ObjectRef], "ObjectHead | None"]
"""It tells what an earlier look saw of an object, or None if nobody has looked."""


class Session(Protocol):
    """This is an opened cloud: it has its settings, and the keys of the event that is worked on."""

    def refresh(self, brought: Any, environ: Mapping[str, str]) -> None:
        """Take the present keys. `brought` is what the event brought for its own cloud; None on the command line."""

    def objects(self, recorded: Recorded) -> ObjectStore:
        """Return the store. One that must read a whole file for its checksum asks `recorded` first."""

    def shrinker(self) -> Shrinker | None:
        """Return what makes small copies of pictures in the store; None for a store that makes none."""


@dataclass(frozen=True, slots=True)
class Store:
    """A store holds objects."""

    scheme: str
    """The URIs of its objects begin with this word, as oss in oss://bucket/key."""
    title: str
    """People call it by this name."""
    detector: str
    """This detector reads it unless the settings name another one."""
    needs: tuple[str, ...]
    """A command needs these environment variables to open it, besides the function's own settings."""
    buckets: bool = True
    """It is False if URIs name a path and no bucket, as file:///photos/dog.jpg."""


@dataclass(frozen=True, slots=True)
class DetectorOptions:
    """The settings ask this of a detector. A vendor's detector looks at the floor alone."""

    floor: float
    """Labels have at least this confidence, 0..1."""
    model: Path | None = None
    recall: str = "standard"
    faces: bool = False


@dataclass(frozen=True, slots=True)
class Detector:
    """A detector says what is in a picture."""

    name: str
    says: str
    """What the table of the settings tells of it."""
    threshold: float
    """Labels with less confidence, 0..1, are not written unless the settings give another threshold."""
    open: Callable[[Any, DetectorOptions], LabelDetector]
    """Opens the detector. The first argument is the session of the store that it reads; None if it reads no store."""
    describe: Callable[[Any, DetectorOptions], DetectorTraits]
    """Says, for the same arguments, what the open detector would say of itself, and opens no client of its service.
    Commands that ask no detector must know which answers are its own."""
    reads: str | None = None
    """It reads the store with this scheme alone; None if it reads any store."""
    prepare: Callable[[DetectorOptions], None] | None = None
    """Makes what the detector needs on this machine and what is not there yet, and says so. Commands call it after
    `open`; functions never do, since their packages hold it all."""


@dataclass(frozen=True, slots=True)
class Extra:
    """An extra is what `pip install 'imagelabels[NAME]'` installs."""

    name: str
    modules: frozenset[str] = frozenset()
    """It installs these top-level modules."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider describes what one folder below providers/ offers besides an index. Roles that it lacks are left
    out."""

    name: str
    extra: Extra | None = None
    store: Store | None = None
    detectors: tuple[Detector, ...] = ()
    vocabularies: tuple[str, ...] = ()
    """Labels that only the vendor has a word for have ids that begin so, as imm in `imm:露营`."""
    settings: Callable[[], type[BaseModel]] | None = None
    """Loads the model of the settings that only this provider reads."""
    connect: Callable[[Any], Session] | None = None
    """Opens the store's session with the validated `settings` or None; the keys come with the first refresh."""
    code_folder: str | None = None
    """In this environment variable the cloud's functions find the folder of their code. Files in it do not last."""


class OpenedIndex(Protocol):
    """This is an index whose URL and settings are known. Each method connects when it is called."""

    def ledger(self) -> Ledger:
        """Return rows, locks and answers. An index that can hold files of this machine returns a BulkLedger."""

    def label_index(self) -> LabelIndex:
        """Return the search over what the ledger writes."""

    def create(self) -> None:
        """Make what is missing of the index. A second call does nothing."""

    def migrate(self) -> int:
        """Bring the index up to date, and return how many rows were written."""


@dataclass(frozen=True, slots=True)
class Index:
    """An index is a kind of place where rows, locks and kept answers live."""

    scheme: str
    forms: tuple[str, ...]
    """Its URL is written in these forms."""
    pattern: str
    """This regular expression matches its whole URL."""
    example: str
    says: str
    """What the table of the settings tells of it."""
    open: Callable[[str, Any, Mapping[str, str], Session | None], OpenedIndex]
    """Opens an index. It takes the URL, the validated `settings` or None, the environment, and the function's session,
    of whatever cloud, or None on the command line. An index of the same cloud takes the session's keys."""
    title: str
    """People call it by this name, which has its article."""
    extra: Extra | None = None
    settings: Callable[[], type[BaseModel]] | None = None
    """Loads the model of the settings that the index reads. It may be the model of a provider."""
    own_files: Callable[[str], tuple[str, ...]] | None = None
    """Tells in which files of this machine the index at a URL is kept. None if it cannot hold files of this machine."""


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


def readers() -> str:
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
