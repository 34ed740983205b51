"""Signs addresses of small copies of pictures in OSS."""

from __future__ import annotations

from imagelabels.domain.model import ObjectHead, ObjectRef
from imagelabels.providers.aliyun.credentials import AliyunCredentials
from imagelabels.providers.aliyun.oss.client import OssBuckets, checked_key
from imagelabels.providers.kit.proxies import DIRECT, Proxies
from imagelabels.providers.kit.store import of_version


class OssThumbnails:
    """This is a Thumbnails. Signing asks nobody, so no call is made here."""

    def __init__(self, endpoint: str, region: str, credentials: AliyunCredentials, proxies: Proxies = DIRECT) -> None:
        self._buckets = OssBuckets(endpoint, region, credentials, 3.0, 10.0, proxies)

    def small(self, ref: ObjectRef, head: ObjectHead, side: int, seconds: int) -> str:
        # The whole picture fits into the square, and nothing is enlarged unless limit_0 asks for it:
        # https://www.alibabacloud.com/help/en/oss/user-guide/resize-images-4
        process = f"image/resize,m_lfit,w_{side},h_{side}/auto-orient,1/format,jpg"
        params = {"x-oss-process": process, **of_version(head.version or ref.version)}
        address: str = self._buckets[ref.bucket].sign_url("GET", checked_key(ref), seconds, params=params)
        return address
