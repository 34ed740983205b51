"""Describes the inventories of COS: https://cloud.tencent.com/document/product/436/33703."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagelabels.providers.kit.inventory import CsvInventory


def _bucket(manifest: Mapping[str, Any], side: str) -> str:
    """Return the whole name of a bucket. The manifest has the APPID of the account, with which it ends, apart."""
    name, account = str(manifest[f"{side}Bucket"]), str(manifest[f"{side}Appid"])
    return name if name.endswith(f"-{account}") else f"{name}-{account}"


COS_INVENTORY = CsvInventory(
    "cos", frozenset({"Appid", "ReplicationStatus", "Tag"}), _bucket, beginnings=("x-cos-meta-",)
)
