"""Limits of bandwidth, of requests and of capacity, as settings of a bucket. They limit nothing here."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement

from emulator.objectstore import xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.settings import Setting

UNLIMITED = -1
NAMES = {
    f"{way}{what}": f"Total{what}"
    for what in ("UploadBandwidth", "DownloadBandwidth", "Qps")
    for way in ("Total", "Intranet", "Extranet")
}
"""The elements of the limits, and for each the element that no part of it may exceed."""
ACCOUNT = {"TotalUploadBandwidth": 10, "TotalDownloadBandwidth": 10}
"""An account has 10 Gbit/s in each direction in most regions of China, and no other limit:
https://help.aliyun.com/en/oss/product-overview/limits. No bucket may have more."""


# Unproven form-of-user-qos: GET /?qosInfo answers with the region and with these limits.
# Why: no page describes the answer. Its form is what the vendor's SDK for Python reads.
# Ask: GET /?qosInfo of the service: the answer.
async def of_account(context: StoreContext, call: Call) -> Reply:
    """Answer with the limits of the account."""
    limits = (xml.text(name, str(ACCOUNT.get(name, UNLIMITED))) for name in NAMES)
    return document(xml.document("UserQosInfo", xml.text("Region", f"oss-{context.region}"), *limits))


def _bandwidth(context: StoreContext, call: Call, tree: Element) -> None:
    """Check that no part exceeds the whole, and no bucket the account. A limit that is not named is UNLIMITED."""
    limits: dict[str, int] = {}
    for name, whole in NAMES.items():
        value = tree.findtext(name) or str(UNLIMITED)
        if not re.fullmatch("-1|[0-9]{1,9}", value):
            raise invalid(name, value, f"{name} must be -1 or a number.")
        limits[name] = int(value)
        most = ACCOUNT.get(name, UNLIMITED) if name == whole else limits[whole]
        if UNLIMITED < most < limits[name]:
            raise invalid(name, value, f"{name} must not be above {most}.")
        if tree.find(name) is None:
            SubElement(tree, name).text = value


def _capacity(context: StoreContext, call: Call, tree: Element) -> None:
    value = tree.findtext("StorageCapacity") or ""
    if not re.fullmatch("-1|[0-9]{1,18}", value):
        raise invalid("StorageCapacity", value, "StorageCapacity must be -1 or a number of gigabytes.")


SETTINGS = (
    Setting(
        "qos", "BucketUserQos", unset=xml.text("StorageCapacity", str(UNLIMITED)), check=_capacity, removable=False
    ),
    Setting(
        "qosInfo",
        "QoSConfiguration",
        unset="".join(xml.text(name, str(UNLIMITED)) for name in NAMES),
        check=_bandwidth,
    ),
)
