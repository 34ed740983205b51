"""Image label detection through OSS: a GetObject with x-oss-process=image/labels."""

from __future__ import annotations

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import Detection, Picture
from imagelabels.domain.picture import MAX_BYTES
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.providers.aliyun.client import Buckets, action, checked_key, of_version
from imagelabels.providers.aliyun.credentials import Credentials
from imagelabels.providers.aliyun.failures import calling
from imagelabels.providers.aliyun.labels import labels, threshold

MODEL = "image/labels"


class OssDetector:
    """LabelDetector. `floor` is 0..1; `connect` and `read` are time-outs in seconds. One attempt: each is billed."""

    name = "oss"
    paid = True
    formats = frozenset({"jpeg", "png"})
    least_side = 1
    most_bytes = MAX_BYTES
    suffixes = ()
    default_threshold = 0.7

    def __init__(
        self,
        endpoint: str,
        region: str,
        credentials: Credentials,
        floor: float,
        taxonomy: Taxonomy,
        connect: float = 3.0,
        read: float = 15.0,
    ) -> None:
        self._threshold = threshold(floor)
        self._taxonomy = taxonomy
        self._buckets = Buckets(endpoint, region, credentials, connect, read)

    def close(self) -> None:
        self._buckets.close()

    @property
    def setting(self) -> str:
        return f"oss {MODEL} floor={self._threshold}"

    def detect(self, picture: Picture) -> Detection:
        ref, version = picture.ref, picture.head.version or picture.ref.version
        key = checked_key(ref)
        permission = f"{action('oss:GetObject', version)} and oss:ProcessImm"
        with calling(Call("GetObject image/labels", permission, ref.uri, "labels")):
            result = self._buckets[ref.bucket].get_object(
                key,
                process=f"{MODEL},thr_{self._threshold}",
                headers={"If-Match": f'"{picture.head.etag}"'},
                params=of_version(version),
            )
            raw: str = result.read().decode("utf-8")
        try:
            found = labels(raw, self._taxonomy)
        except (ValueError, RecursionError) as error:
            raise Unavailable("detector_error", f"image/labels of {ref.uri!r}: {error}: {raw[:200]!r}") from error
        return Detection(found, self.name, MODEL, raw, True)
