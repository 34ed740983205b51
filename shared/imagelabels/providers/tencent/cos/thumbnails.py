"""Signs addresses of small copies of pictures in COS."""

from __future__ import annotations

from imagelabels.domain.model import ObjectHead, ObjectRef
from imagelabels.providers.kit.store import of_version
from imagelabels.providers.tencent.cos.client import CosBuckets, checked_key


class CosThumbnails:
    """This is a Thumbnails. Signing asks nobody, so no call is made here."""

    def __init__(self, buckets: CosBuckets) -> None:
        self._buckets = buckets

    def small(self, ref: ObjectRef, head: ObjectHead, side: int, seconds: int) -> str:
        # The whole picture fits into the square, and nothing is enlarged:
        # https://cloud.tencent.com/document/product/436/44880
        process = f"imageMogr2/auto-orient/thumbnail/{side}x{side}>/format/jpg"
        params = {process: "", **of_version(head.version or ref.version)}
        return self._buckets[ref.bucket].public_url(checked_key(ref), seconds, params)
