"""The index page and the error page of a static website.

https://help.aliyun.com/en/oss/developer-reference/putbucketwebsite. A page is served under the rules for the object
that it is, so nobody sees one whom its ACL or the policy of the bucket keeps from it. Routing rules are kept and not
followed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree.ElementTree import Element

from emulator.aliyun.oss.signing import PARAMETERS
from emulator.core.refusal import Refusal
from emulator.objectstore import access, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.objects import shown_headers, whole
from emulator.objectstore.reply import Reply

REDIRECT, INDEX = "0", "2"
"""What the Type of a website with index pages of folders says of the name of a folder without its slash: it is
redirected, or it gets the index page of the folder. With any other it is no key."""


# Unproven folder-of-website: A key that ends in a slash gets the index page, also by a signed request, unless there is
#   an object of that key.
# Why: the pages tell nothing of signed requests for folders, and the vendor's own tests get the index page by one. No
#   page tells whether an object of that key comes first.
# Ask: in a bucket with an index page and an object "folder/", GET "folder/" and "none/", each signed and unsigned.
def page(context: StoreContext, call: Call, signed: bool) -> Call:
    """Return the call for the index page, if that is what the call gets, and else the call itself.

    The root of the bucket is its index page for requests without a signature alone; others get a list of objects.
    """
    website = _website(context, call)
    suffix = website.findtext("IndexDocument/Suffix") if website is not None else None
    if website is None or not suffix:
        return call
    if not call.key:
        return call if signed else replace(call, key=suffix)
    if context.store.object(call.bucket, call.key) is not None:
        return call
    folders = website.findtext("IndexDocument/SupportSubDir") == "true"
    if call.key.endswith("/"):
        return replace(call, key=call.key + suffix if folders else suffix)
    index = replace(call, key=f"{call.key}/{suffix}")
    if folders and not signed and _type(website) == INDEX and _visible(context, index):
        return index
    return call


# Unproven error-page-for-signed: A signed request for a key that does not exist gets the error document in XML, as
#   without a website.
# Why: the pages tell of browsers alone, and SDKs read the code from the XML.
# Ask: in a bucket with an error page, GET a key that does not exist by a signed request: Content-Type.
def missing(context: StoreContext, call: Call, refusal: Refusal) -> Reply | None:
    """Return what a website answers to a request without a signature for a key that does not exist, if anything."""
    website = _website(context, call)
    if website is None or refusal.code != "NoSuchKey":
        return None
    return _redirect(context, call, website) or _error_page(context, call, website)


def _redirect(context: StoreContext, call: Call, website: Element) -> Reply | None:
    """Return the answer that leads to a folder whose name was given without its slash, if everybody sees its page."""
    suffix = website.findtext("IndexDocument/Suffix")
    if not call.key or not suffix or website.findtext("IndexDocument/SupportSubDir") != "true":
        return None
    if _type(website) != REDIRECT or not _visible(context, replace(call, key=f"{call.key}/{suffix}")):
        return None
    return Reply(302, {"Location": f"{call.request.raw_path.partition('?')[0]}/"})


def _error_page(context: StoreContext, call: Call, website: Element) -> Reply | None:
    error = replace(call, key=website.findtext("ErrorDocument/Key") or "")
    if not error.key or not _visible(context, error):
        return None
    try:
        stored = context.readable(error)
    except Refusal:
        return None
    status = website.findtext("ErrorDocument/HttpStatus") or ""
    code = int(status) if re.fullmatch("[2-5][0-9][0-9]", status) else 404
    headers = shown_headers(context, stored)
    if call.method == "HEAD":
        return Reply(code, headers | {"Content-Length": str(stored.size)})
    return replace(whole(stored, headers), status=code)


def _website(context: StoreContext, call: Call) -> Element | None:
    """Return the website of the bucket, if the call is one that may get a page of it."""
    if call.method not in ("GET", "HEAD") or not call.bucket:
        return None
    if any(name not in PARAMETERS for name, _ in call.params):
        return None
    kept = context.store.settings.get(call.bucket, "website")
    return xml.parse(kept.encode(), "WebsiteConfiguration") if kept else None


def _type(website: Element) -> str:
    return website.findtext("IndexDocument/Type") or REDIRECT


def _visible(context: StoreContext, call: Call) -> bool:
    """Tell whether there is such an object, and everybody may read it."""
    return context.store.object(call.bucket, call.key) is not None and access.open_to_all(context, call)
