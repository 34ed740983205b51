"""Lets OSS make small copies of pictures: a GetObject with x-oss-process=image/resize."""

from __future__ import annotations

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import ObjectHead, ObjectRef
from imagelabels.pictures.picture import sniff
from imagelabels.providers.aliyun.credentials import AliyunCredentials
from imagelabels.providers.aliyun.oss.client import OssBuckets, action
from imagelabels.providers.aliyun.oss.processing import processed
from imagelabels.providers.kit.proxies import DIRECT, Proxies

FORMATS = frozenset({"jpeg", "png", "bmp", "gif", "webp", "tiff", "heic", "avif"})
"""OSS reads these formats: https://www.alibabacloud.com/help/en/oss/user-guide/overview-17"""


class OssShrinker:
    """This is a Shrinker. `connect` and `read` are time-outs in seconds. It asks once: each call is billed."""

    name = "oss-resized"
    formats = FORMATS

    def __init__(
        self,
        endpoint: str,
        region: str,
        credentials: AliyunCredentials,
        connect: float = 3.0,
        read: float = 10.0,
        proxies: Proxies = DIRECT,
    ) -> None:
        self._buckets = OssBuckets(endpoint, region, credentials, connect, read, proxies)

    def close(self) -> None:
        self._buckets.close()

    def shrunk(self, ref: ObjectRef, head: ObjectHead, side: int) -> bytes:
        permission = action("oss:GetObject", head.version or ref.version)
        call = Call("GetObject image/resize", permission, ref.uri, "copy")
        # OSS does this in the order that is written. It resizes first, since it turns no picture of more than 4096
        # pixels a side, and which side is the shorter one is the same before and after. Nothing is enlarged unless
        # limit_0 asks for it. https://www.alibabacloud.com/help/en/oss/user-guide/resize-images-4
        jpeg = processed(self._buckets, ref, head, f"image/resize,s_{side}/auto-orient,1/format,jpg", call)
        if sniff(jpeg) != "jpeg":
            raise Unavailable("store_error", f"{call.operation} {ref.uri!r}: what came is no JPEG: {jpeg[:20]!r}")
        return jpeg
