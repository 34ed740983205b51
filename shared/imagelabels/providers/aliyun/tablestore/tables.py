"""Names the tables of an index in Tablestore and the fields of its search index, and cuts values to the service's
limits.

https://www.alibabacloud.com/help/en/tablestore/general-limits-of-tablestore
https://www.alibabacloud.com/help/en/tablestore/limits-on-search-index
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from imagelabels.domain.changes import KEPT_DAYS

IMAGES, ANSWERS = "imagelabels_images", "imagelabels_answers"
BUDGETS, EVENTS = "imagelabels_budgets", "imagelabels_events"
CHANGES, TOKENS = "imagelabels_changes", "imagelabels_tokens"
ALBUMS, PINS = "imagelabels_albums", "imagelabels_pins"
WEBHOOKS, DELIVERIES = "imagelabels_webhooks", "imagelabels_webhook_deliveries"
KNOWN = "imagelabels_webhook_known"
SEARCH = "imagelabels_search"
"""The search index has this name; only IMAGES has one."""

KEYS: dict[str, tuple[str, ...]] = {
    IMAGES: ("pk",),
    ANSWERS: ("answer_id",),
    BUDGETS: ("detector",),
    EVENTS: ("image", "event", "token"),
    CHANGES: ("at", "image", "token"),
    ALBUMS: ("album",),
    PINS: ("album", "image"),
    TOKENS: ("hash",),
    WEBHOOKS: ("hook",),
    DELIVERIES: ("hook", "image", "number"),
    KNOWN: ("hook", "image"),
}
"""Primary keys, all of them strings. An image's is a hash: keys of objects are longer than a search index allows.

No column is an auto-increment one, which would number the changes: Resource Orchestration Service, which makes the
tables of a deployment, has no word for it (https://www.alibabacloud.com/help/en/ros/developer-reference/aliyun-ots-table).
"""

KEPT: dict[str, int] = {EVENTS: 30 * 86400, CHANGES: KEPT_DAYS * 86400}
"""These tables keep rows for so many seconds, the others for good: a table with a search index cannot let rows
expire."""


@dataclass(frozen=True, slots=True)
class Field:
    """This is a field of the search index; `inner` are those of its nested rows."""

    name: str
    kind: Literal["KEYWORD", "LONG", "DOUBLE", "NESTED"]
    array: bool = False
    inner: tuple[Field, ...] = ()


FIELDS = (
    Field("uri", "KEYWORD"),
    Field("bucket", "KEYWORD"),
    Field("key", "KEYWORD"),
    Field("state", "KEYWORD"),
    Field("reason", "KEYWORD"),
    Field("notes", "KEYWORD", array=True),
    Field("waiting", "KEYWORD"),
    Field("lock_until", "LONG"),
    Field("detector", "KEYWORD"),
    Field("updated_at", "LONG"),
    Field("last_modified", "LONG"),
    Field("size", "LONG"),
    Field("width", "LONG"),
    Field("height", "LONG"),
    Field("confidence", "DOUBLE"),
    Field("ids", "KEYWORD", array=True),
    Field("categories", "KEYWORD", array=True),
    Field(
        "labels",
        "NESTED",
        inner=(
            Field("id", "KEYWORD"),
            Field("level", "LONG"),
            Field("parent", "KEYWORD"),
            Field("confidence", "DOUBLE"),
        ),
    ),
)
"""Each is a column of IMAGES; arrays and nested rows are JSON text there."""

VALUE = 2 * 1024 * 1024
"""A column's value has at most so many bytes."""

ELEMENTS = 256
"""An array has at most so many elements or nested rows. If there are more labels, a search finds the surest."""

WORD = 1024
"""A label's id has so many bytes in the search index. A longer one is cut there, and so is a search for it."""

_HASH = 16


def word(label_id: str) -> str:
    """Return a label's id as the search index has it: itself, or its beginning, a tilde and a hash of the whole."""
    sent = sendable(label_id)
    octets = sent.encode()
    if len(octets) <= WORD:
        return sent
    return f"{octets[: WORD - _HASH - 1].decode('utf-8', 'ignore')}~{hashlib.sha256(octets).hexdigest()[:_HASH]}"


def sendable(text: str) -> str:
    """Make a text that Tablestore takes, which is UTF-8, of one that may not be Unicode, as the name of a file.

    A private character stands for each lone surrogate, and those characters themselves come behind a mark, so that
    `readable` finds the text again. Order by bytes and beginnings stay what they are in the text.
    """
    return text if text.isascii() else _UNSENDABLE.sub(_sent, text)


def readable(sent: str) -> str:
    """Return the text that was made sendable."""
    return sent if sent.isascii() else _SENT.sub(_read, sent)


_MARK = "\ue800"
_UNSENDABLE = re.compile("[\ud800-\udfff\ue000-\ue800]")
_SENT = re.compile("\ue800(.)|([\ue000-\ue7ff])", re.DOTALL)


def _sent(found: re.Match[str]) -> str:
    one = found.group()
    return chr(ord(one) + 0x800) if one < "\ue000" else _MARK + one


def _read(found: re.Match[str]) -> str:
    return found.group(1) or chr(ord(found.group(2)) - 0x800)
