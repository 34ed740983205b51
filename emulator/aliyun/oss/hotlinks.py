"""Keeps pages of other sites from showing objects: https://www.alibabacloud.com/help/en/oss/user-guide/hotlink-protection."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from emulator.aliyun.oss.errors import OssRefusal
from emulator.core.refusal import Refusal
from emulator.objectstore import xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.referers import begins_like
from emulator.objectstore.settings import lower_case

MESSAGE = "You are denied by bucket referer policy."
EMPTY, NOT_LISTED = "0003-00000501", "0003-00000503"
FLAGS = ("AllowEmptyReferer", "AllowTruncateQueryString", "TruncatePath")


def check_setting(context: StoreContext, call: Call, tree: Element) -> None:
    """Add AllowTruncateQueryString, which is true unless the request says no."""
    lower_case(tree, *FLAGS)
    for flag in FLAGS:
        if tree.findtext(flag, "" if flag == FLAGS[0] else "true") not in ("true", "false"):
            raise Refusal("MalformedXML", f"{flag} must be true or false.")
    if tree.find("AllowTruncateQueryString") is None:
        SubElement(tree, "AllowTruncateQueryString").text = "true"


# Unproven reach-of-referers: OSS checks the Referer of GET and HEAD alone, and a pattern stands for all that begins
#   like it.
# Why: no page tells the methods, or says whether a pattern has to fit the whole Referer.
# Ask: with a list of https://a.example.com alone, PUT and GET an object by signed URLs without a Referer, and GET it
#   with the Referer https://a.example.com.example.org/: the statuses.
def check(context: StoreContext, call: Call) -> None:
    """Refuse a read of an object that comes from a page which the bucket does not admit.

    Requests with the header Authorization are not checked.
    """
    if call.method not in ("GET", "HEAD") or not call.key or call.header("authorization"):
        return
    kept = context.store.settings.get(call.bucket, "referer")
    if kept is None:
        return
    tree, referer = xml.parse(kept.encode(), "RefererConfiguration"), call.header("referer").strip()
    allowed, denied = (
        [item.text or "" for item in tree.findall(f"{name}/Referer")] for name in ("RefererList", "RefererBlacklist")
    )
    if not referer:
        if tree.findtext("AllowEmptyReferer") == "false" and any(allowed):
            raise _denied(call, EMPTY)
        return
    referer = _shortened(tree, referer)
    if begins_like(referer, filter(None, denied)):
        raise _denied(call, "")
    if any(allowed) and not begins_like(referer, filter(None, allowed)):
        raise _denied(call, NOT_LISTED)


def _shortened(tree: Element, referer: str) -> str:
    """Return the Referer without its query, or without its path too, as the setting says."""
    if tree.findtext("TruncatePath") == "true":
        scheme, mark, rest = referer.rpartition("://") if "://" in referer[:16] else ("", "", referer)
        return f"{scheme}{mark}{rest.partition('?')[0].partition('/')[0]}"
    return referer.partition("?")[0] if tree.findtext("AllowTruncateQueryString") == "true" else referer


def _denied(call: Call, ec: str) -> Refusal:
    return OssRefusal("AccessDenied", MESSAGE, ec=ec, details={"BucketName": call.bucket})
