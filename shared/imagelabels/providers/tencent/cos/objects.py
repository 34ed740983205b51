"""Reads and tags objects in COS."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote
from xml.etree import ElementTree

import requests
from qcloud_cos.cos_exception import CosServiceError

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Gone, Misconfigured
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import Look, ObjectHead, ObjectRef, Tags, crc64
from imagelabels.providers.kit import fence
from imagelabels.providers.kit.store import REFUSALS, check_length, no_bucket, of_version, seconds, utc
from imagelabels.providers.tencent.cos.client import Bucket, CosBuckets, checked_key
from imagelabels.providers.tencent.cos.failures import calling

_COLD = frozenset({"ARCHIVE", "DEEP_ARCHIVE"})
_MISSING = (404, 405)


class CosObjects:
    """This is an ObjectStore. `wall` is the machine's clock, which the SDK signs with.

    Every method raises Rejected("unsignable_key") for a key that no URL can name.
    """

    def __init__(self, buckets: CosBuckets, wall: Callable[[], float] = time.time) -> None:
        self._buckets, self._wall = buckets, wall

    def close(self) -> None:
        self._buckets.close()

    def head(self, ref: ObjectRef) -> Look:
        key = checked_key(ref)
        with calling(Call("HeadObject", "cos:HeadObject", ref.uri)):
            # 404 for a delete marker too, 405 for one that is named; they tell the store's time like any answer.
            asked = _looked(self._buckets[ref.bucket], key, of_version(ref.version))
            there = asked.request.method == "HEAD" and asked.status_code == 200
            return Look(seconds(asked.headers.get("date")), _head(asked.headers) if there else None)

    def read(self, ref: ObjectRef, head: ObjectHead, start: int, length: int) -> bytes:
        key = checked_key(ref)
        length = min(length, head.size - start)
        if length <= 0:
            return b""
        exactly = {"Range": f"bytes={start}-{start + length - 1}", "If-Match": f'"{head.etag}"'}
        with calling(Call("GetObject", "cos:GetObject", ref.uri)):
            bucket, version = self._buckets[ref.bucket], of_version(head.version or ref.version)
            with bucket.ask("GET", key, version, exactly, stream=True) as answer:
                data = b""
                if answer.status_code == 206 or length == head.size:
                    # This keeps the bytes as they are stored, even if the uploader gave them a Content-Encoding.
                    answer.raw.headers.discard("content-encoding")
                    data = answer.content
        check_length(ref, data, length)
        return data

    def tags(self, ref: ObjectRef) -> Tags:
        key = checked_key(ref)
        with calling(Call("GetObjectTagging", "cos:GetObjectTagging", ref.uri)):
            try:
                answer = self._buckets[ref.bucket].ask("GET", key, {"tagging": "", **of_version(ref.version)})
            except CosServiceError as error:
                if error.get_error_code() == "NoSuchTagSet":
                    return {}
                raise
            tags = ElementTree.fromstring(answer.content).iterfind("{*}TagSet/{*}Tag")
            return {_text(tag, "Key"): _text(tag, "Value") for tag in tags}

    def put_tags(self, ref: ObjectRef, tags: Tags, before: float, until: float) -> None:
        key = checked_key(ref)
        params = {"tagging": "", **of_version(ref.version)}
        with calling(Call("PutObjectTagging", "cos:PutObjectTagging", ref.uri, "tags", fenced=True)):
            bucket = self._buckets[ref.bucket]
            authorization = self._ending(bucket, ref, params, before, until)
            bucket.ask("PUT", key, params, data=_tagging(tags), authorization=authorization)

    def list(self, bucket: str, prefix: str = "", after: str = "") -> Iterator[Listed]:
        call = Call("GetBucket", "cos:GetBucket", f"cos://{bucket}/{prefix}")
        if not re.fullmatch(r".+-[0-9]+", bucket, re.ASCII):
            raise Misconfigured(
                f"{bucket!r} is no bucket of COS: its name ends in the account's APPID, as photos-1250000000"
            )
        marker: str | None = after
        while marker is not None:
            params = {"prefix": prefix, "marker": marker, "max-keys": "1000", "encoding-type": "url"}
            try:
                with calling(call):
                    root = ElementTree.fromstring(self._buckets[bucket].ask("GET", params=params).content)
                    listed = [_listed(bucket, entry) for entry in root.iterfind("{*}Contents")]
            except Gone as error:
                raise no_bucket(error, bucket) from error
            yield from listed
            more = listed and _text(root, "IsTruncated") == "true"
            marker = (unquote(_text(root, "NextMarker")) or listed[-1].ref.key) if more else None

    def _ending(self, bucket: Bucket, ref: ObjectRef, params: Mapping[str, str], before: float, until: float) -> str:
        """Sign behind the fence. The signature names its end as a moment, which the SDK reckons from the local clock:
        https://cloud.tencent.com/document/product/436/7778"""

        def sign(lasting: int) -> tuple[str, float]:
            signature = bucket.authorization("PUT", ref.key, lasting, params)
            return signature, int(re.findall(r"q-sign-time=\d+;(\d+)", signature)[0])

        return fence.signed(sign, ref, before, until, self._wall)


