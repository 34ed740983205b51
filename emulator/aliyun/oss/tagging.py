"""Object tags and what OSS refuses of them.

https://help.aliyun.com/en/oss/developer-reference/putobjecttagging and the pages of the EC numbers below. No page says
which Code comes with which EC: the pairs are invented.

The pages list the letters a-z and A-Z alone. Letters of other scripts pass here all the same: the vendor's own tests
put Chinese tags on the live service and read them back (test_copy_object_with_tagging of oss2), and there is an error
of its own for what is not UTF-8. Whoever wants to be sure keeps to the letters of the pages.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from emulator.aliyun.oss.errors import Refusal
from emulator.objectstore import tagset
from emulator.objectstore.call import Call
from emulator.objectstore.context import Context
from emulator.objectstore.reply import Reply, document

MOST = 10
LONGEST_KEY = 128
LONGEST_VALUE = 256
"""UTF-8 bytes: older pages count bytes, newer ones characters, which for the letters of the pages is the same."""
PERMITTED = re.compile(r"[\w +\-=.:/]*")

KEY_TOO_LONG = "0010-00000209"
KEY_CHARACTERS = "0010-00000212"
NOT_UTF8 = "0010-00000216"
VALUE_CHARACTERS = "0010-00000217"
TOO_MANY = "0010-00000218"
HEADER_FORM = "0010-00000219"


async def get(context: Context, call: Call) -> Reply:
    tags = context.object(call).tags
    return document(tagset.written(tags))


async def put(context: Context, call: Call) -> Reply:
    """Replaces all tags and nothing else: Last-Modified and ETag stay as they are."""
    context.object(call)
    tree = await call.document("Tagging")
    context.check_again(call)
    tags = checked(tagset.pairs(tree))
    if not context.store.set_tags(call.bucket, call.key, tags):
        raise Refusal("NoSuchKey", details={"Key": call.key})
    return Reply(200)


async def delete(context: Context, call: Call) -> Reply:
    context.object(call)
    context.store.set_tags(call.bucket, call.key, {})
    return Reply(204)


def from_header(header: str) -> dict[str, str]:
    """The tags of `x-oss-tagging: k=v&k2`, URL-encoded; Refusal for what OSS refuses."""
    pairs = []
    for pair in header.split("&") if header else ():
        parts = pair.split("=")
        if len(parts) > 2:
            raise Refusal("InvalidTag", ec=HEADER_FORM)
        key, value = (_decoded(part) for part in (*parts, "")[:2])
        pairs.append((key, value))
    return checked(pairs)


def checked(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """The pairs as tags; Refusal for what OSS refuses."""
    if len(pairs) > MOST:
        raise Refusal("InvalidTag", f"Object tags cannot be greater than {MOST}", ec=TOO_MANY)
    for key, value in pairs:
        if len(key.encode()) > LONGEST_KEY:
            raise Refusal("InvalidTaggingKey", ec=KEY_TOO_LONG)
        if not key or not PERMITTED.fullmatch(key):
            raise Refusal("InvalidTaggingKey", ec=KEY_CHARACTERS)
        if len(value.encode()) > LONGEST_VALUE:
            raise Refusal("InvalidTag")
        if not PERMITTED.fullmatch(value):
            raise Refusal("InvalidTag", ec=VALUE_CHARACTERS)
    tags = dict(pairs)
    if len(tags) != len(pairs):
        raise Refusal("InvalidTag", "The tag keys of an object must be unique.")
    return tags


def _decoded(part: str) -> str:
    try:
        return unquote_to_bytes(part.replace("+", " ").encode("utf-8", "surrogateescape")).decode()
    except UnicodeDecodeError:
        raise Refusal("InvalidTag", ec=NOT_UTF8) from None
