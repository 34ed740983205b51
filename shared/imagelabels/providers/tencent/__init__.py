"""Tencent Cloud. This is the provider's only door; opening it loads an SDK, importing it does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagelabels.ports import LabelDetector, ObjectStore
    from imagelabels.providers.tencent.credentials import Credentials
    from imagelabels.providers.tencent.settings import TencentSettings


def open_objects(settings: TencentSettings, credentials: Credentials, regions: Mapping[str, str]) -> ObjectStore:
    """Objects and tags in COS. `regions` names the region of a bucket; those not in it are in the setting's."""
    from imagelabels.providers.tencent.client import Buckets
    from imagelabels.providers.tencent.objects import CosObjects

    return CosObjects(Buckets(settings.endpoint_cos, settings.region, regions, credentials, proxies=settings.proxies))


def open_detector_ci(
    settings: TencentSettings, credentials: Credentials, regions: Mapping[str, str], floor: float
) -> LabelDetector:
    """Image tagging of Cloud Infinite (ci-process=detect-label); labels below `floor`, 0..1, are dropped."""
    from imagelabels.domain.taxonomy import load
    from imagelabels.providers.tencent.client import Buckets
    from imagelabels.providers.tencent.detector_ci import READ, CiDetector

    buckets = Buckets(settings.endpoint_cos, settings.region, regions, credentials, read=READ, proxies=settings.proxies)
    return CiDetector(buckets, settings.scenes, floor, load(), settings.ci_thumbnail)
