"""Reads and tags objects in OSS."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

from oss2.exceptions import OssError
from oss2.models import Tagging, TaggingRule
from oss2.xml_utils import to_put_tagging

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Gone, Rejected, Unavailable
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import Look, ObjectHead, ObjectRef, Tags, crc64
from imagelabels.providers.aliyun.credentials import AliyunCredentials
from imagelabels.providers.aliyun.oss.client import OssBuckets, action, checked_key
from imagelabels.providers.aliyun.oss.failures import calling
from imagelabels.providers.kit import fence
from imagelabels.providers.kit.proxies import DIRECT, Proxies
from imagelabels.providers.kit.store import REFUSALS, check_length, no_bucket, of_version, seconds

_COLD = frozenset({"Archive", "ColdArchive", "DeepColdArchive"})


class OssObjects:
    """This is an ObjectStore. `connect` and `read` are time-outs in seconds; `wall` is the machine's clock, which oss2
    signs with.

    Every method raises Rejected("unsignable_key") for a key that the SDK cannot put into a URL.
    """

    def __init__(
        self,
        endpoint: str,
        region: str,
        credentials: AliyunCredentials,
        connect: float = 3.0,
        read: float = 10.0,
        wall: Callable[[], float] = time.time,
        proxies: Proxies = DIRECT,
    ) -> None:
        self._buckets = OssBuckets(endpoint, region, credentials, connect, read, proxies)
        self._wall = wall

    def close(self) -> None:
        self._buckets.close()

    def head(self, ref: ObjectRef) -> Look:
        key = checked_key(ref)
        with calling(Call("HeadObject", action("oss:GetObject", ref.version), ref.uri)):
            try:
                headers = _headers(self._buckets[ref.bucket], key, of_version(ref.version))
            except OssError as error:
                # 405: the version named is a delete marker. Both answers still tell the store's time.
                if error.status not in (404, 405):
                    raise
                return Look(seconds(error.headers.get("date")), None)
            return Look(seconds(headers.get("date")), _head(headers))

    def read(self, ref: ObjectRef, head: ObjectHead, start: int, length: int) -> bytes:
        key = checked_key(ref)
        # OSS answers a range that reaches beyond the end with the whole object.
        length = min(length, head.size - start)
        if length <= 0:
            return b""
        version = head.version or ref.version
        with calling(Call("GetObject", action("oss:GetObject", version), ref.uri)):
            result = self._buckets[ref.bucket].get_object(
                key,
                byte_range=(start, start + length - 1),
                headers={"If-Match": f'"{head.etag}"'},
                params=of_version(version),
            )
            if result.status != 206 and length != head.size:
                result.close()
                raise Unavailable("store_error", f"GetObject {ref.uri!r}: the range was ignored")
            # This keeps the bytes as they are stored, even if the uploader gave them a Content-Encoding.
            result.resp.response.raw.headers.discard("content-encoding")
            data: bytes = result.read()
        check_length(ref, data, length)
        return data

    def tags(self, ref: ObjectRef) -> Tags:
        key = checked_key(ref)
        with calling(Call("GetObjectTagging", action("oss:GetObjectTagging", ref.version), ref.uri)):
            result = self._buckets[ref.bucket].get_object_tagging(key, params=of_version(ref.version))
            return dict(result.tag_set.tagging_rule)

    def put_tags(self, ref: ObjectRef, tags: Tags, before: float, until: float) -> None:
        permission = action("oss:PutObjectTagging", ref.version)
        call = Call("PutObjectTagging", permission, ref.uri, "tags", signed_url=True)
        key = checked_key(ref)
        body = _tagging(tags)
        with calling(call):
            bucket = self._buckets[ref.bucket]
            bucket.put_object_with_url(self._signed(bucket, key, ref, before, until), body)

    def list(self, bucket: str, prefix: str = "", after: str = "") -> Iterator[Listed]:
        call = Call("ListObjectsV2", "oss:ListObjects", f"oss://{bucket}/{prefix}")
        token = ""
        while True:
            try:
                with calling(call):
                    page = self._buckets[bucket].list_objects_v2(
                        prefix=prefix, start_after="" if token else after, continuation_token=token, max_keys=1000
                    )
            except Gone as error:
                raise no_bucket(error, bucket) from error
            for entry in page.object_list:
                ref = ObjectRef("oss", bucket, entry.key)
                yield Listed(ref, entry.etag, entry.size, float(entry.last_modified), entry.storage_class)
            if not page.is_truncated:
                return
            token = page.next_continuation_token

    def _signed(self, bucket: Any, key: str, ref: ObjectRef, before: float, until: float) -> str:
        """Sign a URL behind the fence.

        V4 signs the local time and a number of whole seconds, and the store adds them on its own clock's scale:
        https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls
        """
        params = {"tagging": "", **of_version(ref.version)}

        def sign(lasting: int) -> tuple[str, float]:
            url: str = bucket.sign_url("PUT", key, lasting, params=params)
            return url, _stamp(url) + lasting

        return fence.signed(sign, ref, before, until, self._wall)


def _headers(bucket: Any, key: str, params: Mapping[str, str]) -> Mapping[str, str]:
    """Return the headers of a HEAD, or raise the SDK's error with a code.

    An answer to HEAD has no body, so a refusal whose code is not in its headers is asked for again with a GET of one
    byte. If that one is let through, the refusal is believed as it stands.
    """
    try:
        headers: Mapping[str, str] = bucket.head_object(key, params=params).headers
    except OssError as error:
        if error.code or error.status not in REFUSALS:
            raise
        try:
            bucket.get_object(key, byte_range=(0, 0), params=params).close()
        except OssError as told:
            if told.status != 416 and told.code != "InvalidObjectState":
                raise
        raise
    return headers


def _stamp(url: str) -> float:
    (date,) = parse_qs(urlsplit(url).query)["x-oss-date"]
    return datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()


def _tagging(tags: Tags) -> bytes:
    rule = TaggingRule()
    try:
        for key, value in tags.items():
            rule.add(key, value)
        body: bytes = to_put_tagging(Tagging(rule))
    except (OssError, ValueError) as error:
        raise Rejected("tags_refused", f"tag {key!r} cannot be sent: {error}") from error
    return body


def _head(headers: Mapping[str, str]) -> ObjectHead:
    """Read the headers of an object; ValueError if one that OSS always sends is missing or cannot be read."""
    etag = headers.get("etag", "").strip('"')
    if not etag:
        raise ValueError("HEAD without ETag")
    restored = 'ongoing-request="false"' in headers.get("x-oss-restore", "")
    return ObjectHead(
        etag=etag,
        size=int(headers.get("content-length", "")),
        crc64=crc64("xz", headers.get("x-oss-hash-crc64ecma")),
        last_modified=int(seconds(headers.get("last-modified"))),
        # "null" is an id like others here: the version written while versioning was off.
        version=headers.get("x-oss-version-id"),
        content_type=headers.get("content-type"),
        # A bucket with real-time access to Archive would let us read, and bill it by the byte; HEAD does not tell.
        archived=headers.get("x-oss-storage-class") in _COLD and not restored,
        symlink=headers.get("x-oss-object-type") == "Symlink",
    )
