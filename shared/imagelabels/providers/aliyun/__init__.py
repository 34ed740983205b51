"""Alibaba Cloud. This is the provider's only door; opening it loads an SDK, importing it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagelabels.ports import LabelDetector, ObjectStore
    from imagelabels.providers.aliyun.credentials import Credentials
    from imagelabels.providers.aliyun.settings import AliyunSettings


def open_objects(settings: AliyunSettings, credentials: Credentials) -> ObjectStore:
    """Objects and tags in OSS."""
    from imagelabels.providers.aliyun.objects import OssObjects

    return OssObjects(settings.endpoint_oss, settings.region, credentials)


def open_detector_oss(settings: AliyunSettings, credentials: Credentials, floor: float) -> LabelDetector:
    """Image label detection through OSS (x-oss-process=image/labels), asked at `floor`, 0..1."""
    from imagelabels.domain.taxonomy import load
    from imagelabels.providers.aliyun.detector_oss import OssDetector

    return OssDetector(settings.endpoint_oss, settings.region, credentials, floor, load())
