"""Builds use cases from the settings and the registry of providers; each function's once per instance."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from imagelabels import clouds, logs
from imagelabels import settings as all_settings
from imagelabels.domain import taxonomy
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import Delivered, DetectorTraits, ObjectChange
from imagelabels.opening import index as index
from imagelabels.opening import rules as rules
from imagelabels.ports import Ledger, ObjectStore, traits_of
from imagelabels.respond import log, respond_resumed
from imagelabels.usecases import pairs
from imagelabels.usecases.deliver import deliver
from imagelabels.usecases.reconcile import Labeler
from imagelabels.usecases.tools import Tools

_IMPORTED = time.monotonic()  # By now, nearly all is imported that a function imports at its start.


@dataclass(frozen=True, slots=True)
class Function:
    """A deployed function: one per instance, the same for all of its events."""

    labeler: Labeler
    opened: clouds.OpenedIndex
    scheme: str
    """The store whose objects it labels."""
    records: Executor
    at_once: int
    """So many threads work on records."""

    def deliver(self, changes: Sequence[ObjectChange], deadline: float) -> list[Delivered]:
        """What became of each record; `deadline` on time.monotonic()."""
        return deliver(self.labeler, changes, deadline, self.records)

    def resume(self, run: str, prefix: str, deadline: float) -> dict[str, Any]:
        """Look after the objects below the prefix on which work is not done, and return the answer to the timer."""
        from imagelabels.domain.resumption import scope  # only the timer's function needs these two
        from imagelabels.usecases.resume import resume

        where, search = scope(prefix, self.scheme), self.opened.label_index()
        threads = self.records, self.at_once
        return respond_resumed(run, resume(self.labeler, search, run, where, deadline, *threads, partial(log, run)))


def function(store: str, brought: Any = None) -> Function:
    """The function that labels objects of a store, with the keys of now; `brought` is what the event brought."""
    built, session = _built(store)
    session.refresh(brought, os.environ)
    return built


@cache
def _built(scheme: str) -> tuple[Function, clouds.Session]:
    begun, settings = time.monotonic(), all_settings.load(os.environ)
    store, session = connected(scheme)
    kind, options = chosen(settings, store)
    detector, opened = kind.open(session, options), index(settings.index, os.environ, session)
    ledger = opened.ledger()
    by = tools(settings, session.objects(lambda _: None), ledger, traits_of(detector))
    # Two pools, never one: a record that waits for its second call must not wait for a record that waits for a thread.
    records = ThreadPoolExecutor(settings.concurrency, "record")
    took = logs.starting(_IMPORTED, begun, time.monotonic(), logs.process_age())
    logs.start(settings.log_level, clouds.sdk_modules(), took, settings.outdated())  # It names the opened SDKs.
    labeler = Labeler(by, detector, ledger, settings.limits())
    return Function(labeler, opened, scheme, records, settings.concurrency), session


def connected(scheme: str) -> tuple[clouds.Store, clouds.Session]:
    """Open the session of a store, which has no keys before its first refresh."""
    provider = clouds.provider_of(scheme)
    if provider.store is None or provider.connect is None:
        raise Misconfigured(f"no function reads {scheme}://")
    return provider.store, provider.connect(all_settings.of(provider, os.environ))


def tools(settings: all_settings.Settings, objects: ObjectStore, ledger: Ledger, detector: DetectorTraits) -> Tools:
    """Build what use cases work with, those too that ask no detector."""
    policy, known = rules(settings, detector.default_threshold), taxonomy.load(clouds.vocabularies())
    at_once = pairs.on(ThreadPoolExecutor(2 * settings.concurrency, "call"))  # A record makes at most three at once.
    return Tools(objects, ledger, ledger, ledger, detector, policy, known, time, settings.reuse, at_once)


def chosen(settings: all_settings.Settings, store: clouds.Store) -> tuple[clouds.Detector, clouds.DetectorOptions]:
    """Choose the detector that is set, else the store's own; Misconfigured if it does not read the store."""
    kind = clouds.detectors()[settings.detector or store.detector]
    if kind.reads not in (None, store.scheme):
        raise Misconfigured(clouds.wrong_detector(kind, store))
    return kind, clouds.DetectorOptions(settings.detect_floor, settings.model, settings.recall, settings.faces == "on")
