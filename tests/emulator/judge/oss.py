"""OSS as the emulator has it, through oss2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import oss2
from oss2.models import BucketVersioningConfig, PartInfo, Tagging

from tests.emulator.judge.judged import Answer, Conditions, Names, plain


class Oss:
    refusals: tuple[type[Exception], ...] = (oss2.exceptions.OssError,)

    def __init__(self, bucket: Any) -> None:
        self._bucket = bucket
        self._ids, self._uploads = Names(), Names()

    def status(self, error: Exception) -> int:
        assert isinstance(error, oss2.exceptions.OssError)
        return int(error.status)

    def _named(self, version: int) -> dict[str, str]:
        return {"versionId": self._ids.long(version)} if version else {}

    def _version(self, result: Any) -> str | int | None:
        result.resp.read()
        return self._ids.short(result.headers.get("x-oss-version-id"))

    def put(self, key: str, body: bytes, kind: str, meta: str) -> Answer:
        result = self._bucket.put_object(key, body, headers={"Content-Type": kind, "x-oss-meta-who": meta})
        return {"etag": plain(result.etag), "version": self._version(result)}

    def get(self, key: str, version: int, span: str, conditions: Conditions) -> Answer:
        headers = {name: value.upper() for name, value in conditions.headers().items()}
        headers |= {"Range": span, "x-oss-range-behavior": "standard"} if span else {}
        result = self._bucket.get_object(key, headers=headers, params=self._named(version))
        body = result.read()
        return self._facts(result) | {"body": body, "range": result.headers.get("Content-Range")}

    def head(self, key: str, version: int) -> Answer:
        result = self._bucket.head_object(key, params=self._named(version))
        return self._facts(result) | {"size": result.content_length}

    def _facts(self, result: Any) -> dict[str, Any]:
        return {
            "etag": plain(result.etag),
            "kind": result.headers["Content-Type"],
            "meta": result.headers.get("x-oss-meta-who"),
            "version": self._version(result),
        }

    def copy(self, source: str, version: int, key: str, kind: str) -> Answer:
        headers = {"x-oss-metadata-directive": "REPLACE", "Content-Type": kind} if kind else {}
        name = self._bucket.bucket_name
        result = self._bucket.copy_object(name, source, key, headers=headers, params=self._named(version))
        return {"etag": plain(result.etag), "version": self._version(result)}

    def delete(self, key: str, version: int) -> Answer:
        result = self._bucket.delete_object(key, params=self._named(version))
        return {"marker": bool(result.delete_marker), "version": self._version(result)}

    def delete_many(self, keys: Sequence[str]) -> Answer:
        rows = self._bucket.batch_delete_objects(list(keys)).delete_versions
        return {
            "deleted": [
                (row.key, bool(row.delete_marker), self._ids.short(row.delete_marker_versionid)) for row in rows
            ]
        }

    def list(self, prefix: str, delimiter: str, behind: str, most: int) -> Answer:
        page = self._bucket.list_objects(prefix, delimiter, behind, most)
        return {
            "keys": [(row.key, row.size, plain(row.etag)) for row in page.object_list],
            "prefixes": page.prefix_list,
            "more": page.is_truncated,
        }

    def versions(self, prefix: str) -> Answer:
        page = self._bucket.list_object_versions(prefix=prefix, max_keys=1000)
        return {
            "versions": [(row.key, self._ids.short(row.versionid), row.is_latest) for row in page.versions],
            "markers": [(row.key, self._ids.short(row.versionid), row.is_latest) for row in page.delete_marker],
        }

    def keep_versions(self) -> Answer:
        config = BucketVersioningConfig()
        config.status = "Enabled"
        self._bucket.put_bucket_versioning(config)
        return {"state": self._bucket.get_bucket_versioning().status}

    def put_tags(self, key: str, version: int, tags: Mapping[str, str]) -> Answer:
        tagging = Tagging()
        for name, value in tags.items():
            tagging.tag_set.add(name, value)
        self._bucket.put_object_tagging(key, tagging, params=self._named(version))
        return {}

    def tags(self, key: str, version: int) -> Answer:
        return {"tags": self._bucket.get_object_tagging(key, params=self._named(version)).tag_set.tagging_rule}

    def delete_tags(self, key: str, version: int) -> Answer:
        self._bucket.delete_object_tagging(key, params=self._named(version))
        return {}

    def begin(self, key: str, kind: str) -> Answer:
        upload = self._bucket.init_multipart_upload(key, headers={"Content-Type": kind}).upload_id
        return {"upload": self._uploads.short(upload)}

    def put_part(self, key: str, upload: int, number: int, body: bytes) -> Answer:
        return {"etag": plain(self._bucket.upload_part(key, self._uploads.long(upload), number, body).etag)}

    def complete(self, key: str, upload: int, parts: Sequence[tuple[int, str]]) -> Answer:
        named = [PartInfo(number, etag.upper()) for number, etag in parts]
        result = self._bucket.complete_multipart_upload(key, self._uploads.long(upload), named)
        return {"etag": plain(result.etag), "version": self._version(result)}

    def abort(self, key: str, upload: int) -> Answer:
        self._bucket.abort_multipart_upload(key, self._uploads.long(upload))
        return {}

    def parts(self, key: str, upload: int) -> Answer:
        rows = self._bucket.list_parts(key, self._uploads.long(upload)).parts
        return {"parts": [(row.part_number, row.size, plain(row.etag)) for row in rows]}

    def uploads(self, prefix: str) -> Answer:
        rows = self._bucket.list_multipart_uploads(prefix=prefix, max_uploads=1000).upload_list
        return {"uploads": sorted((row.key, self._uploads.short(row.upload_id)) for row in rows)}
