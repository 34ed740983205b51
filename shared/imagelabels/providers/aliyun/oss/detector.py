"""Detects labels through OSS: a GetObject with x-oss-process=image/labels."""

from __future__ import annotations

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import Detection, Picture
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.pictures.picture import MAX_BYTES
from imagelabels.providers.aliyun.credentials import AliyunCredentials
from imagelabels.providers.aliyun.labels import labels, threshold
from imagelabels.providers.aliyun.oss.client import OssBuckets, action
from imagelabels.providers.aliyun.oss.processing import processed
from imagelabels.providers.aliyun.traits import FORMATS, of_oss
from imagelabels.providers.aliyun.traits import OSS_MODEL as MODEL
from imagelabels.providers.kit.proxies import DIRECT, Proxies


class OssDetector:
    """This is a LabelDetector. `floor` is 0..1; `connect` and `read` are time-outs in seconds. It asks once: each call
    is billed."""

    name = "oss"
    paid = True
    formats = FORMATS
    least_side = 1
    calls = 1
    most_bytes = MAX_BYTES
    suffixes = ()
    default_threshold = 0.7

    def __init__(
        self,
        endpoint: str,
        region: str,
        credentials: AliyunCredentials,
        floor: float,
        taxonomy: Taxonomy,
        connect: float = 3.0,
        read: float = 15.0,
        proxies: Proxies = DIRECT,
    ) -> None:
        self.timeout = connect + read
        self.setting = of_oss(floor).setting
        self._threshold = threshold(floor)
        self._taxonomy = taxonomy
        self._buckets = OssBuckets(endpoint, region, credentials, connect, read, proxies)

    def close(self) -> None:
        self._buckets.close()

    def detect(self, picture: Picture) -> Detection:
        ref, version = picture.ref, picture.head.version or picture.ref.version
        permission = f"{action('oss:GetObject', version)} and oss:ProcessImm"
        call = Call("GetObject image/labels", permission, ref.uri, "labels")
        answer = processed(self._buckets, ref, picture.head, f"{MODEL},thr_{self._threshold}", call)
        try:
            raw = answer.decode("utf-8")
            found = labels(raw, self._taxonomy)
        except (ValueError, RecursionError) as error:
            raise Unavailable("detector_error", f"image/labels of {ref.uri!r}: {error}: {answer[:200]!r}") from error
        return Detection(found, self.name, MODEL, raw, True)
