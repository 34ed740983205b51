"""What a configuration of an inventory asks for, and the table of what differs between the vendors' inventories."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element

from emulator.objectstore import times
from emulator.objectstore.stored import ListedVersion, Stored


@dataclass(frozen=True, slots=True)
class InventoryFilter:
    """An inventory lists the objects that fit this. Moments are in seconds since the epoch, and sizes in bytes."""

    prefix: str = ""
    begin: float = -math.inf
    end: float = math.inf
    smallest: float = -math.inf
    largest: float = math.inf
    classes: Sequence[str] = ()
    """Objects of these storage classes are listed; without any, those of all."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def covers(self, listed: ListedVersion, tags: Mapping[str, str]) -> bool:
        """Tell whether the inventory lists this version. Delete markers have no size and no storage class."""
        if not self.begin <= listed.modified <= self.end:
            return False
        if listed.marker:
            return not self.tags
        fits = self.smallest <= listed.size <= self.largest and self.tags.items() <= tags.items()
        return fits and (not self.classes or listed.storage_class in self.classes)


@dataclass(frozen=True, slots=True)
class InventoryPlan:
    """A configuration of an inventory, once it is read."""

    number: str
    """The id of the configuration."""
    enabled: bool
    frequency: str
    """Daily, Weekly or Monthly; any other one is never due."""
    destination: str
    """The bucket that gets the files."""
    prefix: str
    """The files lie below this folder of that bucket. It ends in a slash, or is empty."""
    all_versions: bool
    fields: frozenset[str]
    """The optional columns."""
    match: InventoryFilter
    incremental_fields: frozenset[str] = frozenset()
    """The optional columns of the incremental inventories."""
    incremental_seconds: int = 0
    """An incremental inventory is made every so many seconds; never if it is 0."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of an inventory. `stored` is only there if a column needs it that no listing tells."""

    bucket: str
    listed: ListedVersion
    latest: bool
    stored: Stored | None
    encrypted: bool


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file that was written."""

    key: str
    size: int
    md5: str


@dataclass(frozen=True, slots=True)
class Made:
    """What an inventory holds, for its manifest."""

    bucket: str
    destination: str
    at: float
    columns: Sequence[str]
    files: Sequence[DataFile]
    objects: int
    size: int


@dataclass(frozen=True, slots=True)
class InventoryRules:
    """How a vendor writes inventories."""

    read: Callable[[Element], InventoryPlan]
    """Reads a configuration. ValueError says what it lacks."""
    columns: Callable[[InventoryPlan, bool, bool], Sequence[str]]
    """Returns the columns for a plan. It is told whether the bucket keeps versions, and whether the inventory is an
    incremental one."""
    cells: Mapping[str, Callable[[Line], str]]
    """Writes a column that only this vendor has, or writes in a way of its own."""
    manifest_folder: Callable[[InventoryPlan, str, float, bool], str]
    """Returns the folder of the manifest, for the plan, the source bucket, the moment and whether it is incremental."""
    data_folder: Callable[[InventoryPlan, str, bool], str]
    new_name: Callable[[], str]
    """Makes the name of a data file, without its ending."""
    manifest: Callable[[Made], Mapping[str, Any]]


# Unproven rows-of-inventories: All fields of a row are quoted, truth values are True and False, moments are like
#   2026-11-21T08:58:21.000Z, ETags have no quotes of their own, and keys are percent-encoded but for the slash.
# Why: the pages of both vendors list the fields, and show no row.
# Ask: let an inventory with all fields be made of a bucket with the keys "a b/c+d" and "狗", and unpack its data file.
CELLS: Mapping[str, Callable[[Line], str]] = {
    "Bucket": lambda line: line.bucket,
    "Key": lambda line: quote(line.listed.key, safe="/"),
    "VersionId": lambda line: line.listed.version,
    "IsLatest": lambda line: str(line.latest),
    "IsDeleteMarker": lambda line: str(line.listed.marker),
    "Size": lambda line: "" if line.listed.marker else str(line.listed.size),
    "LastModifiedDate": lambda line: times.iso(line.listed.modified),
    "ETag": lambda line: line.listed.etag,
    "StorageClass": lambda line: line.listed.storage_class,
    "IsMultipartUploaded": lambda line: str(line.listed.kind == "Multipart"),
    "EncryptionStatus": lambda line: str(line.encrypted),
    "Crc64": lambda line: line.stored.crc64 if line.stored else "",
}
"""The columns that both vendors have."""
OF_STORED = frozenset({"Crc64", "EncryptionStatus", "ObjectAcl", "Tag", "TaggingCount"})
"""No listing tells these columns, nor the metadata of users."""
VERSIONS = ("VersionId", "IsLatest", "IsDeleteMarker")


def row(cells: Mapping[str, Callable[[Line], str]], columns: Sequence[str], line: Line) -> str:
    """Return one line of CSV."""
    values = ((cells.get(name) or CELLS[name])(line).replace('"', '""') for name in columns)
    return ",".join(f'"{value}"' for value in values) + "\n"


def needed(tree: Element, path: str) -> str:
    """Return the text of an element; ValueError if there is none."""
    text = tree.findtext(path)
    if not text:
        raise ValueError(f"the configuration has no {path}")
    return text


def number(tree: Element | None, path: str, default: float) -> float:
    """Return the number in an element; ValueError if it is none."""
    text = tree.findtext(path) if tree is not None else None
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ValueError(f"{path} is {text[:100]!r}, which is not a number")
    return float(text)


def chosen(tree: Element, path: str, known: Sequence[str]) -> frozenset[str]:
    """Return the optional fields that a configuration chooses; ValueError if it chooses one that there is not."""
    fields = frozenset(element.text or "" for element in tree.iterfind(f"{path}/Field"))
    if unknown := sorted(fields - set(known)):
        raise ValueError(f"there is no optional field {unknown[0][:100]!r}: choose from {', '.join(known)}")
    return fields


def folder(prefix: str) -> str:
    """Return the prefix of a destination as a folder."""
    return f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""
