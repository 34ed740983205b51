"""This module puts archives and the proof's picture into buckets of OSS, and says in which region a bucket is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from oss2.exceptions import OssError
from oss2.utils import Crc64

from imagelabels.deploy.progress import CallFailed, failing
from imagelabels.domain.calls import Call
from imagelabels.domain.errors import NoBucket
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.aliyun.credentials import AliyunCredentials
from imagelabels.providers.aliyun.oss.client import OssBuckets
from imagelabels.providers.aliyun.oss.failures import calling
from imagelabels.providers.aliyun.settings import AliyunSettings

CONNECTS = 5.0
SECONDS = 300.0
"""An answer may take so long, since an upload may carry an archive over a slow line."""

_HOST = re.compile(r"oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com")


class Buckets:
    """The buckets of one region."""

    def __init__(self, settings: AliyunSettings, credentials: AliyunCredentials) -> None:
        self._region = settings.region
        self._buckets = OssBuckets(
            settings.endpoint_oss, settings.region, credentials, CONNECTS, SECONDS, settings.proxies
        )

    def close(self) -> None:
        self._buckets.close()

    def check_region(self, parameter: str, bucket: str) -> None:
        """CallFailed unless the bucket that a parameter names is there and in the region."""
        with _calling("GetBucketLocation", f"oss://{bucket}"):
            try:
                region = self._buckets[bucket].get_bucket_location().location.removeprefix("oss-")
            except OssError as error:
                # OSS tells of another region's bucket in two ways: by the region to sign for, or the endpoint to ask.
                host = _HOST.search(str(error.details.get("Endpoint", "")))
                region = error.details.get("Region", "") or (host[1] if host else "")
                if not region:
                    raise
        if region != self._region:
            raise CallFailed(
                "another region",
                f"the bucket {bucket} is in {region}, and the stack in {self._region}: name a bucket of"
                f" {self._region} as {parameter}, or Region={region}",
            )

    def has(self, bucket: str, key: str) -> bool:
        """Tell whether there is an object."""
        return self._head(bucket, key) is not None

    def upload(self, bucket: str, key: str, path: Path) -> bool:
        """Store a file; return whether it was not there already. CallFailed if something else has this key."""
        content = path.read_bytes()
        crc = Crc64()
        crc.update(content)
        there = self._head(bucket, key)
        if there is None:
            # Whoever stores another object under this key at the same moment is not overwritten.
            with _calling("PutObject", f"oss://{bucket}/{key}"):
                self._buckets[bucket].put_object(key, content, headers={"x-oss-forbid-overwrite": "true"})
            return True
        if there != (len(content), str(crc.crc)):
            raise CallFailed(
                "it exists already", f"oss://{bucket}/{key} has another content: remove it, or name another CodeBucket"
            )
        return False

    def put(self, ref: ObjectRef, content: bytes) -> ObjectRef:
        """Store a new picture, and return what removes exactly this one: in some buckets a version has to be named."""
        headers = {"Content-Type": "image/jpeg", "x-oss-forbid-overwrite": "true"}
        with _calling("PutObject", ref.uri):
            result = self._buckets[ref.bucket].put_object(ref.key, content, headers=headers)
        return replace(ref, version=result.versionid or None)

    def remove(self, ref: ObjectRef) -> None:
        """Remove an object; it is no error if it is gone."""
        with _calling("DeleteObject", ref.uri):
            params = {"versionId": ref.version} if ref.version else {}
            self._buckets[ref.bucket].delete_object(ref.key, params=params)

    def _head(self, bucket: str, key: str) -> tuple[int, str] | None:
        """Return size and CRC-64 of an object; None if there is none."""
        with _calling("HeadObject", f"oss://{bucket}/{key}"):
            try:
                headers: Any = self._buckets[bucket].head_object(key).headers
            except OssError as error:
                if error.status == 404 and error.code != "NoSuchBucket":
                    return None
                raise
        return int(headers["Content-Length"]), str(headers.get("x-oss-hash-crc64ecma", ""))


@contextmanager
def _calling(operation: str, uri: str) -> Iterator[None]:
    """Enclose a call. CallFailed names the permission that is missing, or the bucket that is not there."""
    action = {"HeadObject": "GetObject"}.get(operation, operation)
    with failing():
        try:
            with calling(Call(operation, f"oss:{action}", uri)):
                yield
        except NoBucket:
            raise CallFailed("no such bucket", f"{uri}: make the bucket, or correct its name") from None
