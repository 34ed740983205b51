"""Knows where the services answer inside the cloud's own network, and which setting reaches them from outside."""

from __future__ import annotations

import re

OSS = "https://oss-{region}-internal.aliyuncs.com"
IMM = "https://imm.{region}.aliyuncs.com"
FC3 = "https://fcv3.{region}.aliyuncs.com"
FC3_ELSEWHERE = "https://{region}.fc.aliyuncs.com"
FC3_REGIONS_ELSEWHERE = ("me-central-1", "cn-shanghai-finance-1", "cn-heyuan-acdr-1", "cn-hangzhou-finance")
"""In these regions Function Compute 3.0 answers at FC3_ELSEWHERE, by the list in the vendor's SDK."""
FC2 = "https://{account}.{region}.fc.aliyuncs.com"
SMQ = "https://{account}.mns.{region}.aliyuncs.com"
TABLESTORE = "https://{instance}.{region}.vpc.tablestore.aliyuncs.com"

_INSIDE = (
    (
        re.compile(r"(?:.+\.)?oss-([a-z0-9-]+)-internal\.aliyuncs\.com"),
        r"IMAGELABELS_ENDPOINT_OSS=https://oss-\1.aliyuncs.com",
    ),
    (
        re.compile(r"([a-z0-9-]+)\.([a-z0-9-]+)\.vpc\.tablestore\.aliyuncs\.com"),
        r"IMAGELABELS_ENDPOINT_TABLESTORE=https://\1.\2.ots.aliyuncs.com",
    ),
)


def hint(host: str) -> str:
    """Return what an error adds that says which host was not reached."""
    for inside, setting in _INSIDE:
        if (found := inside.fullmatch(host.lower())) is not None:
            return f"; outside Alibaba's network set {found.expand(setting)}"
    return "; check FC_REGION, the IMAGELABELS_ENDPOINT_ variables and the network"