def _looked(bucket: Bucket, key: str, params: Mapping[str, str]) -> requests.Response:
    """Return the answer to a HEAD, or one that says that there is no object.

    An answer to HEAD has no body and so no code. A refusal is asked for again with a GET of one byte, whose code tells
    whether keys have expired, the clock is off, or a permission is missing. If that one is let through, the refusal is
    believed as it stands.
    """
    try:
        return bucket.ask("HEAD", key, params, fine=_MISSING)
    except CosServiceError as error:
        if error.get_status_code() not in REFUSALS:
            raise
        try:
            told = bucket.ask("GET", key, params, {"Range": "bytes=0-0"}, stream=True, fine=(*_MISSING, 416))
        except CosServiceError as refused:
            if refused.get_error_code() != "InvalidObjectState":
                raise
        else:
            told.close()
            if told.status_code in _MISSING:
                return told
        raise


def _tagging(tags: Tags) -> bytes:
    root = ElementTree.Element("Tagging")
    tag_set = ElementTree.SubElement(root, "TagSet")
    for key, value in tags.items():
        tag = ElementTree.SubElement(tag_set, "Tag")
        ElementTree.SubElement(tag, "Key").text = key
        ElementTree.SubElement(tag, "Value").text = value
    body: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return body


def _head(headers: Mapping[str, str]) -> ObjectHead:
    """Read the headers of an object; ValueError if one that COS always sends is missing or cannot be read."""
    etag = headers.get("etag", "").strip('"')
    if not etag:
        raise ValueError("HEAD without ETag")
    version = headers.get("x-cos-version-id")
    cold = headers.get("x-cos-storage-class", "").upper() in _COLD
    return ObjectHead(
        etag=etag,
        size=int(headers.get("content-length", "")),
        crc64=crc64("xz", headers.get("x-cos-hash-crc64ecma")),
        last_modified=int(seconds(headers.get("last-modified"))),
        # The version written while versioning was off cannot be named: tags for "null" would go to the newest one,
        # https://cloud.tencent.com/document/product/436/42997
        version=version if version != "null" else None,
        content_type=headers.get("content-type"),
        archived=cold and 'ongoing-request="false"' not in headers.get("x-cos-restore", ""),
    )


def _listed(bucket: str, entry: ElementTree.Element) -> Listed:
    """Read what a list tells of an object; ValueError if its size or its time of change is missing or unreadable."""
    return Listed(
        ref=ObjectRef("cos", bucket, unquote(_text(entry, "Key"))),
        etag=_text(entry, "ETag").strip('"'),
        size=int(_text(entry, "Size")),
        modified=utc(_text(entry, "LastModified")),
        storage_class=_text(entry, "StorageClass"),
    )


def _text(parent: ElementTree.Element, name: str) -> str:
    """Read the text of an element; nothing if the element is empty or missing."""
    return parent.findtext(f"{{*}}{name}") or ""
