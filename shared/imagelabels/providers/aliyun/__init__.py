"""This is the only door of the provider for Alibaba Cloud. Opening it loads an SDK, importing it does not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagelabels.clouds import Detector, Extra, FunctionPlatform, Index, Provider, Recorded, Session, Store
from imagelabels.providers.kit.standins import standing_in

if TYPE_CHECKING:
    from imagelabels.domain.model import DetectorTraits, ObjectRef
    from imagelabels.ports import LabelDetector, LabelIndex, Ledger, ObjectStore, Shrinker
    from imagelabels.ports.buckets import Buckets
    from imagelabels.ports.failed_events import FailedEvents
    from imagelabels.ports.functions import Functions
    from imagelabels.ports.inventory import InventoryDialect
    from imagelabels.ports.invoker import Invoker
    from imagelabels.ports.thumbnails import Thumbnails
    from imagelabels.providers.aliyun.credentials import AliyunCredentials
    from imagelabels.providers.aliyun.opened_index import OpenedTablestore
    from imagelabels.providers.aliyun.settings import AliyunSettings
    from imagelabels.providers.aliyun.tablestore.client import Instance

UNUSED_BY_OSS = ("Crypto", "aliyunsdkcore", "aliyunsdkkms")
"""What oss2 imports for encryption on the client's side, which we leave to the store."""
UNUSED_BY_TABLESTORE = ("aiohttp",)
UNUSED_BY_IMM = ("aiohttp", "cryptography", "websocket", "alibabacloud_credentials.client")
"""What their SDKs import for asynchronous calls and calls that last, and for keys of another kind than ours: the client
of credentials imports a scheduler, which renews those of a virtual machine."""


def open_objects(settings: AliyunSettings, credentials: AliyunCredentials) -> ObjectStore:
    """Open objects and tags in OSS."""
    with standing_in(*UNUSED_BY_OSS):
        from imagelabels.providers.aliyun.oss.objects import OssObjects

    return OssObjects(settings.endpoint_oss, settings.region, credentials, proxies=settings.proxies)


def open_shrinker(settings: AliyunSettings, credentials: AliyunCredentials) -> Shrinker:
    """Open what makes small copies of the pictures in OSS (x-oss-process=image/resize)."""
    with standing_in(*UNUSED_BY_OSS):
        from imagelabels.providers.aliyun.oss.shrinker import OssShrinker

    return OssShrinker(settings.endpoint_oss, settings.region, credentials, proxies=settings.proxies)


def open_thumbnails(settings: AliyunSettings, credentials: AliyunCredentials) -> Thumbnails:
    """Open what signs addresses of small copies of the pictures in OSS."""
    with standing_in(*UNUSED_BY_OSS):
        from imagelabels.providers.aliyun.oss.thumbnails import OssThumbnails

    return OssThumbnails(settings.endpoint_oss, settings.region, credentials, settings.proxies)


def open_detector_oss(settings: AliyunSettings, credentials: AliyunCredentials, floor: float) -> LabelDetector:
    """Open image label detection through OSS (x-oss-process=image/labels), asked at `floor`, 0..1."""
    from imagelabels.domain.taxonomy import load

    with standing_in(*UNUSED_BY_OSS):
        from imagelabels.providers.aliyun.oss.detector import OssDetector

    return OssDetector(settings.endpoint_oss, settings.region, credentials, floor, load(), proxies=settings.proxies)


def describe_oss(floor: float) -> DetectorTraits:
    """Describe the detector `oss` without opening it."""
    from imagelabels.providers.aliyun.traits import of_oss

    return of_oss(floor)


def open_ledger(settings: AliyunSettings, credentials: AliyunCredentials, instance: str) -> Ledger:
    """Open the ledger in that Tablestore instance, whose tables `create_index` has made."""
    opened = open_instance(settings, credentials, instance)
    from imagelabels.providers.aliyun.tablestore.ledger import TablestoreLedger

    return TablestoreLedger(opened)


def open_label_index(settings: AliyunSettings, credentials: AliyunCredentials, instance: str) -> LabelIndex:
    """Open the search in that Tablestore instance, whose search index `create_index` has made."""
    opened = open_instance(settings, credentials, instance)
    from imagelabels.providers.aliyun.tablestore.label_index import TablestoreLabelIndex

    return TablestoreLabelIndex(opened)


