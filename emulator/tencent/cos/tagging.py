"""Object tags and what COS refuses of them: https://cloud.tencent.com/document/product/436/42997.

The page speaks of bytes in one place and of characters in another, of values of 1 to 255 in one and of less than 256 in
another. Here bytes count, and a value may be empty. Letters of any script pass: the page in Chinese lists Chinese, the
international one "UTF-8 letters". Which code comes with which fault is on no page.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from emulator.objectstore import tagset
from emulator.objectstore.call import Call
from emulator.objectstore.context import Context
from emulator.objectstore.refusal import Refusal
from emulator.objectstore.reply import Reply, document

MOST = 10
LONGEST_KEY = 127
LONGEST_VALUE = 255
PERMITTED = re.compile(r"[\w +\-=.:/@]*")


async def get(context: Context, call: Call) -> Reply:
    """Of an object without tags an empty set; the vendor's page does not say."""
    return document(tagset.written(context.object(call).tags))


async def put(context: Context, call: Call) -> Reply:
    """Replaces all tags and nothing else: Last-Modified and ETag stay as they are."""
    context.object(call)
    tree = await call.document("Tagging")
    context.check_again(call)
    tags = checked(tagset.pairs(tree))
    if not context.store.set_tags(call.bucket, call.key, tags):
        raise Refusal("NoSuchKey")
    return Reply(200)


async def delete(context: Context, call: Call) -> Reply:
    context.object(call)
    context.store.set_tags(call.bucket, call.key, {})
    return Reply(204)


def from_header(header: str) -> dict[str, str]:
    """The tags of `x-cos-tagging: k=v&k2=v2`, URL-encoded; Refusal for what COS refuses."""
    try:
        pairs = parse_qsl(header, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise Refusal("InvalidTag", "x-cos-tagging is not UTF-8.") from None
    return checked(pairs)


def checked(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """The pairs as tags; Refusal for what COS refuses."""
    if len(pairs) > MOST:
        raise Refusal("InvalidTag", f"An object can have no more than {MOST} tags.")
    for key, value in pairs:
        if not PERMITTED.fullmatch(key) or not PERMITTED.fullmatch(value):
            raise Refusal("InvalidTag", "A tag holds letters, digits, spaces and + - = . _ : / @ only.")
        if not 1 <= len(key.encode()) <= LONGEST_KEY:
            raise Refusal("InvalidTag", f"A tag key has 1 to {LONGEST_KEY} bytes.")
        if len(value.encode()) > LONGEST_VALUE:
            raise Refusal("InvalidTag", f"A tag value has at most {LONGEST_VALUE} bytes.")
    tags = dict(pairs)
    if len(tags) != len(pairs):
        raise Refusal("InvalidTag", "The tag keys of an object must be unique.")
    return tags
