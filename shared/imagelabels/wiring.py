"""The only place that chooses providers. Each use case is built once per instance."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from imagelabels import logs
from imagelabels import settings as all_settings
from imagelabels.domain import taxonomy
from imagelabels.domain import words as everyday
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import Delivered, ObjectChange, ObjectHead, ObjectRef
from imagelabels.domain.policy import Policy, Rules, untagged
from imagelabels.ports import BulkLedger, LabelDetector, LabelIndex, Ledger, ObjectStore, Shrinker
from imagelabels.providers import aliyun as alibaba
from imagelabels.providers import embedded, local
from imagelabels.providers import tencent as tencentcloud
from imagelabels.providers.aliyun.credentials import Credentials as AliyunCredentials
from imagelabels.providers.aliyun.credentials import Keys as AliyunKeys
from imagelabels.providers.aliyun.settings import AliyunSettings
from imagelabels.providers.tencent.credentials import Credentials as TencentCredentials
from imagelabels.providers.tencent.credentials import Keys as TencentKeys
from imagelabels.rules import load as load_rules
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
def _aliyun() -> tuple[Function, AliyunCredentials]:
    settings, cloud = all_settings.load(os.environ), all_settings.load_aliyun(os.environ)
    credentials = AliyunCredentials(AliyunKeys("", ""))  # filled before each event
    own, opened = "oss", alibaba.open_detector_oss
    if settings.detector == "imm":
        own, opened = "imm", alibaba.open_detector_imm
    detector = _detector(
        settings,
        own,
        lambda floor: opened(cloud, credentials, floor),
        lambda: alibaba.open_shrinker(cloud, credentials),
    )
    return _function(settings, alibaba.open_objects(cloud, credentials), detector, credentials), credentials


def tencent(regions: Mapping[str, str]) -> Function:
    """The function on Tencent Cloud, with the credentials of now; `regions` are those of the event's buckets."""
    function, credentials, known = _tencent()
    credentials.refresh_from(os.environ)
    known.update(regions)
    return function


@lru_cache(maxsize=1)
def _tencent() -> tuple[Function, TencentCredentials, dict[str, str]]:
    settings, cloud = all_settings.load(os.environ), all_settings.load_tencent(os.environ)
    credentials = TencentCredentials(TencentKeys("", ""))  # filled before each event
    regions: dict[str, str] = {}  # by bucket, told by events
    detector = _detector(
        settings, "ci", lambda floor: tencentcloud.open_detector_ci(cloud, credentials, regions, floor)
    )
    function = _function(settings, tencentcloud.open_objects(cloud, credentials, regions), detector)
    return function, credentials, regions


def function_of(store: str) -> Function:
    """The function that labels objects of that store, oss, cos or file, with the keys in the environment."""
    if store == "file":
        settings = all_settings.load(os.environ)
        labeler = local_folder(settings.index, *sight()).labeler
        return Function(labeler, ThreadPoolExecutor(settings.concurrency, "record"))
    return aliyun(None) if store == "oss" else tencent({})


def _detector(
    settings: Settings,
    own: str,
    open_own: Callable[[float], LabelDetector],
    open_shrinker: Callable[[], Shrinker | None] = lambda: None,
) -> LabelDetector:
    """The one that is set, if it reads the function's store: the cloud's own does, and the embedded one."""
    chosen = settings.detector or own
    if chosen == "embedded":
        return embedded.open_detector(
            settings.model, settings.detect_floor, settings.recall, open_shrinker(), settings.faces == "on"
        )
    if chosen != own:
        raise Misconfigured(
            f"IMAGELABELS_DETECTOR: {chosen} cannot read this function's store. "
            "imm and oss read OSS, ci reads COS, embedded reads any"
        )
    return open_own(settings.detect_floor)


def _function(
    settings: Settings, objects: ObjectStore, detector: LabelDetector, keys: AliyunCredentials | None = None
) -> Function:
    # Two pools, never one: a record that waits for its second call must not wait for a record that waits for a thread.
    records = ThreadPoolExecutor(settings.concurrency, "record")
    second_calls = ThreadPoolExecutor(2 * settings.concurrency, "call")  # A record makes three calls at once at most.
    labeler = Labeler(
        objects,
        detector,
        ledger(settings.index, os.environ, keys),
        rules(settings, detector.default_threshold),
        taxonomy.load(),
        time,
        reuse=settings.reuse,
        at_once=pairs.on(second_calls),
    )
    logs.level(settings.log_level)
    return Function(labeler, records)


def rules(settings: Settings, default_threshold: float, path: Path | None = None) -> Policy | Rules:
    """What is wanted of answers: by the file at `path`, else that of IMAGELABELS_POLICY, else by the settings alone."""
    base = settings.policy(default_threshold)
    path = path or settings.policy_file
    return base if path is None else load_rules(path, base, settings.detect_floor, taxonomy.load())


def words() -> everyday.Words:
    """What people may type: our words, and the names that rules of IMAGELABELS_POLICY show labels by."""
    known = everyday.load()
    if not os.environ.get("IMAGELABELS_POLICY"):
        return known
    read = rules(all_settings.load(os.environ), 1.0)  # the threshold does not matter here
    policies = (read.default, *(policy for _, policy in read.by_prefix)) if isinstance(read, Rules) else (read,)
    return known.also_showing(name for policy in policies for name in policy.rename)


