"""Writes feeds as RSS 2.0 with Media RSS, and as Atom.

https://www.rssboard.org/rss-specification, https://www.rssboard.org/media-rss,
https://www.rfc-editor.org/rfc/rfc4287 and, for pages, https://www.rfc-editor.org/rfc/rfc5005
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from feedgenerator import Atom1Feed, Rss201rev2Feed
from feedgenerator.django.utils.feedgenerator import rfc3339_date

from imagelabels.api.feeds.items import Feed, Item

_MEDIA = "http://search.yahoo.com/mrss/"


class _Rss(Rss201rev2Feed):  # type: ignore[misc]
    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:media": _MEDIA}

    def latest_post_date(self) -> datetime:
        return _told(self).updated

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        _link_pages(handler, "atom:link", _told(self))

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        told: Item = item["told"]
        handler.addQuickElement("atom:updated", rfc3339_date(told.updated))
        _add_thumbnail(handler, told)


class _Atom(Atom1Feed):  # type: ignore[misc]
    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), "xmlns:media": _MEDIA}

    def latest_post_date(self) -> datetime:
        return _told(self).updated

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        _link_pages(handler, "link", _told(self))

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        # A label's id is the same in every language, so it is the term, and the name is for people.
        super().add_item_elements(handler, item | {"categories": ()})
        told: Item = item["told"]
        for label_id, name in told.labels:
            handler.addQuickElement("category", "", {"term": label_id, "label": name})
        _add_thumbnail(handler, told)


def rss(feed: Feed) -> str:
    """Write a page of a feed as RSS 2.0. Many readers take what begins with a less-than sign for markup, also where
    it is text; these references are the ones that most of them read as text:
    https://www.rssboard.org/rss-profile#data-types-characterdata"""
    return _written(_Rss, feed).replace("&amp;", "&#x26;").replace("&lt;", "&#x3C;")


def atom(feed: Feed) -> str:
    """Write a page of a feed as Atom."""
    return _written(_Atom, feed, author_name="imagelabels")


def _written(kind: Any, feed: Feed, **more: str) -> str:
    document = kind(
        title=feed.title,
        link=feed.link,
        description=feed.description,
        language=feed.language,
        feed_url=feed.address,
        feed_guid=feed.guid,
        told=feed,
        **more,
    )
    for item in feed.items:
        document.add_item(
            title=item.title,
            link=item.link,
            description=item.html,
            pubdate=item.published,
            updateddate=item.updated,
            unique_id=item.guid,
            unique_id_is_permalink=False,
            categories=[name for _, name in item.labels],
            told=item,
        )
    written: str = document.writeString("utf-8")
    return written


def _told(document: Any) -> Feed:
    feed: Feed = document.feed["told"]
    return feed


def _link_pages(handler: Any, element: str, feed: Feed) -> None:
    handler.addQuickElement(element, None, {"rel": "first", "href": feed.first})
    if feed.next is not None:
        handler.addQuickElement(element, None, {"rel": "next", "href": feed.next})


def _add_thumbnail(handler: Any, item: Item) -> None:
    if item.thumbnail is not None:
        handler.addQuickElement("media:thumbnail", None, {"url": item.thumbnail})
