"""Builds what commands on this machine work with: indexes, the words that people type, and files with their labels."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast

from imagelabels import clouds, wiring
from imagelabels import settings as all_settings
from imagelabels.domain import taxonomy
from imagelabels.domain import words as everyday
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import DetectorTraits, ObjectHead, ObjectRef
from imagelabels.domain.moments import now
from imagelabels.domain.policy import Policy, Rules, untagged
from imagelabels.domain.tally import DetectorSpending
from imagelabels.ports import Budget, BulkLedger, LabelDetector, LabelIndex, traits_of
from imagelabels.ports.albums import Albums
from imagelabels.ports.tokens import Tokens
from imagelabels.settings import Settings
from imagelabels.usecases import outcomes
from imagelabels.usecases.gallery import Gallery
from imagelabels.usecases.hook_keeping import Keeper
from imagelabels.usecases.own_holds import OwnHolds
from imagelabels.usecases.reconcile import Labeler
from imagelabels.usecases.tools import Tools


def workplace(scheme: str, url: str | None = None) -> tuple[Tools, Executor]:
    """What commands on stored objects work with, with the keys in the environment, and their threads. `url` takes the
    place of IMAGELABELS_INDEX.

    The detector is known and not opened: they ask none, so what it needs to be opened may be missing.
    """
    settings = _settings(index=url or None)
    executor = ThreadPoolExecutor(settings.concurrency, "record")
    store, session = wiring.connected(scheme)
    if not store.buckets:
        kind, asked = wiring.chosen(_of_files(settings), store)
        traits = kind.describe(None, asked)
        return _folder_tools(settings.index, traits, wiring.rules(settings, traits.default_threshold))[0], executor
    kind, asked = wiring.chosen(settings, store)
    ledger = wiring.index(settings.index, os.environ, session).ledger()
    by = wiring.tools(settings, session.objects(lambda _: None), ledger, kind.describe(session, asked))
    session.refresh(None, os.environ)
    return by, executor


@dataclass(frozen=True, slots=True)
class LabelingHere:
    """What a command labels stored objects with on this machine, as the function does."""

    labeler: Labeler
    records: Executor
    at_once: int
    index_url: str
    """It means the same index in every working folder."""
    check: Callable[[], None] = lambda: None
    """It asks for free whether the detector can be called with these settings; Misconfigured says why it cannot."""


def labeling(scheme: str, concurrency: int, rate: int | None, url: str | None = None) -> LabelingHere:
    """Open the function's own detector, index and policy with the keys in the environment. `rate` takes the place of
    IMAGELABELS_RATE, `concurrency` that of IMAGELABELS_CONCURRENCY, and `url` that of IMAGELABELS_INDEX."""
    settings = _settings(concurrency=concurrency, rate=rate, index=url or None)
    store, session = wiring.connected(scheme)
    kind, options = wiring.chosen(settings, store)
    wiring.index(settings.index, os.environ, session).label_index()  # Unlike a ledger, it makes no new file.
    ledger = wiring.index(settings.index, os.environ, session).ledger()
    detector = kind.open(session, options)
    if kind.prepare is not None:
        kind.prepare(options)
    by = wiring.tools(settings, session.objects(lambda _: None), ledger, traits_of(detector))
    session.refresh(None, os.environ)
    records = ThreadPoolExecutor(concurrency, "record")
    labeler = Labeler(by, detector, OwnHolds(ledger), settings.limits())
    here = LabelingHere(labeler, records, concurrency, index_url(settings.index))
    return here if kind.check is None else replace(here, check=partial(kind.check, session))


@dataclass(frozen=True, slots=True)
class Billing:
    """This is how a store's detector and index are billed, by the settings."""

    detector: str
    price: str | None
    """The price of a call has this id in the file of prices."""
    cloud: str
    index: str
    """The scheme of the index's URL."""
    call_price: str | None
    """IMAGELABELS_CALL_PRICE, which is the price of one call."""
    rate: int | None


def billing(scheme: str, url: str | None = None) -> Billing:
    """Return how the detector that labels a store's objects is billed. `url` takes the place of IMAGELABELS_INDEX."""
    settings = all_settings.load(os.environ)
    store, _session = wiring.connected(scheme)
    kind, _ = wiring.chosen(settings if store.buckets else _of_files(settings), store)
    cloud, index = clouds.provider_of(scheme).name, clouds.index_at(url or settings.index).scheme
    return Billing(kind.name, kind.price, cloud, index, settings.call_price, settings.rate)


def words() -> everyday.Words:
    """What people may type: our words, and the names that rules of IMAGELABELS_POLICY show labels by."""
    known = everyday.load(clouds.vocabularies())
    if not os.environ.get("IMAGELABELS_POLICY"):
        return known
    read = wiring.rules(all_settings.load(os.environ), 1.0)  # the threshold does not matter here
    policies = (read.default, *(policy for _, policy in read.by_prefix)) if isinstance(read, Rules) else (read,)
    return known.also_showing(name for policy in policies for name in policy.rename)


def rules_by(path: Path, scheme: str, default_threshold: float) -> Policy | Rules:
    """What the policy file at `path` wants of a store's objects; what it does not say, the environment's settings say.

    Files have no tags.
    """
    read = wiring.rules(all_settings.load(os.environ), default_threshold, path)
    return untagged(read) if scheme == clouds.files_store().scheme else read


def local_detector(model: Path | None, floor: float | None) -> LabelDetector:
    """The detector in this process; `model` None for IMAGELABELS_MODEL, else the file that the build made.

    `floor` None for IMAGELABELS_DETECT_FLOOR.
    """
    return _local(_settings(model=model, detect_floor=floor))


