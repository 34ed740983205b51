"""The page as one object: its addresses, signing in, and what it says when something went wrong."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from imagelabels.api.here import Here
from imagelabels.api.problems import Problem, of_error
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.domain.tokens import is_secret
from imagelabels.page import albums, answers, drop, feeds, grid, operations, picture, visitors
from imagelabels.page.answers import Answer, own
from imagelabels.page.places import Drop
from imagelabels.page.visit import Event, Visit, chosen_language

log = logging.getLogger(__name__)

Enter = Callable[[Event], Here]

DROP = "/drop"
"""The address of the drop zone."""

VIEWS: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("GET", "/", grid.grid),
    ("GET", "/complete", grid.complete),
    ("GET", "/months", grid.by_month),
    ("GET", r"/pictures/([\w-]{1,64})", picture.picture),
    ("POST", r"/pictures/([\w-]{1,64})/corrections", picture.correct),
    ("POST", r"/pictures/([\w-]{1,64})/pins", albums.pin),
    ("GET", "/albums", albums.albums),
    ("POST", "/albums", albums.make),
    ("GET", r"/albums/([\w-]{1,64})", albums.album),
    ("POST", r"/albums/([\w-]{1,64})", albums.change),
    ("GET", r"/albums/([\w-]{1,64})/feeds", feeds.back),
    ("POST", r"/albums/([\w-]{1,64})/feeds", feeds.feeds),
    ("GET", "/operations", operations.operations),
    ("POST", "/operations/redrive", operations.redrive),
    ("GET", DROP, drop.show),
    ("POST", DROP, drop.take),
)
"""The views by method and path."""

API = ("/v1/", "/openapi.json")
"""The addresses of the API begin so."""


class Page:
    """Answers what browsers ask. It holds nothing of any request, so several threads may use it."""

    def __init__(self, taxonomy: Taxonomy, drop: Drop | None = None, is_https: bool = False) -> None:
        """`drop` says where dropped photos are put; without it none are taken. `is_https` says that browsers reach the
        page over HTTPS only, whatever their requests say."""
        self._taxonomy = taxonomy
        self._drop = drop
        self._is_https = is_https

    def has(self, event: Event) -> bool:
        """Return whether the page answers a request: one for an address of its own, or a browser's for an address that
        neither the page nor the API has. The API answers the others."""
        path = event["requestContext"]["http"]["path"]
        return _is_ours(path) or (_is_browsing(event) and not path.startswith(API))

    def answer(self, event: Event, enter: Enter) -> Answer:
        """Answer a request. What goes wrong is said in a view of its own."""
        if self._is_https:
            event = {**event, "headers": {**event["headers"], "x-forwarded-proto": "https"}}
        visit = Visit(event, enter, self._taxonomy, self._drop)
        answer = self._static(visit) or self._switched(visit) or self._view(visit)
        return answers.compressed(answer, event["headers"].get("accept-encoding", ""))

    def recognised(self, event: Event) -> Event:
        """Return a request that only reads, such as one for a small copy, with the token of the browser's cookie. A
        request that changes something must bear its token in a header, which no other site can make a browser do."""
        return visitors.with_token(event) if event["requestContext"]["http"]["method"] == "GET" else event

    def _static(self, visit: Visit) -> Answer | None:
        if not visit.path.startswith("/static/"):
            return None
        return answers.static(visit.path.removeprefix("/static/")) or answers.html("", 404)

    def _switched(self, visit: Visit) -> Answer | None:
        """Switch the language, if that is asked, and show the same view again."""
        language = chosen_language(visit.event)
        if not language:
            return None
        rest = urlencode([pair for pair in visit.query.items() if pair[0] != "lang"], errors="replace")
        cookie = f"lang={language}; Path=/; Max-Age=31536000; SameSite=Lax"
        return answers.see(own(visit.path) + (f"?{rest}" if rest else ""), {"Set-Cookie": cookie})

    def _view(self, visit: Visit) -> Answer:
        try:
            return self._answered(visit)
        except Problem as problem:
            return refused(visit, problem)
        except LabelingError as error:
            return refused(visit, of_error(error))
        except ValueError as error:
            return refused(visit, Problem(400, "bad_question", str(error)))
        except Exception:  # The API would answer with a JSON document, which a person cannot read.
            log.exception("a request failed")
            return refused(visit, Problem(500, "fault", visit.text.t("fault")))

    def _answered(self, visit: Visit) -> Answer:
        method = visit.event["requestContext"]["http"]["method"]
        if (method, visit.path) == ("POST", DROP):
            drop.check_may_send(visit)
        if method == "POST" and not visitors.is_ours(visit.event, visit.form) and visit.path != "/login":
            raise Problem(403, "forged", visit.text.t("forged"))
        if visit.path == "/login":
            return login(visit, visit.form or ({} if self._is_https else visit.query))
        if (method, visit.path) == ("POST", "/logout"):
            return logout(visit)
        for known, pattern, view in VIEWS:
            if known == method and (found := re.fullmatch(pattern, visit.path)):
                return view(visit, *found.groups())
        if not _is_ours(visit.path):
            raise Problem(404, "not_found", visit.text.t("no_address_text"))
        raise Problem(405, "wrong_method", visit.text.t("gone_text"))


def _is_ours(path: str) -> bool:
    """Return whether an address belongs to the page."""
    return (
        path in ("/login", "/logout")
        or path.startswith("/static/")
        or any(re.fullmatch(pattern, path) for _, pattern, _ in VIEWS)
    )


def _is_browsing(event: Event) -> bool:
    """Return whether a browser asks for something that people look at. Programs seldom name HTML."""
    return event["requestContext"]["http"]["method"] == "GET" and "text/html" in event["headers"].get("accept", "")


def page_of_function(taxonomy: Taxonomy) -> Page:
    """Return the page of a function, whose address begins with https:// in both clouds. It takes no photos."""
    return Page(taxonomy, is_https=True)