def ledger(url: str | None, environ: Mapping[str, str], keys: AliyunCredentials | None = None) -> Ledger:
    """The ledger behind an index URL; Misconfigured where it would not last.

    `keys` are those of Alibaba Cloud, where an event brings some; else they are read from `environ`.
    """
    if (instance := _tablestore(url)) is not None:
        return alibaba.open_ledger(*_alibaba(environ, keys), instance)
    path = _sqlite(url)
    code = environ.get("FC_FUNC_CODE_PATH") or environ.get("USER_CODE_ROOT")
    if code is not None:
        for folder in (Path(tempfile.gettempdir()), Path(code)):
            if path.resolve().is_relative_to(folder.resolve()):
                raise Misconfigured(
                    f"IMAGELABELS_INDEX: {path} is in the function's folder {folder}, which does not last: "
                    "name a file on a mounted file system"
                )
    return embedded.open_ledger(path)


def embedded_detector(model: Path | None, floor: float | None) -> LabelDetector:
    """The detector in this process; `model` None for IMAGELABELS_MODEL, else the file that the build made.

    `floor` None for IMAGELABELS_DETECT_FLOOR.
    """
    settings = all_settings.load(os.environ)
    floor = settings.detect_floor if floor is None else floor
    return embedded.open_detector(model or settings.model, floor, settings.recall, faces=settings.faces == "on")


def sight(
    model: Path | None = None, policy: Path | None = None, threshold: float | None = None, language: str | None = None
) -> tuple[LabelDetector, Policy | Rules]:
    """The embedded detector and what is wanted of its answers, by the settings in the environment; what is given here
    takes the place of the setting. A threshold below IMAGELABELS_DETECT_FLOOR lowers that too."""
    settings = all_settings.load(os.environ)
    floor = settings.detect_floor if threshold is None else min(threshold, settings.detect_floor)
    given = {"threshold": threshold, "language": language, "detect_floor": floor}
    settings = settings.model_copy(update={name: value for name, value in given.items() if value is not None})
    detector = embedded_detector(model, floor)
    return detector, rules(settings, detector.default_threshold, policy)


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """What an index of files on this machine is kept with."""

    labeler: Labeler
    ledger: BulkLedger
    index: LabelIndex


def local_folder(url: str | None, detector: LabelDetector, policy: Policy | Rules) -> LocalFolder:
    """Over the SQLite file that the URL names, which is made if it is not there. Files have no tags."""
    if _tablestore(url) is not None:
        raise Misconfigured(f"{url} cannot hold files of this machine: name a SQLite file, as sqlite:///photos.db")
    path = _sqlite(url)
    rows = embedded.open_ledger(path)

    def recorded(ref: ObjectRef) -> ObjectHead | None:
        row = rows.row(ref)
        return row.record.head if row is not None and row.record is not None else None

    objects = local.open_objects(recorded)
    labeler = Labeler(objects, detector, rows, untagged(policy), taxonomy.load(), time)
    return LocalFolder(labeler, rows, embedded.open_label_index(path))


def rules_by(path: Path, default_threshold: float) -> Policy | Rules:
    """What the policy file at `path` wants; what it does not say, the environment's settings say."""
    return rules(all_settings.load(os.environ), default_threshold, path)


def label_index(url: str | None) -> LabelIndex:
    """The search index behind a URL, or behind IMAGELABELS_INDEX."""
    url = url or all_settings.load(os.environ).index
    if (instance := _tablestore(url)) is not None:
        return alibaba.open_label_index(*_alibaba(os.environ), instance)
    return embedded.open_label_index(_sqlite(url))


def create_index(url: str | None) -> None:
    """Make the index behind a URL, or behind IMAGELABELS_INDEX, if it is not there."""
    url = url or all_settings.load(os.environ).index
    if (instance := _tablestore(url)) is not None:
        alibaba.create_index(*_alibaba(os.environ), instance)
    else:
        embedded.create_index(_sqlite(url))


def migrate_index(url: str | None) -> int:
    """Bring that index up to date, and say how many rows were written."""
    url = url or all_settings.load(os.environ).index
    if (instance := _tablestore(url)) is not None:
        return alibaba.migrate_index(*_alibaba(os.environ), instance)
    return embedded.migrate_index(_sqlite(url))


def _alibaba(
    environ: Mapping[str, str], keys: AliyunCredentials | None = None
) -> tuple[AliyunSettings, AliyunCredentials]:
    """What a Tablestore instance is opened with, from a function of any cloud and from the command line."""
    return all_settings.load_aliyun(environ), keys or AliyunCredentials.from_context(None, environ)


def _tablestore(url: str | None) -> str | None:
    """The instance that an index URL names, if it names one."""
    return url.removeprefix("tablestore://") if url is not None and url.startswith("tablestore://") else None


def _sqlite(url: str | None) -> Path:
    if url is None:
        raise Misconfigured(
            "IMAGELABELS_INDEX is not set: name the index, as sqlite:///labels.db or tablestore://instance"
        )
    if not url.startswith("sqlite:///") or url == "sqlite:///":
        raise Misconfigured(
            f"{url!r} is no index: use tablestore://instance, sqlite:///relative/path or sqlite:////absolute/path"
        )
    return Path(url.removeprefix("sqlite:///"))
