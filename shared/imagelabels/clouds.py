"""The registry: which stores, detectors and indexes there are. It holds data; each provider's door describes itself.

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
from imagelabels.domain.model import ObjectHead, ObjectRef

if TYPE_CHECKING:
    from pydantic import BaseModel

    from imagelabels.ports import LabelDetector, LabelIndex, Ledger, ObjectStore, Shrinker

Recorded = Callable[[ObjectRef], "ObjectHead | None"]
"""What an earlier look saw of an object, where that is known."""


class Session(Protocol):
    """A cloud that is opened with its settings, and the keys of the event that is worked on."""

    def refresh(self, brought: Any, environ: Mapping[str, str]) -> None:
        """Take the keys of now. `brought` is what the event brought for its own cloud; None on the command line."""

    def objects(self, recorded: Recorded) -> ObjectStore:
        """The store. One that reads a whole file for a checksum asks `recorded` first."""

    def shrinker(self) -> Shrinker | None:
        """What makes small copies of pictures in the store; None for a store that makes none."""


@dataclass(frozen=True, slots=True)
class Store:
    """Where objects are."""

    scheme: str
    """Begins the URIs of its objects, as oss in oss://bucket/key."""
    title: str
    """What people call it."""
    detector: str
    """The name of the detector that reads it where no other is set."""
    needs: tuple[str, ...]
    """The environment variables that a command needs to open it, besides the function's own settings."""
    buckets: bool = True
    """False where URIs name a path and no bucket, as file:///photos/dog.jpg."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the settings ask of a detector. A vendor's detector looks at the floor alone."""

    floor: float
    """The least confidence of labels, 0..1."""
    model: Path | None = None
    recall: str = "standard"
    faces: bool = False


@dataclass(frozen=True, slots=True)
class Detector:
    """Who says what is in a picture."""

    name: str
    says: str
    """What the table of the settings tells of it."""
    threshold: float
    """Labels less sure than this are not written where no threshold is set, 0..1."""
    open: Callable[[Any, Asked], LabelDetector]
    """Its first argument is the session of the store that it reads, or of no store at all: None."""
    reads: str | None = None
    """The scheme of the one store that it reads; None where it reads any."""


@dataclass(frozen=True, slots=True)
class Extra:
    """What `pip install 'imagelabels[NAME]'` brings."""

    name: str
    modules: frozenset[str] = frozenset()
    """The top-level modules that it installs."""


@dataclass(frozen=True, slots=True)
class Provider:
    """What one folder below providers/ offers besides an index. A role that it does not have is left out."""

    name: str
    extra: Extra | None = None
    store: Store | None = None
    detectors: tuple[Detector, ...] = ()
    vocabularies: tuple[str, ...] = ()
    """What the ids of labels begin with that are called in the vendor's own words, as imm in `imm:露营`."""
    settings: Callable[[], type[BaseModel]] | None = None
    """Loads the model of what only this provider reads of the environment."""
    connect: Callable[[Any], Session] | None = None
    """Opens the store's session with the validated `settings` or None; the keys come with the first refresh."""
    code_folder: str | None = None
    """The environment variable in which the cloud's functions find the folder of their code, which does not last."""


class OpenedIndex(Protocol):
    """An index whose URL and settings are known. Each method connects when it is called."""

    def ledger(self) -> Ledger:
        """Rows, locks and answers. One that can hold files of this machine is a BulkLedger."""

    def label_index(self) -> LabelIndex:
        """Search over what the ledger writes."""

    def create(self) -> None:
        """Make what is missing; a second time it does nothing."""

    def migrate(self) -> int:
        """Bring it up to date, and give the number of rows that were written."""


@dataclass(frozen=True, slots=True)
class Index:
    """A kind of place where rows, locks and kept answers live."""

    scheme: str
    forms: tuple[str, ...]
    """How its URL is written."""
    pattern: str
    """A regular expression of its whole URL."""
    example: str
    says: str
    """What the table of the settings tells of it."""
    open: Callable[[str, Any, Mapping[str, str], Session | None], OpenedIndex]
    """Its arguments are the URL, the validated `settings` or None, the environment, and the function's session, of
    whatever cloud, or None on the command line: an index of the same cloud takes the session's keys."""
    title: str
    """What people call it, with its article."""
    extra: Extra | None = None
    settings: Callable[[], type[BaseModel]] | None = None
    """Loads the model of what the index reads of the environment. It may be the model of a provider."""
    own_files: Callable[[str], tuple[str, ...]] | None = None
    """The files of this machine that the index at a URL is kept in. None: it cannot hold files of this machine."""


_added: list[Provider] = []
_added_indexes: list[Index] = []


