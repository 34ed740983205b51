"""Addresses of feeds. The secret stands in the address, because feed readers send no headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import urlencode

from imagelabels.api.problems import Problem

Kind = Literal["rss", "atom", "json"]
"""RSS 2.0, Atom, JSON Feed 1.1."""

KINDS: tuple[Kind, ...] = get_args(Kind)

_FEED = re.compile(r"/v1/albums/([^/]*)/feed/([^/]*)(?:/.*)?", re.DOTALL)
_HOST = re.compile(r"(?:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_SITE = re.compile(rf"https?://{_HOST.pattern}")


@dataclass(frozen=True, slots=True)
class FeedAddress:
    """An address of one feed. Its representation does not show the secret, since it may stand in a log."""

    album: str
    secret: str

    def __repr__(self) -> str:
        return f"FeedAddress({self.album!r})"

    @property
    def path(self) -> str:
        """What all addresses of this feed begin with."""
        return f"/v1/albums/{self.album}/feed/{self.secret}"

    def of(self, kind: Kind, page: str = "") -> str:
        """Return the path of the feed in a format, or of a later page."""
        return f"{self.path}/{kind}" + (f"?{urlencode({'page': page})}" if page else "")

    def thumbnail(self, picture: str) -> str:
        """Return the path of a picture's small copy, which works for as long as the picture is in the album."""
        return f"{self.path}/pictures/{picture}/thumbnail"


def asked(path: str) -> FeedAddress | None:
    """Return the feed that a request's path belongs to; None for all other paths."""
    match = _FEED.fullmatch(path)
    return FeedAddress(match[1], match[2]) if match else None


def checked_site(text: str) -> str:
    """Return the beginning of all addresses of a site, https://photos.example; ValueError for what is none."""
    site = text.rstrip("/")
    if len(site) > 300 or not _SITE.fullmatch(site):
        raise ValueError(f"{text[:100]!r} is not the beginning of an address, such as https://photos.example")
    return site


def base(site: str, headers: Mapping[str, str]) -> str:
    """Return the beginning of the addresses in a feed: `site` if it is set, and else the name that the client asked.

    A client may send any name in the header Host, so an answer that holds the name must be kept by nobody but this
    client: feeds are sent with `Cache-Control: private`. A cloud's gateway speaks HTTPS and may not say so.
    """
    if site:
        return site
    host = headers.get("host", "")
    if len(host) > 255 or not _HOST.fullmatch(host):
        raise Problem(400, "bad_parameter", "the header Host names no host, so the addresses in a feed cannot be told")
    is_plain = headers.get("x-forwarded-proto", "https").partition(",")[0].strip().lower() == "http"
    return f"{'http' if is_plain else 'https'}://{host}"
