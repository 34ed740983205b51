"""Builds use cases from the settings and the registry of providers; each function's once per instance."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from imagelabels import clouds, logs
from imagelabels import settings as all_settings
from imagelabels.domain import taxonomy
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import Delivered, ObjectChange
from imagelabels.domain.policy import Policy, Rules
from imagelabels.policyfile import load as load_rules
from imagelabels.ports import LabelDetector, ObjectStore
from imagelabels.settings import Settings
from imagelabels.usecases import pairs
from imagelabels.usecases.deliver import deliver
from imagelabels.usecases.reconcile import Labeler


@dataclass(frozen=True, slots=True)
class Function:
    """A deployed function: one per instance, the same for all of its events."""

    labeler: Labeler
    records: Executor

    def deliver(self, changes: Sequence[ObjectChange], deadline: float) -> list[Delivered]:
        """What became of each record; `deadline` on time.monotonic()."""
        return deliver(self.labeler, changes, deadline, self.records)


def function(store: str, brought: Any = None) -> Function:
    """The function that labels objects of a store, with the keys of now; `brought` is what the event brought."""
    built, session = _built(store)
    session.refresh(brought, os.environ)
    return built


@cache
def _built(scheme: str) -> tuple[Function, clouds.Session]:
    provider, settings = clouds.provider_of(scheme), all_settings.load(os.environ)
    if provider.store is None or provider.connect is None:
        raise Misconfigured(f"no function reads {scheme}://")
    session = provider.connect(all_settings.of(provider, os.environ))
    seen_by = detector(settings, provider.store, session)
    return _function(settings, session.objects(lambda _: None), seen_by, session), session


def _function(
    settings: Settings, objects: ObjectStore, seen_by: LabelDetector, session: clouds.Session | None = None
) -> Function:
    # Two pools, never one: a record that waits for its second call must not wait for a record that waits for a thread.
    records = ThreadPoolExecutor(settings.concurrency, "record")
    second_calls = ThreadPoolExecutor(2 * settings.concurrency, "call")  # A record makes three calls at once at most.
    labeler = Labeler(
        objects,
        seen_by,
        index(settings.index, os.environ, session).ledger(),
        rules(settings, seen_by.default_threshold),
        taxonomy.load(clouds.vocabularies()),
        time,
        reuse=settings.reuse,
        at_once=pairs.on(second_calls),
    )
    logs.start(settings.log_level, clouds.sdk_modules())
    return Function(labeler, records)


def detector(settings: Settings, store: clouds.Store, session: clouds.Session | None) -> LabelDetector:
    """The one that is set, else the store's own; Misconfigured if it does not read the store."""
    chosen = clouds.detectors()[settings.detector or store.detector]
    if chosen.reads not in (None, store.scheme):
        raise Misconfigured(
            f"IMAGELABELS_DETECTOR: {chosen.name} cannot read this function's store. {clouds.readers()}"
        )
    asked = clouds.Asked(settings.detect_floor, settings.model, settings.recall, settings.faces == "on")
    return chosen.open(session, asked)


def rules(settings: Settings, default_threshold: float, path: Path | None = None) -> Policy | Rules:
    """What is wanted of answers: by the file at `path`, else that of IMAGELABELS_POLICY, else by the settings alone."""
    base = settings.policy(default_threshold)
    path = path or settings.policy_file
    known = taxonomy.load(clouds.vocabularies())
    return base if path is None else load_rules(path, base, settings.detect_floor, known)


def index(url: str | None, environ: Mapping[str, str], session: clouds.Session | None = None) -> clouds.OpenedIndex:
    """The index behind a URL. A function's session brings the keys; else they are read from `environ`."""
    known = clouds.index_at(url)
    return known.open(url or "", all_settings.of(known, environ), environ, session)