def sight(
    model: Path | None = None, policy: Path | None = None, threshold: float | None = None, language: str | None = None
) -> tuple[LabelDetector, Policy | Rules]:
    """The detector in this process and what is wanted of its answers, by the settings in the environment; an argument
    takes the place of its setting. A threshold below IMAGELABELS_DETECT_FLOOR lowers that too."""
    settings = _settings(model=model, threshold=threshold, language=language)
    if threshold is not None:
        settings = settings.model_copy(update={"detect_floor": min(threshold, settings.detect_floor)})
    detector = _local(settings)
    return detector, wiring.rules(settings, detector.default_threshold, policy)


def _settings(**changes: object) -> Settings:
    """Return the settings of the environment. A change that is not None takes the place of its setting."""
    settings = all_settings.load(os.environ)
    return settings.model_copy(update={name: value for name, value in changes.items() if value is not None})


def _local(settings: Settings) -> LabelDetector:
    kind, asked = wiring.chosen(_of_files(settings), clouds.files_store())
    detector = kind.open(None, asked)
    if kind.prepare is not None:
        kind.prepare(asked)
    return detector


def _of_files(settings: Settings) -> Settings:
    """Files have a detector of their own, whichever is set for the function."""
    return settings.model_copy(update={"detector": None})


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """What an index of files on this machine is kept with."""

    labeler: Labeler
    ledger: BulkLedger
    index: LabelIndex
    own_files: tuple[str, ...]
    """The paths of the files that the index itself is kept in."""


def local_folder(url: str | None, detector: LabelDetector, policy: Policy | Rules) -> LocalFolder:
    """Over the file that the index's URL names, which is made if it is not there. Files have no tags."""
    by, ledger, own_files = _folder_tools(url, traits_of(detector), policy)
    return LocalFolder(Labeler(by, detector, ledger), ledger, _index(url).label_index(), own_files)


def _folder_tools(
    url: str | None, detector: DetectorTraits, policy: Policy | Rules
) -> tuple[Tools, BulkLedger, tuple[str, ...]]:
    """The tools for files, the ledger in them, and the paths of its own files."""
    kind = clouds.index_at(url)
    if url is None or kind.own_files is None:
        fit = clouds.alternatives([f"{one.title}, as {one.example}" for one in clouds.indexes() if one.own_files])
        raise Misconfigured(f"{url} cannot hold files of this machine: name {fit}")
    ledger = cast(BulkLedger, wiring.index(url, os.environ).ledger())

    def recorded(ref: ObjectRef) -> ObjectHead | None:
        row = ledger.row(ref)
        return row.record.head if row is not None and row.record is not None else None

    objects = wiring.connected(clouds.files_store().scheme)[1].objects(recorded)
    known = taxonomy.load(clouds.vocabularies())
    by = Tools(objects, ledger, ledger, ledger, detector, untagged(policy), known, time)
    return by, ledger, kind.own_files(url)


def index_url(url: str | None) -> str:
    """Return the URL of the index behind a URL, or behind IMAGELABELS_INDEX, that means the same index in every working
    folder."""
    named = _named_index(url)
    return clouds.index_at(named).absolute(named or "")


def own_files(url: str | None) -> tuple[str, ...]:
    """Return the paths of the files that the index behind a URL, or behind IMAGELABELS_INDEX, is kept in, if it is kept
    in files."""
    named = _named_index(url)
    kind = clouds.index_at(named)
    return kind.own_files(named) if named is not None and kind.own_files is not None else ()


def label_index(url: str | None) -> LabelIndex:
    """The search index behind a URL, or behind IMAGELABELS_INDEX."""
    return _index(url).label_index()


def gallery(url: str | None) -> Gallery:
    """The pictures in the index behind a URL, or behind IMAGELABELS_INDEX."""
    index = _index(url)
    searched = index.label_index()  # Unlike a ledger, it makes no new file.
    return Gallery(searched, index.ledger(), words())


def albums(url: str | None) -> Albums:
    """The albums in the index behind a URL, or behind IMAGELABELS_INDEX."""
    return _index(url).albums()


def tokens(url: str | None) -> Tokens:
    """The tokens in the index behind a URL, or behind IMAGELABELS_INDEX."""
    return _index(url).tokens()


def keeper(url: str | None) -> Keeper:
    """The webhooks in the index behind a URL, or behind IMAGELABELS_INDEX, for a person at this machine."""
    index = _index(url)
    anywhere = all_settings.load(os.environ).webhook_receivers == "any"
    return Keeper(index.webhooks(), index.changes(), now, anywhere=anywhere)


def spending(url: str | None, now: float) -> list[DetectorSpending]:
    """Tell what was spent on each detector that was ever called over the index, and the limits of the environment."""
    limits = all_settings.load(os.environ).limits()
    return outcomes.spending(_index(url).ledger(), limits, clouds.detectors(), now)


def budget(url: str | None) -> tuple[Budget, str | None]:
    """Return the budgets over the index behind a URL, or behind IMAGELABELS_INDEX, and what a call costs by the
    settings."""
    settings = all_settings.load(os.environ)
    return _index(url).ledger(), settings.call_price


def create_index(url: str | None) -> None:
    """Make the index behind a URL, or behind IMAGELABELS_INDEX, if it is not there."""
    _index(url).create()


def migrate_index(url: str | None) -> int:
    """Bring that index up to date, and say how many rows were written."""
    return _index(url).migrate()


def _index(url: str | None) -> clouds.OpenedIndex:
    return wiring.index(_named_index(url), os.environ)


def _named_index(url: str | None) -> str | None:
    return url or all_settings.load(os.environ).index
