"""Describes the inventories of OSS: https://help.aliyun.com/en/oss/user-guide/bucket-inventory."""

from __future__ import annotations

from imagelabels.providers.kit.inventory import CsvInventory

OSS_INVENTORY = CsvInventory(
    "oss",
    frozenset(
        {
            "AccelerateTime",
            "ObjectAcl",
            "ObjectType",
            "RequestId",
            "Requester",
            "SourceIp",
            "TaggingCount",
            "TransitionTime",
        }
    ),
    lambda manifest, side: str(manifest[f"{side}Bucket"]).removeprefix("acs:oss:::"),
)
"""The configuration of an inventory names its destination with acs:oss::: before it, and so may the manifest."""
