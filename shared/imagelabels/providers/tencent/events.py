"""Translates trigger events of COS, as SCF delivers them, into changes of objects.

https://cloud.tencent.com/document/product/583/9707 shows the record; real ones have fields that it does not show.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from urllib.parse import urlsplit

from imagelabels.domain import notifications
from imagelabels.domain.errors import BadEvent
from imagelabels.domain.model import ObjectChange, ObjectRef
from imagelabels.domain.notifications import Kind, hint, needed_text

MAX_KEY = 850
"""A key has at most so many bytes of UTF-8: https://cloud.tencent.com/document/product/436/13324"""

LONGEST_URL = 4000
"""A URL has at most so many characters: each byte of a key may take three."""

_BUCKET = "[a-z0-9][a-z0-9-]{0,48}"
_APPID = "[0-9]{1,20}"

# Copies and uploads in parts are creations like any other. An object whose restoring was asked for cannot be read yet.
_KINDS: dict[str, Kind | None] = {
    "objectcreated": "created",
    "objectremove": "removed",
    "objectrestore": "created",
    "objectrestore:post": None,
}
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+(-\d)?")
_HOST = re.compile(r"\.cos(?:-internal)?\.([a-z0-9-]+)\.(?:myqcloud\.com|tencentcos\.cn)$")


def changes(event: notifications.Event) -> tuple[list[ObjectChange], list[BadEvent], dict[str, str]]:
    """Return what the records say happened, in their order, what is wrong with those that cannot be read, and the
    regions of the buckets that they name.

    Records of anything but an object that came or went are left out quietly. A broken record does not touch the others;
    an event that is none is one BadEvent.
    """
    regions: dict[str, str] = {}

    def change(record: object, place: str) -> ObjectChange | None:
        found = _change(record, place)
        if found is not None and (region := _region(record)) is not None:
            regions[found.ref.bucket] = region
        return found

    good, wrong = notifications.read(event, "Records", "COS", change)
    return good, wrong, regions


def message(event: notifications.Event) -> str:
    """Return the text that a timer was given to carry, which says what its run is about.

    https://cloud.tencent.com/document/product/583/9708 shows the event.
    """
    return notifications.carried(event, "Message")


def _change(record: object, place: str) -> ObjectChange | None:
    """Read a record; None if it tells of something else than an object that came or went."""
    kind = notifications.kind_of(hint(record, str, "event", "eventName"), "cos", _KINDS)
    if kind is None:
        return None
    name = needed_text(record, place, "cos", "cosBucket", "name", pattern=_BUCKET)
    appid = _appid(record, place)
    named = needed_text(record, place, "cos", "cosObject", "key")
    key = _key(appid, name, named)
    if not key:
        raise BadEvent(f"{place}.cos.cosObject.key", f"{notifications.quoted(named)} names the bucket and no object")
    notifications.check_key(f"{place}.cos.cosObject.key", key, MAX_KEY)
    ref = ObjectRef("cos", f"{name}-{appid}", key)
    at, size = hint(record, int, "event", "eventTime"), hint(record, int, "cos", "cosObject", "size")
    request = hint(record, str, "cos", "cosObject", "meta", "x-cos-request-id")
    event_id = notifications.event_id(request, ref, kind, at, size)
    decoded = notifications.decoded(ref)
    return ObjectChange(ref, kind, event_id, _moment(at), size=size, decoded=decoded)


def _appid(record: object, place: str) -> str:
    """Read the account's number, in which the bucket's whole name ends. It is a text in all samples; a number will
    do."""
    number = hint(record, int, "cos", "cosBucket", "appid")
    if number is not None and 0 <= number < 10**20:
        return str(number)
    return needed_text(record, place, "cos", "cosBucket", "appid", pattern=_APPID)


def _key(appid: str, bucket: str, named: str) -> str:
    """Cut off the appid and the bucket that the event writes in front of the key. Nothing else is cut, since a key may
    begin with a slash or hold the same words again."""
    prefix = f"/{appid}/{bucket}/"
    return named.removeprefix(prefix) if named.startswith(prefix) else named.removeprefix("/")


def _region(record: object) -> str | None:
    """Read the region. The vendor's samples have a short code (`cd`), real events the whole name in some field."""
    for field in ("s3Region", "region", "cosRegion"):
        name = hint(record, str, "cos", "cosBucket", field)
        if name is not None and _REGION.fullmatch(name):
            return name
    url = hint(record, str, "cos", "cosObject", "url", longest=LONGEST_URL)
    try:
        found = _HOST.search(urlsplit(url or "").hostname or "")
    except ValueError:
        return None
    return found[1] if found else None


def _moment(seconds: int | None) -> str | None:
    """Write seconds since the epoch as ISO 8601; None for other numbers, as milliseconds are."""
    try:
        when = datetime.fromtimestamp(seconds or -1, timezone.utc)
    except (OverflowError, ValueError, OSError):
        return None
    return when.strftime("%Y-%m-%dT%H:%M:%SZ") if when.year >= 2000 else None
