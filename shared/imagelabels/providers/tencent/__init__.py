"""This is the only door of the provider for Tencent Cloud. Opening it loads an SDK, importing it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imagelabels.clouds import Detector, Extra, FunctionPlatform, Provider, Recorded, Store
from imagelabels.providers.kit.standins import standing_in

if TYPE_CHECKING:
    from imagelabels.domain.model import DetectorTraits, ObjectRef
    from imagelabels.ports import LabelDetector, ObjectStore
    from imagelabels.ports.functions import Functions
    from imagelabels.ports.inventory import InventoryDialect
    from imagelabels.ports.invoker import Invoker
    from imagelabels.ports.thumbnails import Thumbnails
    from imagelabels.providers.tencent.cos.buckets import CosBucketSetup
    from imagelabels.providers.tencent.credentials import TencentCredentials
    from imagelabels.providers.tencent.settings import TencentSettings


def open_objects(settings: TencentSettings, credentials: TencentCredentials, regions: Mapping[str, str]) -> ObjectStore:
    """Open objects and tags in COS. `regions` names the regions of buckets; the others are in the setting's region."""
    with standing_in():
        from imagelabels.providers.tencent.cos.client import CosBuckets
        from imagelabels.providers.tencent.cos.objects import CosObjects

    return CosObjects(
        CosBuckets(settings.endpoint_cos, settings.region, regions, credentials, proxies=settings.proxies)
    )


def open_thumbnails(
    settings: TencentSettings, credentials: TencentCredentials, regions: Mapping[str, str]
) -> Thumbnails:
    """Open what signs addresses of small copies of the pictures in COS."""
    with standing_in():
        from imagelabels.providers.tencent.cos.client import CosBuckets
        from imagelabels.providers.tencent.cos.thumbnails import CosThumbnails

    return CosThumbnails(
        CosBuckets(settings.endpoint_cos, settings.region, regions, credentials, proxies=settings.proxies)
    )


def open_buckets(
    settings: TencentSettings, credentials: TencentCredentials, regions: Mapping[str, str]
) -> CosBucketSetup:
    """Open what tells how buckets of COS are set up."""
    from imagelabels.providers.tencent.cos.buckets import CosBucketSetup
    from imagelabels.providers.tencent.cos.client import CosBuckets

    return CosBucketSetup(
        CosBuckets(settings.endpoint_cos, settings.region, regions, credentials, proxies=settings.proxies)
    )


def open_detector_ci(
    settings: TencentSettings, credentials: TencentCredentials, regions: Mapping[str, str], floor: float
) -> LabelDetector:
    """Open image tagging of Cloud Infinite (ci-process=detect-label); labels below `floor`, 0..1, are dropped."""
    from imagelabels.domain.taxonomy import load

    with standing_in():
        from imagelabels.providers.tencent.ci.detector import READ, CiDetector
        from imagelabels.providers.tencent.cos.client import CosBuckets

    buckets = CosBuckets(
        settings.endpoint_cos, settings.region, regions, credentials, read=READ, proxies=settings.proxies
    )
    return CiDetector(buckets, settings.scenes, floor, load(), settings.ci_thumbnail)


def describe_ci(settings: TencentSettings, floor: float) -> DetectorTraits:
    """Describe the detector `ci` without opening it."""
    from imagelabels.providers.tencent.ci.traits import of_ci

    return of_ci(settings.scenes, floor, settings.ci_thumbnail)


def open_invoker(settings: TencentSettings, credentials: TencentCredentials) -> Invoker:
    """Open what invokes functions of SCF."""
    from imagelabels.providers.tencent.scf.invoker import ScfInvoker

    return ScfInvoker(settings.endpoint_scf, settings.region, credentials, proxies=settings.proxies)


def open_functions(settings: TencentSettings, credentials: TencentCredentials) -> Functions:
    """Open what tells how functions of SCF are deployed."""
    from imagelabels.providers.tencent.scf.functions import ScfFunctions

    return ScfFunctions(settings.endpoint_scf, settings.region, credentials, settings.proxies)


def write_event(refs: Sequence[ObjectRef]) -> bytes:
    """Write the event of COS that says that these objects have come."""
    from imagelabels.providers.tencent.invocation_event import event

    return event(refs)


@dataclass(frozen=True, slots=True)
class TencentSession:
    """It holds the settings, the keys that each event renews, and the regions of the buckets that events named."""

    settings: TencentSettings
    credentials: TencentCredentials
    regions: dict[str, str] = field(default_factory=dict)

    def refresh(self, brought: Mapping[str, str] | None, environ: Mapping[str, str]) -> None:
        """`brought` are the regions of the event's buckets."""
        self.credentials.refresh_from(environ)
        self.regions.update(brought or {})

    def objects(self, recorded: Recorded) -> ObjectStore:
        return open_objects(self.settings, self.credentials, self.regions)

    def shrinker(self) -> None:
        """The store makes no small copies."""

    def buckets(self) -> CosBucketSetup:
        return open_buckets(self.settings, self.credentials, self.regions)

    def functions(self) -> Functions:
        return open_functions(self.settings, self.credentials)


def _connect(settings: TencentSettings) -> TencentSession:
    from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys

    return TencentSession(settings, TencentCredentials(TencentKeys("", "")))


def _settings() -> type[TencentSettings]:
    from imagelabels.providers.tencent.settings import TencentSettings

    return TencentSettings


def _inventory() -> InventoryDialect:
    from imagelabels.providers.tencent.cos.inventory import COS_INVENTORY

    return COS_INVENTORY


PROVIDER = Provider(
    "tencent",
    extra=Extra("tencent", frozenset({"qcloud_cos"})),
    store=Store("cos", "COS", "ci", ("TENCENTCLOUD_REGION", "TENCENTCLOUD_SECRETID", "TENCENTCLOUD_SECRETKEY")),
    detectors=(
        Detector(
            "ci",
            "Tencent `detect-label`, billed by the vendor, reads COS only",
            0.3,
            lambda session, asked: open_detector_ci(
                session.settings, session.credentials, session.regions, asked.floor
            ),
            lambda session, asked: describe_ci(session.settings, asked.floor),
            reads="cos",
            price="ci-detect-label",
            # The vendor's page does not tell; we expect that each scene is billed.
            units=lambda session: len(session.settings.scenes),
        ),
    ),
    platforms=(
        FunctionPlatform(
            "scf",
            "NAME",
            "a function of SCF",
            lambda session: open_invoker(session.settings, session.credentials),
            write_event,
        ),
    ),
    vocabularies=("ci",),
    settings=_settings,
    connect=_connect,
    inventory=_inventory,
    thumbnails=lambda session: open_thumbnails(session.settings, session.credentials, session.regions),
    code_folder="USER_CODE_ROOT",
)
