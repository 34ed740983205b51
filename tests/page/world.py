"""The page over rows in memory, and a browser without scripts that looks at it."""

from __future__ import annotations

import base64
import gzip
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from imagelabels.api.app import Api
from imagelabels.api.limits import RateLimit
from imagelabels.page.places import Drop
from imagelabels.page.site import Page
from tests.api import world

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


BOUNDARY = "----form"


def form(fields: Mapping[str, str], files: Mapping[str, bytes]) -> bytes:
    """The body of a form with files."""
    parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    for name, content in files.items():
        parts.append(f'name="photo"; filename="{name}"\r\nContent-Type: image/jpeg\r\n\r\n'.encode() + content)
    begin = f"--{BOUNDARY}\r\nContent-Disposition: form-data; ".encode()
    return b"".join(begin + part + b"\r\n" for part in parts) + f"--{BOUNDARY}--\r\n".encode()


class Reader(HTMLParser):
    """Reads a view: its elements with their attributes, its text, and whether every element is closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self._last = "tag"
        """What was read last: a text, a tag, or a tag around a name that stands within a sentence (joined)."""
        self.feed(html)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), (tag, attrs)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._last = "joined" if tag == "bdi" and self._last == "text" else "tag"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1:] == [tag], (tag, self.open)
        self.open.pop()
        self._last = "joined" if tag == "bdi" else "tag"

    def handle_data(self, data: str) -> None:
        if self._last == "joined":
            self.texts[-1] += data
        else:
            self.texts.append(data)
        self._last = "text"

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        """Return the attributes of the elements that have these."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [found for name, found in self.elements if name == tag and wanted.items() <= found.items()]

    @property
    def text(self) -> str:
        """What people read."""
        return " ".join(" ".join(self.texts).split())


@dataclass(slots=True)
class Seen:
    """An answer of the page."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def html(self) -> Reader:
        return Reader(self.body)


@dataclass
class Browser:
    """A browser that looks at the page. It keeps cookies."""

    site: world.Site = field(default_factory=world.Site)
    headers: dict[str, str] = field(default_factory=dict)
    api: Api | None = None
    drop: Drop | None = None

    def __post_init__(self) -> None:
        page = Page(world.WORDS.taxonomy, self.drop)
        self.cookies: dict[str, str] = {}
        if self.api is None:
            self.api = Api(self.site.services, lambda event: self.site.caller, RateLimit(10**6, lambda: 0.0), page)

    def get(self, address: str, **headers: str) -> Seen:
        return self._asked(world.event("GET", address, self._headers(headers)))

    def post(self, address: str, fields: Mapping[str, str], **headers: str) -> Seen:
        """Send a form with these fields."""
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self._asked(world.event("POST", address, self._headers(kind | headers), urlencode(fields)))

    def sends(self, address: str, fields: Mapping[str, str], on: str = "/") -> Seen:
        """Send a form of the page that the browser looks at."""
        tokens = {found["value"] for found in self.get(on).html.all("input", name="form_token")}
        assert len(tokens) == 1
        return self.post(address, {**fields, "form_token": tokens.pop()})

    def drops(self, files: Mapping[str, bytes], fields: Mapping[str, str] | None = None, **headers: str) -> Seen:
        """Send photos by the form of the drop zone."""
        token = [found["value"] for found in self.get("/drop").html.all("input", name="form_token")][-1:]
        place = self.drop.places[0] if self.drop is not None else ""
        body = form({"form_token": "".join(token), "to": place, **(fields or {})}, files)
        return self.posts(body, **headers)

    def posts(self, body: bytes, **headers: str) -> Seen:
        """Post a body with files to the drop zone, as the local server hands it on."""
        kind = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
        asked = world.event("POST", "/drop", self._headers(kind | headers), "")
        return self._asked({**asked, "stream": io.BytesIO(body), "length": len(body)})

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        given = {name.replace("_", "-"): value for name, value in more.items()}
        return {**self.headers, **({"cookie": cookies} if cookies else {}), **given}

    def _asked(self, event: Mapping[str, Any]) -> Seen:
        assert self.api is not None
        answer = self.api.answer(event)
        name, _, rest = str(answer["headers"].get("Set-Cookie", "")).partition("=")
        if name:
            self.cookies[name] = rest.partition(";")[0]
        body = answer["body"]
        if answer["isBase64Encoded"]:
            body = gzip.decompress(base64.b64decode(body)).decode()
        return Seen(answer["statusCode"], answer["headers"], body)
