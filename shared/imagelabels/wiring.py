"""The only place that chooses providers. Each use case is built once per instance."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from imagelabels import logs
from imagelabels import settings as all_settings
from imagelabels.domain import taxonomy
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import Delivered, ObjectChange
from imagelabels.ports import LabelDetector, LabelIndex, Ledger, ObjectStore
from imagelabels.providers import aliyun as alibaba
from imagelabels.providers import embedded
from imagelabels.providers.aliyun.credentials import Credentials, Keys
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


def aliyun(context: object) -> Function:
    """The function on Alibaba Cloud, with the credentials that this event brought."""
    function, credentials = _aliyun()
    credentials.refresh_from(context, os.environ)
    return function


@lru_cache(maxsize=1)
def _aliyun() -> tuple[Function, Credentials]:
    settings, cloud = all_settings.load(os.environ), all_settings.load_aliyun(os.environ)
    credentials = Credentials(Keys("", ""))  # filled before each event
    if settings.detector == "oss":
        detector = alibaba.open_detector_oss(cloud, credentials, settings.detect_floor)
    else:
        detector = embedded.open_detector(settings.model, settings.detect_floor)
    return _function(settings, alibaba.open_objects(cloud, credentials), detector), credentials


def _function(settings: Settings, objects: ObjectStore, detector: LabelDetector) -> Function:
    # Two pools, never one: a record that waits for its second call must not wait for a record that waits for a thread.
    records = ThreadPoolExecutor(settings.concurrency, "record")
    second_calls = ThreadPoolExecutor(settings.concurrency, "call")
    labeler = Labeler(
        objects,
        detector,
        ledger(settings.index, os.environ),
        settings.policy,
        taxonomy.load(),
        time,
        reuse=settings.reuse,
        pair=pairs.on(second_calls),
    )
    logs.level(settings.log_level)
    return Function(labeler, records)


def ledger(url: str | None, environ: Mapping[str, str]) -> Ledger:
    """The ledger behind an index URL; Misconfigured where it would not last."""
    path = _sqlite(url)
    code = environ.get("FC_FUNC_CODE_PATH")
    if code is not None:
        for folder in (Path(tempfile.gettempdir()), Path(code)):
            if path.resolve().is_relative_to(folder.resolve()):
                raise Misconfigured(
                    f"IMAGELABELS_INDEX: {path} is in the function's folder {folder}, which does not last: "
                    "name a file on a mounted file system"
                )
    return embedded.open_ledger(path)


def embedded_detector(model: Path | None, floor: float) -> LabelDetector:
    """The detector in this process; `model` None for IMAGELABELS_MODEL, else the file that the build made."""
    return embedded.open_detector(model or all_settings.load(os.environ).model, floor)


def label_index(url: str | None) -> LabelIndex:
    """The search index behind a URL, or behind IMAGELABELS_INDEX."""
    return embedded.open_label_index(_sqlite(url or all_settings.load(os.environ).index))


def _sqlite(url: str | None) -> Path:
    if url is None:
        raise Misconfigured("IMAGELABELS_INDEX is not set: name the database, as sqlite:///labels.db")
    if not url.startswith("sqlite:///") or url == "sqlite:///":
        raise Misconfigured(f"{url!r} is no index: use sqlite:///relative/path or sqlite:////absolute/path")
    return Path(url.removeprefix("sqlite:///"))
