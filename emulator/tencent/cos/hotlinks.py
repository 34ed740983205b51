"""Keeps pages of other sites from showing objects.

https://cloud.tencent.com/document/product/436/32492, https://www.tencentcloud.com/document/product/436/13319.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from emulator.core.refusal import Refusal
from emulator.objectstore import xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.referers import begins_like

VALUES = {"Status": ("Enabled", "Disabled"), "RefererType": ("Black-List", "White-List")}


def check_setting(context: StoreContext, call: Call, tree: Element) -> None:
    for name, values in VALUES.items():
        if tree.findtext(name) not in values:
            raise Refusal("MalformedXML", f"{name} must be one of {' and '.join(values)}.")
    if tree.findtext("EmptyReferConfiguration", "Deny") not in ("Allow", "Deny"):
        raise Refusal("MalformedXML", "EmptyReferConfiguration must be Allow or Deny.")


# Unproven refusals-of-referers: COS checks the Referer of GET and HEAD alone, and refuses with this message.
# Why: no page tells the methods or the message.
# Ask: with a white list that lets no empty Referer in, PUT and GET an object of a bucket that is open to all: status,
#   code and message of each.
def check(context: StoreContext, call: Call) -> None:
    """Refuse a read without a signature that comes from a page which the bucket does not admit."""
    kept = context.store.settings.get(call.bucket, "referer")
    if kept is None or call.method not in ("GET", "HEAD"):
        return
    tree, referer = xml.parse(kept.encode(), "RefererConfiguration"), call.header("referer").strip()
    if tree.findtext("Status") == "Enabled" and not _admitted(tree, referer):
        raise Refusal("AccessDenied", "The Referer of the request is not admitted.")


def _admitted(tree: Element, referer: str) -> bool:
    if not referer:
        return tree.findtext("EmptyReferConfiguration") == "Allow"
    page = referer.partition("://")[2] if "://" in referer[:16] else referer
    domains = [domain.text or "" for domain in tree.findall("DomainList/Domain")]
    # https://www.tencentcloud.com/document/product/436/32466: *.example.com stands for example.com too.
    bare = [domain[2:] for domain in domains if domain.startswith("*.")]
    listed = begins_like(page, filter(None, [*domains, *bare]))
    return listed == (tree.findtext("RefererType") == "White-List")
