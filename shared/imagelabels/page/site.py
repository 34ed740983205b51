"""The page as one object: its addresses, and the views that answer them."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

from imagelabels.api.here import Here
from imagelabels.api.problems import Problem, of_error
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.page import albums, answers, drop, feeds, grid, operations, picture, signing_in, visitors
from imagelabels.page.answers import Answer, own
from imagelabels.page.places import DROP, Drop
from imagelabels.page.refusals import refused
from imagelabels.page.visit import Event, Refusal, Visit, chosen_language

Enter = Callable[[Event], Here]


def static(visit: Visit, name: str) -> Answer:
    """Answer with a file that belongs to the page."""
    answer = answers.static(name)
    if answer is None:
        raise Problem(404, "not_found", f"there is no file {name}")
    return answer


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
    ("GET", "/login", signing_in.login),
    ("POST", "/login", signing_in.login),
    ("POST", "/logout", signing_in.logout),
    ("GET", "/static/(.+)", static),
)
"""The views by method and path."""

DEEPEST = 3
"""The address of a view has at most so many parts. An address that somebody sends may have very many."""

_PARTS = (grid.complete, grid.by_month, static)
"""The page itself fetches these, and nobody looks at them by themselves."""

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
        visit = self._visit(event, enter)
        answer = self._switched(visit) or self._view(visit)
        return answers.compressed(answer, event["headers"].get("accept-encoding", ""))

    def refused(self, event: Event, problem: Problem) -> Answer:
        """Say in a view why a request is refused before it is known who asks."""
        return refused(self._visit(event, _nobody), problem, _before(event["requestContext"]["http"]["path"]))

    def recognised(self, event: Event) -> Event:
        """Return a request that only reads, such as one for a small copy, with the token of the browser's cookie. A
        request that changes something must bear its token in a header, which no other site can make a browser do."""
        return visitors.with_token(event) if event["requestContext"]["http"]["method"] == "GET" else event

    def _visit(self, event: Event, enter: Enter) -> Visit:
        if self._is_https:
            event = {**event, "headers": {**event["headers"], "x-forwarded-proto": "https"}}
        return Visit(event, enter, self._taxonomy, self._drop, self._is_https)

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
        except Problem as error:
            problem = error
        except LabelingError as error:
            problem = of_error(error)
        except ValueError as error:
            problem = Problem(400, "bad_question", str(error))
        return refused(visit, problem, _before(visit.path))

    def _answered(self, visit: Visit) -> Answer:
        view = _view_of(visit.method, visit.path)
        if (visit.method, visit.path) == ("POST", DROP):
            drop.check_may_send(visit)
        if visit.method == "POST" and not visitors.is_ours(visit.event, visit.form) and visit.path != "/login":
            raise Refusal(403, "forged", visit.text.t("forged"))
        return view(visit)


def _view_of(method: str, path: str) -> Callable[[Visit], Answer]:
    """Return the view for a request. Problem says that there is none, or which methods the address takes."""
    methods = []
    for known, pattern, view in VIEWS:
        if (found := re.fullmatch(pattern, path)) is not None:
            if known == method:
                return lambda visit: view(visit, *found.groups())
            methods.append(known)
    if not methods:
        raise Problem(404, "not_found", "there is no such address")
    allowed = ", ".join(methods)
    raise Problem(405, "wrong_method", f"this address takes {allowed}, not {method[:20]}", {"Allow": allowed})


def _is_ours(path: str) -> bool:
    """Return whether an address belongs to the page."""
    return path.startswith("/static/") or any(re.fullmatch(pattern, path) for _, pattern, _ in VIEWS)


def _before(path: str) -> str:
    """Return the nearest view above an address, or at it: the picture for its corrections, and the grid for others."""
    parts = path.split("/", DEEPEST + 1)[: DEEPEST + 1]
    for end in range(len(parts), 1, -1):
        above = "/".join(parts[:end])
        views = [view for method, pattern, view in VIEWS if method == "GET" and re.fullmatch(pattern, above)]
        if views and views[0] not in _PARTS:
            return above
    return "/"


def _is_browsing(event: Event) -> bool:
    """Return whether a browser asks for something that people look at. Programs seldom name HTML."""
    return "text/html" in event["headers"].get("accept", "")


def _nobody(event: Event) -> Here:
    """Let nobody in."""
    raise Problem(401, "no_token", "")


def page_of_function(taxonomy: Taxonomy) -> Page:
    """Return the page of a function, whose address begins with https:// in both clouds. It takes no photos."""
    return Page(taxonomy, is_https=True)