def create_index(settings: AliyunSettings, credentials: AliyunCredentials, instance: str) -> None:
    """Make what is missing of the tables and the search index in that instance. A second call does nothing."""
    opened = open_instance(settings, credentials, instance)
    from imagelabels.providers.aliyun.tablestore import index_setup

    index_setup.create(opened)


def migrate_index(settings: AliyunSettings, credentials: AliyunCredentials, instance: str) -> int:
    """Bring the index in that instance up to date, and return how many rows were written. It goes on where it was cut
    off."""
    opened = open_instance(settings, credentials, instance)
    from imagelabels.providers.aliyun.tablestore import index_setup

    return index_setup.migrate(opened)


def open_instance(settings: AliyunSettings, credentials: AliyunCredentials, name: str) -> Instance:
    """Open a Tablestore instance with the keys of our tables."""
    # The SDK warns on import that it has no compiled codec for this Python: nothing that a function's log should hold.
    logging.getLogger("tablestore").setLevel(logging.ERROR)
    from imagelabels.providers.aliyun.endpoints import TABLESTORE

    with standing_in(*UNUSED_BY_TABLESTORE):
        from imagelabels.providers.aliyun.tablestore.client import Instance
    from imagelabels.providers.aliyun.tablestore.tables import KEYS

    endpoint = settings.endpoint_tablestore or TABLESTORE.format(instance=name, region=settings.region)
    return Instance(endpoint, name, settings.region, credentials, KEYS, proxies=settings.proxies)


def open_detector_imm(settings: AliyunSettings, credentials: AliyunCredentials, floor: float) -> LabelDetector:
    """Open image label detection by IMM (DetectImageLabels), asked at `floor`, 0..1. Misconfigured without a
    project."""
    from imagelabels.domain.errors import Misconfigured
    from imagelabels.domain.taxonomy import load

    with standing_in(*UNUSED_BY_IMM):
        from imagelabels.providers.aliyun.imm import single_models

        single_models.prepare()
        from imagelabels.providers.aliyun.imm.client import Imm
        from imagelabels.providers.aliyun.imm.detector import ImmDetector

    if not settings.imm_project:
        raise Misconfigured("IMAGELABELS_IMM_PROJECT is not set: name the IMM project of the buckets' region")
    config, proxies = settings.imm_credential_config, settings.proxies
    imm = Imm(settings.endpoint_imm, settings.imm_project, credentials, config, proxies=proxies)
    return ImmDetector(imm, floor, load())


def describe_imm(floor: float) -> DetectorTraits:
    """Describe the detector `imm` without opening it; it needs no project for that."""
    from imagelabels.providers.aliyun.traits import of_imm

    return of_imm(floor)


def open_invoker_fc(settings: AliyunSettings, credentials: AliyunCredentials) -> Invoker:
    """Open what invokes functions of Function Compute 3.0."""
    from imagelabels.providers.aliyun.fc3.invoker import Fc3Invoker

    return Fc3Invoker(settings.address_fc3, credentials, proxies=settings.proxies)


def open_invoker_fc2(settings: AliyunSettings, credentials: AliyunCredentials) -> Invoker:
    """Open what invokes functions in services of Function Compute 2.0. Misconfigured without the account's id."""
    from imagelabels.providers.aliyun.fc2.invoker import Fc2Invoker

    return Fc2Invoker(settings.address_fc2, credentials, proxies=settings.proxies)


def write_event(refs: Sequence[ObjectRef], request: str | None = None) -> bytes:
    """Write the event of OSS that says that these objects have come."""
    from imagelabels.providers.aliyun.invocation_event import event

    return event(refs, request)


@dataclass(frozen=True, slots=True)
class AliyunSession:
    """It holds the settings, and the keys that each event renews."""

    settings: AliyunSettings
    credentials: AliyunCredentials

    def refresh(self, brought: object, environ: Mapping[str, str]) -> None:
        """`brought` is the context of Function Compute."""
        self.credentials.refresh_from(brought, environ)

    def objects(self, recorded: Recorded) -> ObjectStore:
        return open_objects(self.settings, self.credentials)

    def shrinker(self) -> Shrinker:
        return open_shrinker(self.settings, self.credentials)

    def buckets(self) -> Buckets:
        from imagelabels.providers.aliyun.account import open_buckets

        return open_buckets(self.settings, self.credentials)

    def functions(self) -> Functions:
        from imagelabels.providers.aliyun.account import open_functions

        return open_functions(self.settings, self.credentials)


