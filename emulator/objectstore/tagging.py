"""Reading and replacing the tags of an object, whatever the vendor."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from emulator.core.refusal import Refusal
from emulator.objectstore import versioning, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.reply import Reply, document


async def get(context: StoreContext, call: Call) -> Reply:
    """Answer with the tags. An object without tags has an empty set; no vendor's page says so."""
    stored = context.object(call)
    elements = (
        xml.element("Tag", xml.text("Key", key), xml.text("Value", value)) for key, value in stored.tags.items()
    )
    body = xml.document("Tagging", xml.element("TagSet", *elements))
    return document(body, **versioning.header(context, stored))


async def put(context: StoreContext, call: Call) -> Reply:
    """Replace all tags and nothing else: Last-Modified and ETag stay as they are."""
    stored = context.object(call)
    tree = await call.document("Tagging")
    context.check_again(call)
    tags = context.dialect.checked_tags(pairs(tree))
    if not context.store.set_tags(call.bucket, call.key, tags, call.query.get("versionId", "")):
        raise Refusal("NoSuchKey", details={"Key": call.key})
    return Reply(200, versioning.header(context, stored))


async def delete(context: StoreContext, call: Call) -> Reply:
    stored = context.object(call)
    context.store.set_tags(call.bucket, call.key, {}, call.query.get("versionId", ""))
    return Reply(204, versioning.header(context, stored))


def pairs(tree: Element) -> list[tuple[str, str]]:
    """Return the keys and values of a Tagging document, unchecked. Any other document is refused."""
    sets = tree.findall("TagSet")
    if len(tree) != 1 or len(sets) != 1:
        raise Refusal("MalformedXML")
    tags = []
    for node in sets[0]:
        key, value = node.find("Key"), node.find("Value")
        if node.tag != "Tag" or key is None or value is None:
            raise Refusal("MalformedXML")
        tags.append((key.text or "", value.text or ""))
    return tags
