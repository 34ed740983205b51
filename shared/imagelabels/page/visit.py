"""One visit: what a browser asks the page, and the templates that answer it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jinja2
from markupsafe import Markup

from imagelabels.api.here import Here
from imagelabels.api.problems import Problem
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ImageRecord
from imagelabels.domain.query import ORDERS, STATES
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.page import answers, multipart, visitors
from imagelabels.page.answers import Answer
from imagelabels.page.asked import Asked, asked
from imagelabels.page.conditions import chips
from imagelabels.page.multipart import Sent
from imagelabels.page.places import Drop
from imagelabels.page.text import LANGUAGES, Text, language_wished
from imagelabels.page.tiles import buckets

Event = Mapping[str, Any]

FIRST = 360
"""The grid asks for copies with a side of so many pixels, among others."""

LARGEST = 2048
"""The longer side of the largest small copy that can be asked for."""

LARGEST_DROP = 48 * 1024 * 1024
"""The photos of one form have at most so many bytes together."""


class Refusal(Problem):
    """A problem whose detail is in the reader's language."""


@dataclass(frozen=True)
class Visit:
    """A request to the page. `enter` tells what the caller may see, and raises a Problem for one who may not look."""

    event: Event
    enter: Callable[[Event], Here]
    taxonomy: Taxonomy
    drop: Drop | None = None
    """Where dropped photos are put; None if none are taken."""
    is_https: bool = False
    """Whether browsers reach the page over HTTPS only, whatever their requests say."""

    @cached_property
    def here(self) -> Here:
        """The services, and the caller."""
        return self.enter(visitors.with_token(self.event))

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The parameters in the address."""
        return dict(self.event["queryStringParameters"] or {})

    @property
    def shareable(self) -> list[tuple[str, str]]:
        """The parameters in the address, except the secret of a token: it would stand in every copy of a view."""
        return [(name, value) for name, value in self.query.items() if name != "token"]

    @cached_property
    def asked(self) -> Asked:
        """The question in the address."""
        return asked(self.query)

    @cached_property
    def form(self) -> Mapping[str, str]:
        """The fields of the form that was sent."""
        if "stream" in self.event:
            return self.sent.fields
        body = self.event["body"] or ""
        text = base64.b64decode(body).decode("utf-8", "replace") if self.event["isBase64Encoded"] else body
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100))

    @cached_property
    def sent(self) -> Sent:
        """The fields and files of a form with files, which is read only when somebody asks for them."""
        stream, length = self.event["stream"], self.event["length"]
        if length > LARGEST_DROP:
            raise Refusal(413, "too_large", self.text.t("drop_large_all", LARGEST_DROP >> 20))
        return multipart.read(stream.read(length), self.event["headers"].get("content-type", ""))

    @cached_property
    def text(self) -> Text:
        """The reader's language."""
        cookie = visitors.cookies(self.event).get("lang", "")
        return Text(language_wished(cookie, self.event["headers"].get("accept-language", "")), self.taxonomy)

    @property
    def method(self) -> str:
        """The method of the request. HEAD is answered like GET."""
        method: str = self.event["requestContext"]["http"]["method"]
        return method

    @property
    def path(self) -> str:
        """The path in the address."""
        path: str = self.event["requestContext"]["http"]["path"]
        return path

    @property
    def is_part(self) -> bool:
        """Whether our script asks, which wants a view without its frame."""
        return "x-part" in self.event["headers"]

    @property
    def may_write(self) -> bool:
        """Whether the caller may change something."""
        return self.here.caller.may_write

    def picture(self, picture_id: str, side: int) -> str:
        """Return the address of a small copy of a picture."""
        return f"/v1/pictures/{picture_id}/thumbnail?side={min(side, LARGEST)}"

    def show(
        self,
        template: str,
        records: Iterable[ImageRecord] = (),
        status: int = 200,
        images: Iterable[str] = (),
        **values: Any,
    ) -> Answer:
        """Answer with a view. `records` are the pictures that it shows, and `images` more sources of pictures."""
        sources = {*images, *self._origins(records)}
        text = environment().get_template(template).render(self._tools() | {"images": answers.images(sources)} | values)
        return answers.html(text, status, sources)

    def _tools(self) -> dict[str, Any]:
        text = self.text
        kept = [(name, value) for name, value in self.shareable if name != "lang"]
        return {
            "t": text.t, "tb": text.isolated, "n": text.count, "name": text.name,
            "day": text.day, "month": text.month, "span": text.span,
            "clock": text.clock, "size": text.size, "reason": text.reason, "state": text.state,
            "chips": lambda question: chips(question, text), "picture_url": self.picture,
            "language": text.language, "other_language": text.other, "part": self.is_part,
            "other_url": f"{answers.own(self.path)}?{urlencode([*kept, ('lang', text.other)], errors='replace')}",
            "q": Asked(), "typed": "", "form_token": visitors.form_token(self.event),
            "signed_in": bool(visitors.secret_of(self.event)), "drops": self.drop is not None,
        }  # fmt: skip

    def _origins(self, records: Iterable[ImageRecord]) -> set[str]:
        """Return the origins of small copies, which the browser must be allowed to load pictures from: an address that
        is sent to a browser instead of a copy is in a store."""
        found: set[str] = set()
        rows = buckets(records)
        small = self.here.services.small if rows else None
        for record in rows if small is not None else ():
            with suppress(ValueError, LabelingError):
                copy = small(record, FIRST)  # type: ignore[misc]
                address = urlsplit(copy) if isinstance(copy, str) else None
                if address is not None and address.netloc:
                    found.add(f"{address.scheme}://{address.netloc}")
        return found


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Return the templates. Every value in them is escaped."""
    loaded = jinja2.Environment(
        loader=jinja2.PackageLoader("imagelabels.page"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    loaded.globals |= {"icon": icon, "STATES": [str(state) for state in STATES], "ORDERS": ORDERS}
    return loaded


def icon(name: str) -> Markup:
    """Show an icon of icons.html."""
    return Markup('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>').format(name)


def chosen_language(event: Event) -> str:
    """Return the language that the address asks to switch to; an empty text if it asks for none."""
    wanted = (event["queryStringParameters"] or {}).get("lang", "")
    return wanted if wanted in LANGUAGES else ""