@contextmanager
def registered(providers: Sequence[Provider] = (), indexes: Sequence[Index] = ()) -> Iterator[None]:
    """Let these count too for a while, which are in no folder below providers/."""
    before = list(_added), list(_added_indexes)
    _added.extend(providers)
    _added_indexes.extend(indexes)
    try:
        yield
    finally:
        _added[:], _added_indexes[:] = before


@lru_cache(maxsize=1)
def _doors() -> tuple[Any, ...]:
    """The providers' doors, in the order of their names. Importing one loads no SDK."""
    folders = sorted(entry.name for entry in files("imagelabels.providers").iterdir() if entry.is_dir())
    return tuple(importlib.import_module(f"imagelabels.providers.{name}") for name in folders if name[0].isalpha())


def providers() -> list[Provider]:
    """All of them; those with a store of buckets come first."""
    known = [door.PROVIDER for door in _doors() if hasattr(door, "PROVIDER")] + _added
    return sorted(known, key=lambda provider: provider.store is None or not provider.store.buckets)


def indexes() -> list[Index]:
    """All kinds of index."""
    return [door.INDEX for door in _doors() if hasattr(door, "INDEX")] + _added_indexes


def stores() -> list[Store]:
    """All stores; those with buckets come first."""
    return [provider.store for provider in providers() if provider.store is not None]


def files_store() -> Store:
    """The store of files of this machine."""
    return next(store for store in stores() if not store.buckets)


def provider_of(scheme: str) -> Provider:
    """The provider of a store; KeyError for a scheme that no store has."""
    return {provider.store.scheme: provider for provider in providers() if provider.store is not None}[scheme]


def detectors() -> dict[str, Detector]:
    """All detectors by name."""
    return {detector.name: detector for provider in providers() for detector in provider.detectors}


def readers() -> str:
    """A sentence that says which detectors read which store."""
    titles = {store.scheme: store.title for store in stores()}
    by_store: dict[str | None, list[str]] = {}
    for name, detector in detectors().items():
        by_store.setdefault(detector.reads, []).append(name)
    return ", ".join(
        f"{' and '.join(sorted(names))} {'read' if len(names) > 1 else 'reads'} {titles[reads] if reads else 'any'}"
        for reads, names in by_store.items()
    )


def vocabularies() -> tuple[str, ...]:
    """What the ids of labels in vendors' own words begin with."""
    return tuple(sorted({name for provider in providers() for name in provider.vocabularies}))


def settings_models() -> list[type[BaseModel]]:
    """The models of what providers and indexes read of the environment, each once."""
    loaders = [provider.settings for provider in providers()] + [index.settings for index in indexes()]
    return list(dict.fromkeys(load() for load in loaders if load is not None))


def extra_of(module: str) -> str | None:
    """The extra that installs a top-level module; None for a module that no entry names."""
    extras = [provider.extra for provider in providers()] + [index.extra for index in indexes()]
    return next((extra.name for extra in extras if extra is not None and module in extra.modules), None)


def sdk_modules() -> list[str]:
    """The top-level modules of all vendors' packages, whether or not they are installed."""
    extras = [provider.extra for provider in providers()] + [index.extra for index in indexes()]
    return sorted({module for extra in extras if extra is not None for module in extra.modules})


def code_folders(environ: Mapping[str, str]) -> list[str]:
    """The folders of the function's code, if this is a function: what is written there does not last."""
    names = (provider.code_folder for provider in providers() if provider.code_folder is not None)
    return [environ[name] for name in names if environ.get(name)]


def example(rest: str) -> str:
    """A URI in a bucket of the first store, for help and messages."""
    return f"{stores()[0].scheme}://{rest}"


def beginnings() -> str:
    """Beginnings of URIs, in a bucket and on this machine, in words."""
    return f"{example('bucket/path/')} or {files_store().scheme}:///home/me/photos/"


def pictures() -> str:
    """URIs of a picture, in a bucket and on this machine, in words."""
    return f"{example('bucket/path/picture.jpg')} or {files_store().scheme}:///home/me/picture.jpg"


def index_forms() -> str:
    """How the URL of an index is written, in words."""
    return alternatives([form for index in indexes() for form in index.forms])


def index_examples(of_files: bool = False) -> str:
    """A URL of each kind of index, in words; `of_files` leaves out those that cannot hold files of this machine."""
    return alternatives([index.example for index in indexes() if index.own_files is not None or not of_files])


def index_at(url: str | None) -> Index:
    """The kind of index that a URL names; Misconfigured for none and for what is no such URL."""
    if url is None:
        raise Misconfigured(f"IMAGELABELS_INDEX is not set: name the index, as {index_examples()}")
    for index in indexes():
        if re.fullmatch(index.pattern, url, re.DOTALL):
            return index
    raise Misconfigured(f"{url!r} is no index: use {index_forms()}")


def alternatives(words: Sequence[str]) -> str:
    """The words with commas between them, and `or` before the last."""
    return " or ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)
