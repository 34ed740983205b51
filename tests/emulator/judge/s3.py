"""S3 as moto emulates it, through boto3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import boto3
import moto.s3.models
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.emulator.judge.judged import Answer, Conditions, Names, plain


class S3:
    refusals: tuple[type[Exception], ...] = (ClientError,)

    def __init__(self, client: Any, bucket: str) -> None:
        self._client, self._bucket = client, bucket
        self._ids, self._uploads = Names(), Names()

    def status(self, error: Exception) -> int:
        assert isinstance(error, ClientError)
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])

    def _at(self, key: str, version: int = 0) -> dict[str, Any]:
        named = {"VersionId": self._ids.long(version)} if version else {}
        return {"Bucket": self._bucket, "Key": key, **named}

    def put(self, key: str, body: bytes, kind: str, meta: str) -> Answer:
        answer = self._client.put_object(**self._at(key), Body=body, ContentType=kind, Metadata={"who": meta})
        return {"etag": plain(answer["ETag"]), "version": self._ids.short(answer.get("VersionId"))}

    def get(self, key: str, version: int, span: str, conditions: Conditions) -> Answer:
        sent = {name.replace("-", ""): value for name, value in conditions.headers().items()}
        answer = self._client.get_object(**self._at(key, version), **sent, **({"Range": span} if span else {}))
        body = answer["Body"].read()
        return self._facts(answer) | {"body": body, "range": answer.get("ContentRange")}

    def head(self, key: str, version: int) -> Answer:
        answer = self._client.head_object(**self._at(key, version))
        return self._facts(answer) | {"size": answer["ContentLength"]}

    def _facts(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "etag": plain(answer["ETag"]),
            "kind": answer["ContentType"],
            "meta": answer["Metadata"].get("who"),
            "version": self._ids.short(answer.get("VersionId")),
        }

    def copy(self, source: str, version: int, key: str, kind: str) -> Answer:
        replaced = {"MetadataDirective": "REPLACE", "ContentType": kind, "Metadata": {}} if kind else {}
        answer = self._client.copy_object(**self._at(key), CopySource=self._at(source, version), **replaced)
        return {"etag": plain(answer["CopyObjectResult"]["ETag"]), "version": self._ids.short(answer.get("VersionId"))}

    def delete(self, key: str, version: int) -> Answer:
        answer = self._client.delete_object(**self._at(key, version))
        return {"marker": bool(answer.get("DeleteMarker")), "version": self._ids.short(answer.get("VersionId"))}

    def delete_many(self, keys: Sequence[str]) -> Answer:
        objects = {"Objects": [{"Key": key} for key in keys]}
        deleted = self._client.delete_objects(Bucket=self._bucket, Delete=objects)["Deleted"]
        return {
            "deleted": [
                (row["Key"], bool(row.get("DeleteMarker")), self._ids.short(row.get("DeleteMarkerVersionId")))
                for row in deleted
            ]
        }

    def list(self, prefix: str, delimiter: str, behind: str, most: int) -> Answer:
        query = {"Prefix": prefix, "Delimiter": delimiter, "Marker": behind, "MaxKeys": most}
        answer = self._client.list_objects(Bucket=self._bucket, **query)
        return {
            "keys": [(row["Key"], row["Size"], plain(row["ETag"])) for row in answer.get("Contents", [])],
            "prefixes": [row["Prefix"] for row in answer.get("CommonPrefixes", [])],
            "more": answer["IsTruncated"],
        }

    def versions(self, prefix: str) -> Answer:
        answer = self._client.list_object_versions(Bucket=self._bucket, Prefix=prefix)
        return {
            "versions": [self._row(row) for row in answer.get("Versions", [])],
            "markers": [self._row(row) for row in answer.get("DeleteMarkers", [])],
        }

    def _row(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        return row["Key"], self._ids.short(row["VersionId"]), row["IsLatest"]

    def keep_versions(self) -> Answer:
        state = {"Status": "Enabled"}
        self._client.put_bucket_versioning(Bucket=self._bucket, VersioningConfiguration=state)
        return {"state": self._client.get_bucket_versioning(Bucket=self._bucket)["Status"]}

    def put_tags(self, key: str, version: int, tags: Mapping[str, str]) -> Answer:
        pairs = [{"Key": name, "Value": value} for name, value in tags.items()]
        self._client.put_object_tagging(**self._at(key, version), Tagging={"TagSet": pairs})
        return {}

    def tags(self, key: str, version: int) -> Answer:
        rows = self._client.get_object_tagging(**self._at(key, version))["TagSet"]
        return {"tags": {row["Key"]: row["Value"] for row in rows}}

    def delete_tags(self, key: str, version: int) -> Answer:
        self._client.head_object(**self._at(key, version))  # moto crashes if there is no such object.
        self._client.delete_object_tagging(**self._at(key, version))
        return {}

    def begin(self, key: str, kind: str) -> Answer:
        answer = self._client.create_multipart_upload(**self._at(key), ContentType=kind)
        return {"upload": self._uploads.short(answer["UploadId"])}

    def put_part(self, key: str, upload: int, number: int, body: bytes) -> Answer:
        which = {"UploadId": self._uploads.long(upload), "PartNumber": number}
        return {"etag": plain(self._client.upload_part(**self._at(key), **which, Body=body)["ETag"])}

    def complete(self, key: str, upload: int, parts: Sequence[tuple[int, str]]) -> Answer:
        named = {"Parts": [{"PartNumber": number, "ETag": f'"{etag}"'} for number, etag in parts]}
        which = {"UploadId": self._uploads.long(upload), "MultipartUpload": named}
        answer = self._client.complete_multipart_upload(**self._at(key), **which)
        return {"etag": plain(answer["ETag"]), "version": self._ids.short(answer.get("VersionId"))}

    def abort(self, key: str, upload: int) -> Answer:
        self._client.abort_multipart_upload(**self._at(key), UploadId=self._uploads.long(upload))
        return {}

    def parts(self, key: str, upload: int) -> Answer:
        answer = self._client.list_parts(**self._at(key), UploadId=self._uploads.long(upload))
        return {"parts": [(row["PartNumber"], row["Size"], plain(row["ETag"])) for row in answer.get("Parts", [])]}

    def uploads(self, prefix: str) -> Answer:
        answer = self._client.list_multipart_uploads(Bucket=self._bucket, Prefix=prefix)
        rows = [(row["Key"], self._uploads.short(row["UploadId"])) for row in answer.get("Uploads", [])]
        return {"uploads": sorted(rows)}


@contextmanager
def judge(bucket: str, smallest_part: int) -> Iterator[S3]:
    """Yield an empty bucket of moto, in which a part has at least so many bytes, as in the vendor's store."""
    keys = {"aws_access_key_id": "judge", "aws_secret_access_key": "judge", "region_name": "us-east-1"}
    with mock_aws(), patch.object(moto.s3.models, "S3_UPLOAD_PART_MIN_SIZE", smallest_part):
        client = boto3.client("s3", **keys)
        try:
            client.create_bucket(Bucket=bucket)
            yield S3(client, bucket)
        finally:
            client.close()
