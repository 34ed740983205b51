"""Feeds of albums over rows in memory, and readers of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import feedparser

from imagelabels.api.app import Api
from imagelabels.api.auth import Bearers
from imagelabels.api.guesses import Guesses
from imagelabels.api.limits import RateLimit
from imagelabels.api.opened import WRONG_PER_MINUTE
from imagelabels.domain.albums import Album, Question
from imagelabels.domain.model import ImageRecord
from imagelabels.records.rows import image_pk
from imagelabels.usecases import feeds
from tests.api.world import Answered, Site, event
from tests.contract.samples import put
from tests.fakes_albums import FakeTokens

NOW = 1_800_000_000_000
HOST = {"host": "photos.example"}
BASE = "https://photos.example"
ALBUM = "a" * 22
KINDS = ("rss", "atom", "json")


class Reader:
    """A feed reader, and the server that it asks."""

    def __init__(self, per_minute: int = 1_000_000, **album: Any) -> None:
        self.tokens = FakeTokens()
        self.site = Site(more={"small": lambda record, side: f"https://copies.example/{side}", "has_page": True})
        self.seconds = 0.0
        self.site.albums.put(Album(ALBUM, **{"title": "Dogs", "question": Question(label=("dog",)), **album}))
        bearers, guesses = Bearers(self.tokens, lambda: NOW), Guesses(WRONG_PER_MINUTE, lambda: self.seconds)
        limit = RateLimit(per_minute, lambda: self.seconds)
        self.api = Api(self.site.services, bearers, limit, guesses=guesses)
        self.secret = self.share()

    def share(self, album: str = ALBUM, within: tuple[str, ...] = ("",)) -> str:
        """Make a feed and return its secret."""
        return feeds.share(self.tokens, album, "somebody", within, NOW)[1]

    def address(self, kind: str = "atom", album: str = ALBUM, secret: str = "") -> str:
        return f"/v1/albums/{album}/feed/{secret or self.secret}/{kind}"

    def ask(self, address: str, headers: Mapping[str, str] = HOST, method: str = "GET") -> Answered:
        answer = self.api.answer(event(method, address, headers))
        return Answered(answer["statusCode"], answer["headers"], answer["body"])

    def get(self, kind: str = "atom", **headers: str) -> Answered:
        """Read the first page."""
        return self.ask(self.address(kind), HOST | {name.replace("_", "-"): value for name, value in headers.items()})

    def read(self, kind: str = "atom") -> Any:
        """Read the first page as feedparser, or the JSON in it."""
        answer = self.get(kind)
        assert answer.status == 200, answer.body
        return answer.json if kind == "json" else parsed(answer)

    def pages(self, kind: str = "atom") -> list[list[str]]:
        """Read all pages, and return the ids of their pictures."""
        address, pages = BASE + self.address(kind), list[list[str]]()
        while address:
            answer = self.ask(address.removeprefix(BASE))
            assert answer.status == 200, answer.body
            if kind == "json":
                pages.append([item["id"] for item in answer.json["items"]])
                address = answer.json.get("next_url", "")
                continue
            feed = parsed(answer)
            pages.append([entry.id for entry in feed.entries])
            address = next((link.href for link in feed.feed.links if link.rel == "next"), "")
        return pages

    def again(self, old: ImageRecord, new: ImageRecord) -> None:
        """Label a picture again."""
        self.site.index.rows[self.site.index.rows.index(old)] = new
        put(self.site.ledger, new, f"again {new.updated_at}")

    def thumbnail(self, row: ImageRecord, secret: str = "") -> Answered:
        return self.ask(self.address(f"pictures/{image_pk(row.ref)}/thumbnail", secret=secret))


def parsed(answer: Answered) -> Any:
    """Return what feedparser makes of a feed; it must find nothing wrong with it."""
    feed = feedparser.parse(answer.body.encode(), response_headers={"content-type": answer.headers["Content-Type"]})
    assert not feed.bozo, feed.bozo_exception
    return feed
