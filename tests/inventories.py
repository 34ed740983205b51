"""Writes inventories of buckets into a fake store, as each vendor writes them."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from imagelabels.domain.model import ObjectRef
from tests.fakes import FakeClock, FakeObjects

COLUMNS = ("Bucket", "Key", "Size", "StorageClass", "LastModifiedDate", "ETag")


def row(key: str, size: str = "7") -> str:
    """Return a line of COLUMNS. The key is written as it stands in the file."""
    return f'"photos","{key}","{size}","Standard","2026-03-01T06:45:43Z","E{size}"\n'


def packed(*lines: str) -> bytes:
    return gzip.compress("".join(lines).encode(), mtime=0)


@dataclass
class Shelf:
    """A fake store with an inventory, whose manifest lies at `ref`. `fields` replaces fields of the manifest."""

    dialect: str = "oss"
    columns: Sequence[str] = COLUMNS
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.objects = FakeObjects(FakeClock(), self.dialect)
        self.bucket = "photos" if self.dialect == "oss" else "photos-1250000000"
        self.ref = self.at("lists/2026-03-01T16-00Z/manifest.json")

    def at(self, key: str) -> ObjectRef:
        return ObjectRef(self.dialect, "lists" if self.dialect == "oss" else "lists-1250000000", key)

    def write(self, *files: bytes) -> None:
        """Write an inventory with these data files."""
        entries = []
        for number, data in enumerate(files):
            key = f"data/{number}.csv.gz"
            self.objects.put(self.at(key), data)
            md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
            if self.dialect == "oss":
                entries.append({"key": key, "size": len(data), "MD5checksum": md5.upper()})
            else:
                entries.append({"key": key, "size": str(len(data)), "md5Checksum": md5})
        self.put_manifest({**self._named(), "files": entries, **self.fields})

    def put_manifest(self, tree: object) -> None:
        self.objects.put(self.ref, json.dumps(tree).encode())

    def _named(self) -> dict[str, Any]:
        shared = {"sourceBucket": "photos", "destinationBucket": "lists", "fileFormat": "CSV"}
        schema = ", ".join(self.columns)
        if self.dialect == "oss":
            return {"creationTimestamp": "1772380800", "version": "2019-09-01", **shared, "fileSchema": schema}
        accounts = {"sourceAppid": "1250000000", "destinationAppid": "1250000000"}
        return {**accounts, **shared, "fileSchema": schema, "listObjectCount": "1"}
