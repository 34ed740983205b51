"""Writes a page of a feed in the format that is asked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime

from imagelabels.api.feeds import xml
from imagelabels.api.feeds.addresses import Kind
from imagelabels.api.feeds.items import Feed, Item

TYPES: dict[Kind, str] = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}


def json_feed(feed: Feed) -> str:
    """Write a page of a feed as JSON Feed 1.1: https://www.jsonfeed.org/version/1.1/"""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.link,
        "feed_url": feed.address,
        "description": feed.description,
        "language": feed.language,
        **({"next_url": feed.next} if feed.next is not None else {}),
        "items": [_item_json(item) for item in feed.items],
    }
    return json.dumps(document, separators=(",", ":"))


def _item_json(item: Item) -> dict[str, object]:
    return {
        "id": item.guid,
        "url": item.link,
        "title": item.title,
        "content_html": item.html,
        **({"image": item.thumbnail} if item.thumbnail is not None else {}),
        "date_published": item.published.isoformat(),
        "date_modified": item.updated.isoformat(),
        "tags": [name for _, name in item.labels],
    }


FORMATS: dict[Kind, Callable[[Feed], str]] = {"rss": xml.rss, "atom": xml.atom, "json": json_feed}


def last_modified(feed: Feed, body: str) -> str:
    """Return the date for the header Last-Modified, which no other content of this feed has.

    HTTP dates count seconds, and a picture that has gone leaves no date behind, so the newest date in the feed does not
    tell contents apart. The content itself decides by how many seconds, up to 18 hours, the date lies before that.
    """
    seconds = int(hashlib.sha256(body.encode()).hexdigest()[:4], 16)
    return format_datetime(feed.updated - timedelta(seconds=seconds), usegmt=True)
