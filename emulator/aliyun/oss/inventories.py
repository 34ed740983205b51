"""How OSS writes inventories: https://help.aliyun.com/en/oss/user-guide/bucket-inventory."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any
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

DESTINATION = "Destination/OSSBucketDestination"
FIELDS = (
    "Size",
    "StorageClass",
    "LastModifiedDate",
    "ETag",
    "IsMultipartUploaded",
    "EncryptionStatus",
    "ObjectAcl",
    "TaggingCount",
    "ObjectType",
    "Crc64",
)
"""The optional fields, in the order of their columns."""
RECORD = ("SequenceNumber", "RecordType", "RecordTimestamp", "Requester", "RequestId", "SourceIp")
"""The fields of an incremental inventory that tell of the change itself."""


def read(tree: Element) -> InventoryPlan:
    """Read a configuration: https://help.aliyun.com/en/oss/developer-reference/putbucketinventory."""
    form = needed(tree, f"{DESTINATION}/Format")
    if form != "CSV":
        raise ValueError(f"{DESTINATION}/Format is {form[:100]!r}, and OSS has CSV only")
    seconds, record_fields = _incremental(tree.find("IncrementalInventory"))
    return InventoryPlan(
        number=needed(tree, "Id"),
        enabled=tree.findtext("IsEnabled") == "true",
        frequency=needed(tree, "Schedule/Frequency"),
        destination=needed(tree, f"{DESTINATION}/Bucket").removeprefix("acs:oss:::"),
        prefix=folder(tree.findtext(f"{DESTINATION}/Prefix") or ""),
        all_versions=needed(tree, "IncludedObjectVersions") == "All",
        fields=chosen(tree, "OptionalFields", FIELDS),
        match=_filter(tree.find("Filter")),
        incremental_fields=record_fields,
        incremental_seconds=seconds,
    )


def _filter(tree: Element | None) -> InventoryFilter:
    if tree is None:
        return InventoryFilter()
    classes = [name.strip() for name in (tree.findtext("StorageClass") or "").split(",") if name.strip()]
    return InventoryFilter(
        prefix=tree.findtext("Prefix") or "",
        begin=number(tree, "LastModifyBeginTimeStamp", -math.inf),
        end=number(tree, "LastModifyEndTimeStamp", math.inf),
        smallest=number(tree, "LowerSizeBound", -math.inf),
        largest=number(tree, "UpperSizeBound", math.inf),
        classes=() if "All" in classes else classes,
    )


# Unproven incremental-inventories: The files of an incremental inventory lie below a folder `incremental` of the
#   inventory's, and are like those of a whole one. The columns that tell of the change are before the others, if they
#   are chosen, and RecordType is CREATE or DELETE.
# Why: the vendor's SDKs have the element IncrementalInventory and its fields, and the pages say that accounts get it on
#   request. None shows a file.
# Ask: have them enabled for a bucket, and list the destination after an upload and a removal.
def _incremental(tree: Element | None) -> tuple[int, frozenset[str]]:
    """Return how many seconds there are between two incremental inventories, and their optional fields."""
    if tree is None or (tree.findtext("IsEnabled") or "").lower() != "true":
        return 0, frozenset()
    return int(number(tree, "Schedule/Frequency", 600)) or 600, chosen(tree, "OptionalFields", (*RECORD, *FIELDS))


def columns(plan: InventoryPlan, versioned: bool, incremental: bool) -> Sequence[str]:
    """Return the columns. Those of versions are only there if the bucket keeps versions and all of them are listed."""
    fields = plan.incremental_fields if incremental else plan.fields
    versions = VERSIONS if plan.all_versions and versioned else ()
    record = [name for name in RECORD if incremental and name in fields]
    return (*record, "Bucket", "Key", *versions, *(name for name in FIELDS if name in fields))


def _record_type(line: Line) -> str:
    return "DELETE" if line.listed.marker else "CREATE"


def _acl(line: Line) -> str:
    return line.stored.headers.get("x-oss-object-acl", "default") if line.stored else ""


def _manifest_folder(plan: InventoryPlan, bucket: str, at: float, incremental: bool) -> str:
    moment = datetime.fromtimestamp(at, timezone.utc)
    return f"{_folder(plan, bucket, incremental)}{moment:%Y-%m-%dT%H-%MZ}/"


def _folder(plan: InventoryPlan, bucket: str, incremental: bool) -> str:
    return f"{plan.prefix}{bucket}/{plan.number}/{'incremental/' if incremental else ''}"


# Unproven manifest-of-oss: The entries of files have the names key, size (a number) and MD5checksum, the moment is a
#   text in seconds, fields of the schema are separated by a comma and a space, and an inventory without objects has a
#   manifest without files.
# Why: the page names the fields of the manifest, and shows no example.
# Ask: let an inventory be made of a bucket with one object, and of a prefix with none, and read both manifest.json.
def _manifest(made: Made) -> Mapping[str, Any]:
    return {
        "creationTimestamp": str(int(made.at)),
        "destinationBucket": made.destination,
        "fileFormat": "CSV",
        "fileSchema": ", ".join(made.columns),
        "files": [{"MD5checksum": file.md5.upper(), "key": file.key, "size": file.size} for file in made.files],
        "sourceBucket": made.bucket,
        "version": "2019-09-01",
    }


INVENTORIES = InventoryRules(
    read=read,
    columns=columns,
    cells={
        "SequenceNumber": lambda line: f"{line.listed.modified:020d}{line.listed.sequence:020d}",
        "RecordType": _record_type,
        "RecordTimestamp": lambda line: times.iso(line.listed.modified),
        # Nobody keeps who wrote an object.
        "Requester": lambda line: "",
        "RequestId": lambda line: "",
        "SourceIp": lambda line: "",
        "ObjectAcl": _acl,
        "ObjectType": lambda line: line.listed.kind,
        "TaggingCount": lambda line: str(len(line.stored.tags)) if line.stored else "",
    },
    manifest_folder=_manifest_folder,
    data_folder=lambda plan, bucket, incremental: f"{_folder(plan, bucket, incremental)}data/",
    new_name=lambda: str(uuid.uuid4()),
    manifest=_manifest,
)
