"""Reads inventories of buckets. The vendors write them almost alike, in the form that S3 has given them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.inventory import DataFile, Manifest
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import ObjectRef, crc64
from imagelabels.providers.kit.store import utc

NEEDED = ("Key", "Size")
COMMON = frozenset(
    {
        "Bucket",
        "Crc64",
        "ETag",
        "EncryptionStatus",
        "IsDeleteMarker",
        "IsLatest",
        "IsMultipartUploaded",
        "Key",
        "LastModifiedDate",
        "Size",
        "StorageClass",
        "VersionId",
    }
)
"""Inventories of all stores may have these columns."""
CHANGES = frozenset({"RecordType", "RecordTimestamp", "SequenceNumber"})
"""Only an incremental inventory has these columns."""
MOST_ROW = 256 * 1024
"""A row may have so many bytes. The longest key has 1,024 bytes, and user metadata and tags have some kilobytes."""
LONGEST_KEY = 1024
LONGEST_SHOWN = 100
"""A message shows so many characters of what a stranger wrote."""
MILLISECONDS = 1e11
"""A larger number than this is a moment in milliseconds: in seconds it would be in the year 5138."""


@dataclass(frozen=True, slots=True)
class CsvInventory:
    """This is an InventoryDialect. It has what differs between the vendors."""

    scheme: str
    columns: frozenset[str]
    """The store's inventories may have these columns besides the common ones."""
    bucket: Callable[[Mapping[str, Any], str], str] = lambda manifest, side: str(manifest[f"{side}Bucket"])
    """Returns the bucket that a manifest names as its `source` or its `destination`; KeyError if it names none."""
    beginnings: tuple[str, ...] = ()
    """Columns whose names begin so are known too."""

    def parse(self, manifest: bytes) -> Manifest:
        tree = _tree(manifest)
        form = str(tree.get("fileFormat"))
        if form.upper() != "CSV":
            raise Misconfigured(
                f"the data files of the inventory are {_shown(form)}, and only CSV can be read: configure an inventory "
                "with the format CSV"
            )
        columns = tuple(name.strip() for name in str(tree.get("fileSchema", "")).split(","))
        self._check(columns)
        try:
            source, destination = (self.bucket(tree, side)[:LONGEST_SHOWN] for side in ("source", "destination"))
            files = tuple(_file(entry) for entry in tree["files"])
            made_at = _moment(tree["creationTimestamp"]) if "creationTimestamp" in tree else None
        except (KeyError, TypeError, ValueError) as error:
            raise Misconfigured(
                f"the manifest is not one of an inventory of {self.scheme}://: {_why(error)}"
            ) from error
        return Manifest(self.scheme, source, destination, columns, files, made_at, bool(CHANGES & set(columns)))

    def _check(self, columns: Sequence[str]) -> None:
        if missing := [name for name in NEEDED if name not in columns]:
            raise Misconfigured(
                f"the inventory has no column {' and no column '.join(missing)}: choose the field in its configuration"
            )
        known = COMMON | CHANGES | self.columns
        for name in columns:
            if name not in known and not name.startswith(self.beginnings):
                raise Misconfigured(
                    f"the inventory has a column {_shown(name)} that is not known here: leave the field out of its "
                    "configuration"
                )

    def rows(self, manifest: Manifest, lines: Iterable[bytes]) -> Iterator[Listed | None]:
        text = _Text(lines)
        reader, number = csv.reader(text, strict=True), 0
        while True:
            try:
                row = next(reader, None)
                if row is None:
                    return
                if len(row) != len(manifest.columns):
                    raise ValueError(f"it has {len(row)} columns instead of {len(manifest.columns)}")
                listed = _listed(manifest, dict(zip(manifest.columns, row, strict=True)))
            except (csv.Error, ValueError) as error:
                raise Misconfigured(f"row {number + 1} cannot be read: {_why(error)}") from error
            yield listed
            text.spent, number = 0, number + 1


class _Text:
    """Decodes lines, and bounds the bytes that one row takes over all of its lines."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self.spent = 0
        """So many bytes were read since the last row ended."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.spent += len(line)
        if self.spent > MOST_ROW:
            raise ValueError(f"it has more than {MOST_ROW} bytes")
        return line.decode()


# Unproven keys-in-inventories: Keys in the rows of an inventory are percent-encoded, and a plus sign stands for itself.
# Why: the pages of both vendors say that keys are URL-encoded, and do not tell how a space is written.
# Ask: let an inventory be made of a bucket with the keys "a b", "a+b" and "a%20b", and unpack its data file.
def _listed(manifest: Manifest, row: Mapping[str, str]) -> Listed | None:
    """Return what a row tells of a present object; ValueError if it cannot be read."""
    removed = row.get("RecordType", "").upper() == "DELETE"
    if removed or _is(row, "IsDeleteMarker", "false") or not _is(row, "IsLatest", "true"):
        return None
    key = unquote(row["Key"], errors="strict")
    if not key:
        raise ValueError("its key is empty")
    tags, checksum, modified = row.get("TaggingCount"), row.get("Crc64"), row.get("LastModifiedDate")
    return Listed(
        ref=ObjectRef(manifest.dialect, manifest.source_bucket, key),
        etag=row.get("ETag", "").strip('"'),
        size=_number(row["Size"], "Size"),
        modified=utc(modified) if modified else None,
        storage_class=row.get("StorageClass", ""),
        crc64=crc64("xz", checksum) if checksum else None,
        tag_count=_number(tags, "TaggingCount") if tags else None,
    )


def _is(row: Mapping[str, str], column: str, unless_told: str) -> bool:
    return (row.get(column) or unless_told).lower() == "true"


def _tree(manifest: bytes) -> Mapping[str, Any]:
    try:
        tree = json.loads(manifest, parse_int=str)  # Turning a number of a million digits into an int takes minutes.
    except (ValueError, RecursionError) as error:
        raise Misconfigured("the manifest is not JSON: name the manifest.json of an inventory") from error
    if not isinstance(tree, dict) or not isinstance(tree.get("files"), list):
        raise Misconfigured("the manifest has no list of files: name the manifest.json of an inventory")
    return tree


def _file(entry: Any) -> DataFile:
    """Read a data file's entry. The vendors write MD5checksum and md5Checksum, and sizes as numbers and as texts."""
    fields = {name.lower(): value for name, value in entry.items()} if isinstance(entry, dict) else {}
    md5 = str(fields["md5checksum"]).lower()
    if not re.fullmatch("[0-9a-f]{32}", md5):
        raise ValueError(f"{_shown(md5)} is not an MD5")
    if not isinstance(fields["key"], str) or not 0 < len(fields["key"]) <= LONGEST_KEY:
        raise ValueError(f"the key of a data file is not a text of 1 to {LONGEST_KEY} characters")
    return DataFile(fields["key"], _number(fields["size"], "size"), md5)


def _number(value: Any, name: str) -> int:
    text = str(value)
    if not re.fullmatch("[0-9]{1,18}", text):
        raise ValueError(f"{name} is {_shown(text)}, which is not a number")
    return int(text)


def _moment(value: Any) -> float:
    number = float(_number(value, "creationTimestamp"))
    return number / 1000 if number > MILLISECONDS else number


def _why(error: Exception) -> str:
    return f"it has no {error.args[0]}" if isinstance(error, KeyError) else str(error)[: 3 * LONGEST_SHOWN]


def _shown(text: str) -> str:
    return repr(text[:LONGEST_SHOWN])