def login(visit: Visit, given: Mapping[str, str]) -> Answer:
    """Take a token, and give it to the browser in a cookie that no script can read and no other site can send. On this
    machine the address may bring the token, as the one does that the demo prints. A function takes it from the form
    only: addresses stand in logs and histories, and another site could sign somebody in with a token of its own."""
    secret, to = given.get("token", "").strip(), own(given.get("to", "/"))
    if not secret:
        return ask_token(visit, to)
    try:
        if not is_secret(secret):
            raise Problem(401, "no_token", "")
        visit.enter(visitors.with_token({**visit.event, "headers": {}}, secret))
    except Problem as problem:
        if problem.status != 401:
            raise
        return ask_token(visit, to, wrong=True)
    return answers.see(to, {"Set-Cookie": visitors.set_cookie(visit.event, secret)})


def logout(visit: Visit) -> Answer:
    """Make the browser forget its token."""
    return answers.see("/", {"Set-Cookie": visitors.set_cookie(visit.event, "")})


def ask_token(visit: Visit, to: str, wrong: bool = False) -> Answer:
    """Ask for a token; `to` is where the browser goes then."""
    return visit.show("login.html", status=401, view="", to=to, wrong=wrong)


def refused(visit: Visit, problem: Problem) -> Answer:
    """Say what went wrong, and offer the way back."""
    if problem.status == 401:
        query = urlencode(list(visit.query.items()), errors="replace")
        is_view = visit.event["requestContext"]["http"]["method"] == "GET"
        return ask_token(visit, own(visit.path) + (f"?{query}" if query else "") if is_view else "/")
    kind = {404: "gone", 400: "bad_title", 403: "refused_title", 413: "refused_title"}.get(
        problem.status, "error_title"
    )
    if kind == "gone" and (visit.path == DROP or not _is_ours(visit.path)):
        kind = "no_address"
    elif kind == "gone" and visit.path.startswith("/albums/"):
        kind = "album_gone"
    values: Mapping[str, Any] = {"title": kind, "detail": problem.detail, "again": visit.asked}
    answer = visit.show("error.html", status=problem.status, view="", **values)
    return answer | {"headers": {**answer["headers"], **problem.headers, "Cache-Control": "no-store"}}
