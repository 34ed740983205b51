"""The document that holds an object's tags."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from emulator.objectstore import xml
from emulator.objectstore.refusal import Refusal


def written(tags: Mapping[str, str]) -> bytes:
    elements = (xml.element("Tag", xml.text("Key", key), xml.text("Value", value)) for key, value in tags.items())
    return xml.document("Tagging", xml.element("TagSet", *elements))


def pairs(tree: Element) -> list[tuple[str, str]]:
    """Keys and values as they stand there; Refusal if it is not such a document."""
    sets = tree.findall("TagSet")
    if len(tree) != 1 or len(sets) != 1:
        raise Refusal("MalformedXML")
    found = []
    for node in sets[0]:
        key, value = node.find("Key"), node.find("Value")
        if node.tag != "Tag" or key is None or value is None:
            raise Refusal("MalformedXML")
        found.append((key.text or "", value.text or ""))
    return found
