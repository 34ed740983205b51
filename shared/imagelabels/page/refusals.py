"""Says in a view why a request was refused, and what to do, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote, urlencode

from imagelabels.api.app import LARGEST_BODY
from imagelabels.api.problems import Problem
from imagelabels.page import answers
from imagelabels.page.answers import Answer, own
from imagelabels.page.places import DROP
from imagelabels.page.signing_in import ask_token
from imagelabels.page.visit import Refusal, Visit

_MISSING = {"picture": "gone", "album": "album_gone", "feed": "feed_gone"}

_CODES = ("wrong_method", "too_large", "read_only", "too_many_requests", "misdirected", "unavailable", "fault")
"""For these codes of problems there are texts of the same name."""

_PASSING = ("too_many_requests", "unavailable", "fault")
"""After these the same request may succeed later."""

_EXPLAINED = ("unavailable", "bad", "bad_form", "error")
"""Behind these texts the view also shows the problem's own sentence, which is in English."""


class Way(NamedTuple):
    """Where a reader can go on, and the name of the text for it."""

    address: str
    name: str


def refused(visit: Visit, problem: Problem, before: str) -> Answer:
    """Say what went wrong, and offer a way on. `before` is the view whose links and buttons lead to the address."""
    again = visit.path if visit.method == "GET" else before  # a link cannot send a form again
    if problem.status == 401 and not _is_sent_by_script(visit):
        return ask_token(visit, _address(visit, again))
    kind = _kind(visit, problem)
    text, detail = _text(visit, problem, kind)
    if _is_sent_by_script(visit):
        return answers.document({"detail": f"{text} ({detail})" if detail else text}, problem.status)
    way, other_url = _way(visit, kind, before), _address(visit, again, lang=visit.text.other)
    values = {"kind": kind, "text": text, "detail": detail, "way": way, "other_url": other_url}
    answer = visit.show("error.html", (), problem.status, (), view="", **values)
    return answer | {"headers": {**answer["headers"], **problem.headers, "Cache-Control": "no-store"}}


def _is_sent_by_script(visit: Visit) -> bool:
    """Return whether photos are sent by our script, which reads the answer itself."""
    return visit.is_part and (visit.method, visit.path) == ("POST", DROP)


def _kind(visit: Visit, problem: Problem) -> str:
    """Return what the names of the texts for a problem begin with."""
    if problem.code in _CODES:
        return problem.code
    by_status = {
        404: _MISSING.get(problem.missing, "no_address"),
        401: "no_token",
        403: "refused",
        400: "bad" if visit.method == "GET" else "bad_form",
    }
    return by_status.get(problem.status, "error")


def _text(visit: Visit, problem: Problem, kind: str) -> tuple[str, str]:
    """Return what to say, and a further sentence in English, which may be empty."""
    if isinstance(problem, Refusal):
        return problem.detail, ""
    values: Mapping[str, Sequence[object]] = {
        "too_large": [LARGEST_BODY >> 20],
        "too_many_requests": [visit.text.seconds(int(problem.headers.get("Retry-After", 0)))],
        "error": [visit.text.reason(problem.code)],
    }
    return visit.text.t(f"{kind}_text", *values.get(kind, ())), problem.detail if kind in _EXPLAINED else ""


def _way(visit: Visit, kind: str, before: str) -> Way | None:
    """Return where the reader goes on. A form that was sent is not sent again by a link."""
    if kind == "misdirected":
        return None
    if kind == "read_only":
        return Way(f"/login?to={quote(_address(visit, before))}", "sign_in")
    if kind == "album_gone":
        return Way("/albums", "albums")
    if visit.method == "GET" and kind in _PASSING:
        return Way(_address(visit, visit.path), "retry")
    is_below = before != "/" and (visit.method != "GET" or kind == "wrong_method")
    return Way(_address(visit, before), "go_back") if is_below else Way("/", "back")


def _address(visit: Visit, path: str, **more: str) -> str:
    """Return the address of a path with the parameters that were given, except a token, and with more."""
    query = urlencode(dict(visit.shareable) | more, errors="replace")
    return own(path) + (f"?{query}" if query else "")