def _connect(settings: AliyunSettings) -> AliyunSession:
    from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys

    return AliyunSession(settings, AliyunCredentials(AliyunKeys("", "")))


def _open_index(
    url: str, settings: AliyunSettings, environ: Mapping[str, str], session: Session | None
) -> OpenedTablestore:
    """A function of another cloud and the command line find the keys in the environment."""
    from imagelabels.providers.aliyun.credentials import AliyunCredentials
    from imagelabels.providers.aliyun.opened_index import OpenedTablestore

    own = session.credentials if isinstance(session, AliyunSession) else AliyunCredentials.from_context(None, environ)
    return OpenedTablestore(settings, own, url.removeprefix("tablestore://"))


def _check_imm(session: AliyunSession) -> None:
    from imagelabels.providers.aliyun.account import check_imm

    check_imm(session.settings, session.credentials)


def _platform(name: str, form: str, says: str, open_invoker: Callable[..., Invoker]) -> FunctionPlatform:
    def failed_events(session: AliyunSession, queue: str) -> FailedEvents:
        from imagelabels.providers.aliyun.account import open_failed_events

        return open_failed_events(session.settings, session.credentials, queue)

    def invoker(session: AliyunSession) -> Invoker:
        return open_invoker(session.settings, session.credentials)

    return FunctionPlatform(name, form, says, invoker, write_event, failed_events)


def _settings() -> type[AliyunSettings]:
    from imagelabels.providers.aliyun.settings import AliyunSettings

    return AliyunSettings


def _inventory() -> InventoryDialect:
    from imagelabels.providers.aliyun.oss.inventory import OSS_INVENTORY

    return OSS_INVENTORY


_OF_IMM = {"Tea", "alibabacloud_credentials", "alibabacloud_imm20200930", "alibabacloud_tea_openapi", "darabonba"}
_EXTRA = Extra("aliyun", frozenset({"oss2", "requests", "tablestore", *_OF_IMM}))

PROVIDER = Provider(
    "aliyun",
    extra=_EXTRA,
    store=Store("oss", "OSS", "oss", ("FC_REGION", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET")),
    detectors=(
        Detector(
            "oss",
            "OSS `image/labels`, billed by the vendor, reads OSS only",
            0.7,
            lambda session, asked: open_detector_oss(session.settings, session.credentials, asked.floor),
            lambda session, asked: describe_oss(asked.floor),
            reads="oss",
            price="imm-image-label",
        ),
        Detector(
            "imm",
            "the same from IMM itself, for buckets that are not bound to a project, billed by the vendor, reads "
            "keys in OSS that end in .jpg, .jpeg or .png",
            0.7,
            lambda session, asked: open_detector_imm(session.settings, session.credentials, asked.floor),
            lambda session, asked: describe_imm(asked.floor),
            reads="oss",
            check=_check_imm,
            price="imm-image-label",
        ),
    ),
    platforms=(
        _platform("fc", "NAME", "a function of Function Compute 3.0", open_invoker_fc),
        _platform("fc2", "SERVICE/NAME", "a function in a service of Function Compute 2.0", open_invoker_fc2),
    ),
    vocabularies=("imm",),
    settings=_settings,
    connect=_connect,
    inventory=_inventory,
    thumbnails=lambda session: open_thumbnails(session.settings, session.credentials),
    code_folder="FC_FUNC_CODE_PATH",
)

INDEX = Index(
    "tablestore",
    forms=("tablestore://instance",),
    pattern="tablestore://[A-Za-z][A-Za-z0-9-]{2,15}",
    example="tablestore://instance",
    says="`tablestore://instance` (outside Function Compute with `FC_REGION`, `ALIBABA_CLOUD_ACCESS_KEY_ID` and "
    "`ALIBABA_CLOUD_ACCESS_KEY_SECRET` too)",
    open=_open_index,
    title="a Tablestore instance",
    extra=_EXTRA,
    settings=_settings,
)
