"""How COS writes inventories: https://cloud.tencent.com/document/product/436/33703."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element

from emulator.objectstore import times
from emulator.objectstore.inventory_rules import (
    VERSIONS,
    InventoryFilter,
    InventoryPlan,
    InventoryRules,
    Line,
    Made,
    chosen,
    folder,
    needed,
    number,
)

DESTINATION = "Destination/COSBucketDestination"
FIELDS = (
    "Size",
    "LastModifiedDate",
    "ETag",
    "StorageClass",
    "IsMultipartUploaded",
    "ReplicationStatus",
    "Tag",
    "Crc64",
)
"""The optional fields, in the order of their columns. The metadata of users, x-cos-meta-*, is not written here."""


def read(tree: Element) -> InventoryPlan:
    """Read a configuration: https://cloud.tencent.com/document/product/436/33707."""
    form = needed(tree, f"{DESTINATION}/Format")
    if form != "CSV":
        raise ValueError(f"{DESTINATION}/Format is {form[:100]!r}, and the emulator writes CSV only")
    return InventoryPlan(
        number=needed(tree, "Id"),
        enabled=(tree.findtext("IsEnabled") or "").lower() == "true",
        frequency=tree.findtext("Schedule/Frequency") or "",
        destination=needed(tree, f"{DESTINATION}/Bucket").rpartition("::")[2],
        prefix=folder(tree.findtext(f"{DESTINATION}/Prefix") or ""),
        all_versions=needed(tree, "IncludedObjectVersions") == "All",
        fields=chosen(tree, "OptionalFields", FIELDS),
        match=_filter(tree.find("Filter")),
    )


def _filter(tree: Element | None) -> InventoryFilter:
    """Read a filter. One with several conditions has them in an element And."""
    tree = tree.find("And") if tree is not None and tree.find("And") is not None else tree
    if tree is None:
        return InventoryFilter()
    storage_class = tree.findtext("StorageClass")
    return InventoryFilter(
        prefix=tree.findtext("Prefix") or "",
        begin=number(tree, "Period/StartTime", -math.inf),
        end=number(tree, "Period/EndTime", math.inf),
        classes=[storage_class] if storage_class else (),
        tags={tag.findtext("Key") or "": tag.findtext("Value") or "" for tag in tree.findall("Tag")},
    )


def columns(plan: InventoryPlan, versioned: bool, incremental: bool) -> Sequence[str]:
    versions = VERSIONS if plan.all_versions else ()
    return ("Appid", "Bucket", "Key", *versions, *(name for name in FIELDS if name in plan.fields))


def split(bucket: str) -> tuple[str, str]:
    """Return the name and the APPID that make the whole name of a bucket."""
    name, _, account = bucket.rpartition("-")
    return name, account


# Unproven tags-in-cos-inventories: The column Tag has the tags as key=value, percent-encoded, with & between them.
# Why: the page names the column, and does not show it.
# Ask: let an inventory with the field Tag be made of an object with two tags.
def _tags(line: Line) -> str:
    tags = line.stored.tags if line.stored else {}
    return "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in tags.items())


def _folder(plan: InventoryPlan, bucket: str) -> str:
    name, account = split(bucket)
    return f"{plan.prefix}{account}/{name}/{plan.number}/"


def _manifest(made: Made) -> Mapping[str, Any]:
    """Return the manifest as the page shows it. What a filter leaves out is not counted here."""
    (source, account), (destination, owner) = split(made.bucket), split(made.destination)
    return {
        "sourceAppid": account,
        "sourceBucket": source,
        "destinationAppid": owner,
        "destinationBucket": destination,
        "fileFormat": "CSV",
        "listObjectCount": str(made.objects),
        "listStorageSize": str(made.size),
        "filterObjectCount": str(made.objects),
        "filterStorageSize": str(made.size),
        "fileSchema": ", ".join(made.columns),
        "files": [{"key": file.key, "size": str(file.size), "md5Checksum": file.md5} for file in made.files],
    }


INVENTORIES = InventoryRules(
    read=read,
    columns=columns,
    cells={
        "Appid": lambda line: split(line.bucket)[1],
        "Bucket": lambda line: split(line.bucket)[0],
        "ReplicationStatus": lambda line: "",
        "Tag": _tags,
    },
    manifest_folder=lambda plan, bucket, at, incremental: f"{_folder(plan, bucket)}{times.day(at)}/",
    data_folder=lambda plan, bucket, incremental: _folder(plan, bucket),
    new_name=lambda: secrets.token_hex(16),
    manifest=_manifest,
)
