"""Describes what a provider may offer: a store, detectors, function platforms, an index. Each role is data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from imagelabels.domain.model import DetectorTraits, ObjectHead, ObjectRef

if TYPE_CHECKING:
    from pydantic import BaseModel

    from imagelabels.ports import LabelDetector, LabelIndex, Ledger, ObjectStore, Shrinker
    from imagelabels.ports.albums import Albums
    from imagelabels.ports.changes import Changes
    from imagelabels.ports.failed_events import FailedEvents
    from imagelabels.ports.inventory import InventoryDialect
    from imagelabels.ports.invoker import Invoker
    from imagelabels.ports.thumbnails import Thumbnails
    from imagelabels.ports.tokens import Tokens
    from imagelabels.ports.webhooks import Webhooks

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
    check: Callable[[Any], None] | None = None
    """Asks for free, with the session of the store, whether the detector can be called with the settings. Misconfigured
    says why it cannot; where the question is not answered, it says nothing. Commands ask it before their first call."""
    price: str | None = None
    """The price of a call has this id in the file of prices; None if its calls cost nothing, or if nobody has
    looked up what they cost."""


class WriteEvent(Protocol):
    """Writes the event that tells a function that these objects have come, in the form of the store's own events."""

    def __call__(self, refs: Sequence[ObjectRef], request: str | None = None, /) -> bytes:
        """Return the event. It says that it comes from the request with this id, or from a new one; the ids of the
        history begin so. Misconfigured names an object that no event can name."""


@dataclass(frozen=True, slots=True)
class FunctionPlatform:
    """A function platform runs the functions that label the objects of the provider's store."""

    name: str
    """`imagelabels invoke --through` chooses it by this name."""
    function: str
    """People write a function of it so, as NAME or SERVICE/NAME."""
    says: str
    """What the help of `imagelabels invoke` tells of it."""
    open: Callable[[Any], Invoker]
    """Opens what invokes functions, with the session of the store."""
    event: WriteEvent
    failed_events: Callable[[Any, str], FailedEvents] | None = None
    """Opens the queue of that name, which gets the events whose last delivery failed, with the session of the store.
    None if no command can read such a queue."""


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
    platforms: tuple[FunctionPlatform, ...] = ()
    """The first one is taken unless another one is named."""
    vocabularies: tuple[str, ...] = ()
    """Labels that only the vendor has a word for have ids that begin so, as imm in `imm:露营`."""
    settings: Callable[[], type[BaseModel]] | None = None
    """Loads the model of the settings that only this provider reads."""
    connect: Callable[[Any], Session] | None = None
    """Opens the store's session with the validated `settings` or None; the keys come with the first refresh."""
    inventory: Callable[[], InventoryDialect] | None = None
    """Loads what reads inventories of the store's buckets."""
    thumbnails: Callable[[Any], Thumbnails] | None = None
    """Opens what makes small copies for people, or signs their addresses, with the session of the store."""
    code_folder: str | None = None
    """In this environment variable the cloud's functions find the folder of their code. Files in it do not last."""


class OpenedIndex(Protocol):
    """This is an index whose URL and settings are known. Each method connects when it is called."""

    def ledger(self) -> Ledger:
        """Return rows, locks and answers. An index that can hold files of this machine returns a BulkLedger."""

    def label_index(self) -> LabelIndex:
        """Return the search over what the ledger writes."""

    def albums(self) -> Albums:
        """Return the saved questions."""

    def tokens(self) -> Tokens:
        """Return the tokens that let people and programs into the HTTP API."""

    def changes(self) -> Changes:
        """Return what the ledger has changed."""

    def webhooks(self) -> Webhooks:
        """Return the webhooks, the messages that wait for their receivers, and what each receiver was told."""

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
    absolute: Callable[[str], str] = lambda url: url
    """Returns the URL that means the same index in every working folder."""
