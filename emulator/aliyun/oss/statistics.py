"""GetBucketStat and DescribeRegions."""

from __future__ import annotations

import asyncio

from emulator.aliyun.oss.regions import REGIONS
from emulator.core.refusal import Refusal
from emulator.objectstore import xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.scans import ClassStat

LEAST = 64 * 1024
"""An object that is not in the class Standard is billed as if it had so many bytes at least:
https://help.aliyun.com/en/oss/user-guide/overview-53."""
ELEMENTS = {
    "IA": "InfrequentAccess",
    "Archive": "Archive",
    "ColdArchive": "ColdArchive",
    "DeepColdArchive": "DeepColdArchive",
}
"""The storage classes but Standard, by the beginnings of the names of their elements."""


async def stat(context: StoreContext, call: Call) -> Reply:
    """Tell what the bucket holds now: https://help.aliyun.com/en/oss/developer-reference/getbucketstat.

    The service tells what the bucket held an hour ago or earlier.
    """
    context.bucket(call)
    counted = await asyncio.to_thread(context.store.stat, call.bucket, LEAST)
    classes = {held.storage_class: held for held in counted.classes}
    standard = classes.get("Standard", ClassStat("Standard", 0, 0, 0))
    numbers = {
        "Storage": sum(held.size for held in counted.classes) + counted.parts_size,
        "ObjectCount": sum(held.objects for held in counted.classes),
        "MultipartUploadCount": counted.uploads,
        "LiveChannelCount": context.store.settings.count(call.bucket, "live"),
        "LastModifiedTime": counted.modified,
        "StandardStorage": standard.size,
        "StandardObjectCount": standard.objects,
    }
    for name, element in ELEMENTS.items():
        held = classes.get(name, ClassStat(name, 0, 0, 0))
        numbers |= {
            f"{element}Storage": held.billed,
            f"{element}RealStorage": held.size,
            f"{element}ObjectCount": held.objects,
        }
    numbers |= {"MultipartPartCount": counted.parts, "DeleteMarkerCount": counted.markers}
    return document(xml.document("BucketStat", *(xml.text(name, str(number)) for name, number in numbers.items())))


# Unproven code-of-unknown-region: DescribeRegions refuses an unknown region with NoSuchRegion.
# Why: the page has no code for it.
# Ask: GET /?regions=oss-nowhere of the service: status, code and EC.
async def regions(context: StoreContext, call: Call) -> Reply:
    """Tell of all regions, or of the named one: https://help.aliyun.com/en/oss/developer-reference/describeregions."""
    named = call.query["regions"]
    shown = [f"oss-{region}" for region in REGIONS if named in ("", f"oss-{region}")]
    if not shown:
        raise Refusal("NoSuchRegion", details={"Region": named})
    return document(xml.document("RegionInfoList", *map(_region, shown)))


def _region(region: str) -> str:
    facts = {
        "Region": region,
        "InternetEndpoint": f"{region}.aliyuncs.com",
        "InternalEndpoint": f"{region}-internal.aliyuncs.com",
        "AccelerateEndpoint": "oss-accelerate.aliyuncs.com",
    }
    return xml.element("RegionInfo", *(xml.text(name, value) for name, value in facts.items()))
