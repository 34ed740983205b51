"""COS as the emulator has it, through cos-python-sdk-v5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from qcloud_cos import CosServiceError

from tests.emulator.judge.judged import Answer, Conditions, Names, plain

REGION = "ap-guangzhou"


class Cos:
    refusals: tuple[type[Exception], ...] = (CosServiceError, OSError)

    def __init__(self, client: Any, bucket: str) -> None:
        self._client, self._bucket = client, bucket
        self._ids, self._uploads = Names(), Names()

    def status(self, error: Exception) -> int:
        if isinstance(error, OSError):
            assert str(error).startswith("create StreamBody failed"), error
            return 304  # The SDK takes an answer without a body for a broken one.
        assert isinstance(error, CosServiceError)
        return int(error.get_status_code())

    def _named(self, version: int) -> dict[str, str]:
        return {"VersionId": self._ids.long(version)} if version else {}

    def put(self, key: str, body: bytes, kind: str, meta: str) -> Answer:
        kept = {"ContentType": kind, "Metadata": {"x-cos-meta-who": meta}}
        answer = self._client.put_object(self._bucket, body, key, **kept)
        return {"etag": plain(answer["ETag"]), "version": self._ids.short(answer.get("x-cos-version-id"))}

    def get(self, key: str, version: int, span: str, conditions: Conditions) -> Answer:
        sent = {name.replace("-", ""): value for name, value in conditions.headers().items()}
        options = sent | self._named(version) | ({"Range": span} if span else {})
        answer = self._client.get_object(self._bucket, key, **options)
        body = answer["Body"].get_raw_stream().read()
        return self._facts(answer) | {"body": body, "range": answer.get("Content-Range")}

    def head(self, key: str, version: int) -> Answer:
        answer = self._client.head_object(self._bucket, key, **self._named(version))
        return self._facts(answer) | {"size": int(answer["Content-Length"])}

    def _facts(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "etag": plain(answer["ETag"]),
            "kind": answer["Content-Type"],
            "meta": answer.get("x-cos-meta-who"),
            "version": self._ids.short(answer.get("x-cos-version-id")),
        }

    def copy(self, source: str, version: int, key: str, kind: str) -> Answer:
        place = {"Bucket": self._bucket, "Key": source, "Region": REGION, **self._named(version)}
        options = {"CopyStatus": "Replaced", "ContentType": kind} if kind else {}
        answer = self._client.copy_object(self._bucket, key, place, **options)
        return {"etag": plain(answer["ETag"]), "version": self._ids.short(answer.get("x-cos-version-id"))}

    def delete(self, key: str, version: int) -> Answer:
        answer = self._client.delete_object(self._bucket, key, **self._named(version)) or {}
        marker = answer.get("x-cos-delete-marker") == "true"
        return {"marker": marker, "version": self._ids.short(answer.get("x-cos-version-id"))}

    def delete_many(self, keys: Sequence[str]) -> Answer:
        objects = {"Object": [{"Key": key} for key in keys], "Quiet": "false"}
        rows = self._client.delete_objects(self._bucket, objects)["Deleted"]
        return {
            "deleted": [
                (row["Key"], "DeleteMarker" in row, self._ids.short(row.get("DeleteMarkerVersionId"))) for row in rows
            ]
        }

    def list(self, prefix: str, delimiter: str, behind: str, most: int) -> Answer:
        query = {"Prefix": prefix, "Delimiter": delimiter, "Marker": behind, "MaxKeys": most}
        page = self._client.list_objects(self._bucket, EncodingType="url", **query)
        return {
            "keys": [(unquote(row["Key"]), int(row["Size"]), plain(row["ETag"])) for row in page.get("Contents", [])],
            "prefixes": [unquote(row["Prefix"]) for row in page.get("CommonPrefixes", [])],
            "more": page["IsTruncated"] == "true",
        }

    def versions(self, prefix: str) -> Answer:
        page = self._client.list_objects_versions(self._bucket, Prefix=prefix)
        return {
            "versions": [self._row(row) for row in page.get("Version", [])],
            "markers": [self._row(row) for row in page.get("DeleteMarker", [])],
        }

    def _row(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        # COS shows no id while the bucket has never kept versions, where S3 shows null.
        return row["Key"], self._ids.short(row["VersionId"]) or "null", row["IsLatest"] == "true"

    def keep_versions(self) -> Answer:
        self._client.put_bucket_versioning(self._bucket, "Enabled")
        return {"state": self._client.get_bucket_versioning(self._bucket)["Status"]}

    def put_tags(self, key: str, version: int, tags: Mapping[str, str]) -> Answer:
        pairs = [{"Key": name, "Value": value} for name, value in tags.items()]
        self._client.put_object_tagging(self._bucket, key, {"TagSet": {"Tag": pairs}}, **self._named(version))
        return {}

    def tags(self, key: str, version: int) -> Answer:
        answer = self._client.get_object_tagging(self._bucket, key, **self._named(version))
        rows = (answer["TagSet"] or {"Tag": []})["Tag"]
        return {"tags": {row["Key"]: row["Value"] or "" for row in rows}}

    def delete_tags(self, key: str, version: int) -> Answer:
        self._client.delete_object_tagging(self._bucket, key, **self._named(version))
        return {}

    def begin(self, key: str, kind: str) -> Answer:
        upload = self._client.create_multipart_upload(self._bucket, key, ContentType=kind)["UploadId"]
        return {"upload": self._uploads.short(upload)}

    def put_part(self, key: str, upload: int, number: int, body: bytes) -> Answer:
        answer = self._client.upload_part(self._bucket, key, body, number, self._uploads.long(upload))
        return {"etag": plain(answer["ETag"])}

    def complete(self, key: str, upload: int, parts: Sequence[tuple[int, str]]) -> Answer:
        named = {"Part": [{"PartNumber": number, "ETag": f'"{etag}"'} for number, etag in parts]}
        answer = self._client.complete_multipart_upload(self._bucket, key, self._uploads.long(upload), named)
        return {"etag": plain(answer["ETag"]), "version": self._ids.short(answer.get("x-cos-version-id"))}

    def abort(self, key: str, upload: int) -> Answer:
        self._client.abort_multipart_upload(self._bucket, key, self._uploads.long(upload))
        return {}

    def parts(self, key: str, upload: int) -> Answer:
        rows = self._client.list_parts(self._bucket, key, self._uploads.long(upload)).get("Part", [])
        return {"parts": [(int(row["PartNumber"]), int(row["Size"]), plain(row["ETag"])) for row in rows]}

    def uploads(self, prefix: str) -> Answer:
        rows = self._client.list_multipart_uploads(self._bucket, Prefix=prefix).get("Upload", [])
        return {"uploads": sorted((row["Key"], self._uploads.short(row["UploadId"])) for row in rows)}
