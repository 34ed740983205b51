"""The buckets of a storm, as the vendors' SDKs use them. Clients and the judge both know them by these classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import oss2
import requests
from qcloud_cos import CosConfig, CosS3Client

KEY = "emulator"
"""Both the id and the secret of the emulator's access key."""

OSS_REGION, COS_REGION, APPID = "cn-hangzhou", "ap-guangzhou", "1250000000"
JPEG = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Changed:
    """The request that changed an object, and the version that it made, if the bucket has versions."""

    request: str
    version: str | None


class Bucket(Protocol):
    """A bucket of either cloud. Errors of the SDKs pass through."""

    uri: str

    def keep_versions(self) -> None: ...

    def put(self, key: str, data: bytes, tags: Mapping[str, str]) -> Changed: ...

    def put_parts(self, key: str, parts: list[bytes], tags: Mapping[str, str]) -> Changed: ...

    def copy(self, source: str, key: str) -> Changed:
        """Copy an object with its tags."""

    def delete(self, key: str) -> Changed:
        """Remove an object. In a bucket with versions, a delete marker hides it, whose version is told."""

    def remove(self, key: str, version: str) -> Changed:
        """Remove a version, or a delete marker, for good."""

    def tags(self, key: str) -> dict[str, str]: ...

    def put_tags(self, key: str, tags: Mapping[str, str]) -> None: ...

    def listed(self) -> Iterator[str]: ...


def header(tags: Mapping[str, str]) -> str:
    return urlencode(tags, quote_via=quote)


class OssBucket:
    """A bucket of OSS."""

    def __init__(self, port: int, name: str) -> None:
        self.uri = f"oss://{name}"
        self._name = name
        self._sdk: Any = oss2.Bucket(oss2.AuthV4(KEY, KEY), f"http://127.0.0.1:{port}", name, region=OSS_REGION)

    def keep_versions(self) -> None:
        self._sdk.put_bucket_versioning(oss2.models.BucketVersioningConfig(oss2.BUCKET_VERSIONING_ENABLE))

    def put(self, key: str, data: bytes, tags: Mapping[str, str]) -> Changed:
        return _oss(self._sdk.put_object(key, data, headers=self._headers(tags)))

    def put_parts(self, key: str, parts: list[bytes], tags: Mapping[str, str]) -> Changed:
        upload = self._sdk.init_multipart_upload(key, headers=self._headers(tags)).upload_id
        sent = []
        for number, part in enumerate(parts, 1):
            result = self._sdk.upload_part(key, upload, number, part)
            sent.append(oss2.models.PartInfo(number, result.etag, size=len(part), part_crc=result.crc))
        return _oss(self._sdk.complete_multipart_upload(key, upload, sent))

    def copy(self, source: str, key: str) -> Changed:
        return _oss(self._sdk.copy_object(self._name, source, key))

    def delete(self, key: str) -> Changed:
        return _oss(self._sdk.delete_object(key))

    def remove(self, key: str, version: str) -> Changed:
        return _oss(self._sdk.delete_object(key, params={"versionId": version}))

    def tags(self, key: str) -> dict[str, str]:
        return dict(self._sdk.get_object_tagging(key).tag_set.tagging_rule)

    def put_tags(self, key: str, tags: Mapping[str, str]) -> None:
        rule = oss2.models.TaggingRule()
        for name, value in tags.items():
            rule.add(name, value)
        self._sdk.put_object_tagging(key, oss2.models.Tagging(rule))

    def listed(self) -> Iterator[str]:
        for found in oss2.ObjectIterator(self._sdk):
            yield str(found.key)

    @staticmethod
    def _headers(tags: Mapping[str, str]) -> dict[str, str]:
        return {"Content-Type": JPEG} | ({"x-oss-tagging": header(tags)} if tags else {})


def _oss(result: Any) -> Changed:
    return Changed(str(result.request_id), getattr(result, "versionid", None) or None)


class CosBucket:
    """A bucket of COS."""

    def __init__(self, port: int, name: str) -> None:
        self.uri = f"cos://{name}"
        self._name = name
        # IP and Port send the request to this machine. Its Host header still names the bucket and the region.
        config = CosConfig(Region=COS_REGION, SecretId=KEY, SecretKey=KEY, Scheme="http", IP="127.0.0.1", Port=port)
        self._sdk: Any = CosS3Client(config, session=requests.Session())

    def keep_versions(self) -> None:
        self._sdk.put_bucket_versioning(self._name, "Enabled")

    def put(self, key: str, data: bytes, tags: Mapping[str, str]) -> Changed:
        return _cos(self._sdk.put_object(self._name, data, key, ContentType=JPEG, **_tagging(tags)))

    def put_parts(self, key: str, parts: list[bytes], tags: Mapping[str, str]) -> Changed:
        begun = self._sdk.create_multipart_upload(self._name, key, ContentType=JPEG, **_tagging(tags))
        sent = []
        for number, part in enumerate(parts, 1):
            result = self._sdk.upload_part(self._name, key, part, number, begun["UploadId"])
            sent.append({"PartNumber": number, "ETag": result["ETag"]})
        return _cos(self._sdk.complete_multipart_upload(self._name, key, begun["UploadId"], {"Part": sent}))

    def copy(self, source: str, key: str) -> Changed:
        described = {"Bucket": self._name, "Key": source, "Region": COS_REGION}
        return _cos(self._sdk.copy_object(self._name, key, described))

    def delete(self, key: str) -> Changed:
        return _cos(self._sdk.delete_object(self._name, key))

    def remove(self, key: str, version: str) -> Changed:
        return _cos(self._sdk.delete_object(self._name, key, VersionId=version))

    def tags(self, key: str) -> dict[str, str]:
        tag_set = self._sdk.get_object_tagging(self._name, key)["TagSet"] or {"Tag": []}
        return {tag["Key"]: tag["Value"] or "" for tag in tag_set["Tag"]}

    def put_tags(self, key: str, tags: Mapping[str, str]) -> None:
        described = {"TagSet": {"Tag": [{"Key": name, "Value": value} for name, value in tags.items()]}}
        self._sdk.put_object_tagging(self._name, key, described)

    def listed(self) -> Iterator[str]:
        marker = ""
        while True:
            page = self._sdk.list_objects(self._name, Marker=marker)
            for found in page.get("Contents", []):
                yield str(found["Key"])
            if page.get("IsTruncated") != "true":
                return
            marker = page["NextMarker"]


def _tagging(tags: Mapping[str, str]) -> dict[str, str]:
    return {"Tagging": header(tags)} if tags else {}


def _cos(result: Mapping[str, Any]) -> Changed:
    headers = {name.lower(): value for name, value in result.items()}
    return Changed(str(headers["x-cos-request-id"]), headers.get("x-cos-version-id"))


NAMES = ("storm", "storm-versions")
"""Each cloud has these two buckets. The second one keeps versions."""


def opened(port: int) -> list[Bucket]:
    """Open all four buckets, with connections of their own."""
    oss: list[Bucket] = [OssBucket(port, name) for name in NAMES]
    return [*oss, *(CosBucket(port, f"{name}-{APPID}") for name in NAMES)]


def keeps_versions(uri: str) -> bool:
    return "-versions" in uri
