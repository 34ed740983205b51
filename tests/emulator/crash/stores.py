"""OSS and COS as a writer of objects sees them, through oss2 and cos-python-sdk-v5."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from typing import Any, Protocol

import oss2
import requests
from oss2.models import BucketVersioningConfig, PartInfo, Tagging
from qcloud_cos import CosClientError, CosConfig, CosS3Client

from tests.emulator.crash.state import State, Upload, Version

Tags = Mapping[str, str]


class Bucket(Protocol):
    """A bucket. Each write returns when the store has acknowledged it, and tells the id of the new version, or ""."""

    lost: tuple[type[Exception], ...]
    """The exceptions of the client if the connection breaks."""
    smallest: int
    """A part of an upload but the last has so many bytes at least."""

    def etag(self, md5: bytes) -> str: ...
    def keep_versions(self) -> None: ...
    def put(self, key: str, body: bytes, tags: Tags) -> str: ...
    def set_tags(self, key: str, tags: Tags) -> None: ...
    def append(self, key: str, position: int, body: bytes) -> str: ...
    def copy(self, source: str, key: str) -> str: ...
    def delete(self, key: str, version: str = "") -> str: ...
    def begin(self, key: str) -> str: ...
    def part(self, upload: Upload, number: int, body: bytes) -> None: ...
    def complete(self, upload: Upload) -> str: ...
    def state(self, versions: bool) -> State: ...


class Oss:
    lost: tuple[type[Exception], ...] = (oss2.exceptions.RequestError,)
    smallest = 100 * 1024

    def __init__(self, address: str, name: str) -> None:
        self._bucket: Any = oss2.Bucket(oss2.AuthV4("emulator", "emulator"), address, name, region="cn-hangzhou")
        self._bucket.create_bucket()

    def etag(self, md5: bytes) -> str:
        return md5.hex().upper()

    def keep_versions(self) -> None:
        self._bucket.put_bucket_versioning(BucketVersioningConfig("Enabled"))

    def put(self, key: str, body: bytes, tags: Tags) -> str:
        return _id(self._bucket.put_object(key, body, headers={"x-oss-tagging": _pairs(tags)} if tags else None))

    def set_tags(self, key: str, tags: Tags) -> None:
        tagging = Tagging()
        for name, value in tags.items():
            tagging.tag_set.add(name, value)
        self._bucket.put_object_tagging(key, tagging)

    def append(self, key: str, position: int, body: bytes) -> str:
        return str(self._bucket.append_object(key, position, body).etag).strip('"')

    def copy(self, source: str, key: str) -> str:
        return _id(self._bucket.copy_object(self._bucket.bucket_name, source, key))

    def delete(self, key: str, version: str = "") -> str:
        return _id(self._bucket.delete_object(key, params={"versionId": version} if version else None))

    def begin(self, key: str) -> str:
        return str(self._bucket.init_multipart_upload(key).upload_id)

    def part(self, upload: Upload, number: int, body: bytes) -> None:
        self._bucket.upload_part(upload.key, upload.id, number, body)

    def complete(self, upload: Upload) -> str:
        parts = [PartInfo(number, etag) for number, etag in sorted(upload.parts.items())]
        return _id(self._bucket.complete_multipart_upload(upload.key, upload.id, parts))

    def state(self, versions: bool) -> State:
        if versions:
            page = self._bucket.list_object_versions(max_keys=999)
            rows = [(row, False) for row in page.versions] + [(row, True) for row in page.delete_marker]
            rows.sort(key=lambda pair: not pair[0].is_latest)
            listed = [(row.key, row.versionid, marker) for row, marker in rows]
        else:
            listed = [(row.key, "", False) for row in self._bucket.list_objects(max_keys=999).object_list]
        state = State()
        for key, version, marker in listed:
            state = state.having(key, [*state.of(key), self._seen(key, version, marker)])
        uploads = self._bucket.list_multipart_uploads(max_uploads=999).upload_list
        return state.uploading(*(Upload(row.key, self._parts(row), row.upload_id) for row in uploads))

    def _seen(self, key: str, version: str, marker: bool) -> Version:
        if marker:
            return Version(None, id=version)
        named = {"versionId": version} if version else {}
        answer = self._bucket.get_object(key, params=dict(named))
        tags = self._bucket.get_object_tagging(key, params=dict(named)).tag_set.tagging_rule
        return Version(answer.read(), str(answer.etag).strip('"'), dict(tags), version)

    def _parts(self, upload: Any) -> dict[int, str]:
        parts = self._bucket.list_parts(upload.key, upload.upload_id, max_parts=999).parts
        return {part.part_number: part.etag for part in parts}


class Cos:
    lost: tuple[type[Exception], ...] = (CosClientError, requests.exceptions.RequestException, ConnectionError)
    smallest = 1024 * 1024

    def __init__(self, address: str, name: str) -> None:
        host, _, port = address.removeprefix("http://").partition(":")
        config = CosConfig(
            Region="ap-guangzhou", SecretId="emulator", SecretKey="emulator", Scheme="http", IP=host, Port=int(port)
        )
        self._client: Any = CosS3Client(config, retry=0)
        self._name = f"{name}-1250000000"
        if not self._client.bucket_exists(self._name):
            self._client.create_bucket(self._name)

    def etag(self, md5: bytes) -> str:
        return md5.hex()

    def keep_versions(self) -> None:
        self._client.put_bucket_versioning(self._name, "Enabled")

    def put(self, key: str, body: bytes, tags: Tags) -> str:
        headers = {"Tagging": _pairs(tags)} if tags else {}
        return str(self._client.put_object(self._name, body, key, **headers).get("x-cos-version-id", ""))

    def set_tags(self, key: str, tags: Tags) -> None:
        pairs = [{"Key": name, "Value": value} for name, value in tags.items()]
        self._client.put_object_tagging(self._name, key, {"TagSet": {"Tag": pairs}})

    def append(self, key: str, position: int, body: bytes) -> str:
        return str(self._client.append_object(self._name, key, position, io.BytesIO(body))["ETag"]).strip('"')

    def copy(self, source: str, key: str) -> str:
        place = {"Bucket": self._name, "Key": source, "Region": "ap-guangzhou"}
        return str(self._client.copy_object(self._name, key, place).get("x-cos-version-id", ""))

    def delete(self, key: str, version: str = "") -> str:
        answer = self._client.delete_object(self._name, key, **({"VersionId": version} if version else {})) or {}
        return str(answer.get("x-cos-version-id", ""))

    def begin(self, key: str) -> str:
        return str(self._client.create_multipart_upload(self._name, key)["UploadId"])

    def part(self, upload: Upload, number: int, body: bytes) -> None:
        self._client.upload_part(self._name, upload.key, body, number, upload.id)

    def complete(self, upload: Upload) -> str:
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in sorted(upload.parts.items())]
        answer = self._client.complete_multipart_upload(self._name, upload.key, upload.id, {"Part": parts})
        return str(answer.get("x-cos-version-id", ""))

    def state(self, versions: bool) -> State:
        if versions:
            page = self._client.list_objects_versions(self._name, MaxKeys=999)
            rows = [(row, False) for row in page.get("Version", [])]
            rows += [(row, True) for row in page.get("DeleteMarker", [])]
            rows.sort(key=lambda pair: pair[0]["IsLatest"] != "true")
            listed = [(row["Key"], row["VersionId"], marker) for row, marker in rows]
        else:
            page = self._client.list_objects(self._name, MaxKeys=999)
            listed = [(row["Key"], "", False) for row in page.get("Contents", [])]
        state = State()
        for key, version, marker in listed:
            state = state.having(key, [*state.of(key), self._seen(key, version, marker)])
        uploads = self._client.list_multipart_uploads(self._name, MaxUploads=999).get("Upload", [])
        return state.uploading(*(Upload(row["Key"], self._parts(row), row["UploadId"]) for row in uploads))

    def _seen(self, key: str, version: str, marker: bool) -> Version:
        if marker:
            return Version(None, id=version)
        named = {"VersionId": version} if version else {}
        answer = self._client.get_object(self._name, key, **named)
        body = answer["Body"].get_raw_stream().read()
        tagging = self._client.get_object_tagging(self._name, key, **named)["TagSet"] or {}
        return Version(
            body, answer["ETag"].strip('"'), {pair["Key"]: pair["Value"] for pair in tagging.get("Tag", [])}, version
        )

    def _parts(self, upload: Any) -> dict[int, str]:
        page = self._client.list_parts(self._name, upload["Key"], upload["UploadId"], MaxParts=999)
        return {int(part["PartNumber"]): part["ETag"].strip('"') for part in page.get("Part", [])}


def md5(body: bytes) -> bytes:
    return hashlib.md5(body, usedforsecurity=False).digest()


def _id(result: Any) -> str:
    result.resp.read()
    return str(result.headers.get("x-oss-version-id", ""))


def _pairs(tags: Tags) -> str:
    return "&".join(f"{name}={value}" for name, value in tags.items())
