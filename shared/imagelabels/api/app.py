"""The API as one object: it takes a request as an event, and returns the answer."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError, ResponseValidationError

from imagelabels.api import auth, problems
from imagelabels.api.caching import with_etag
from imagelabels.api.cors import Cors
from imagelabels.api.guesses import Guesses
from imagelabels.api.here import Caller, Here, Services
from imagelabels.api.limits import RateLimit
from imagelabels.api.problems import Problem
from imagelabels.api.resolver import Resolver
from imagelabels.api.routes import albums, export, feeds, operations, picture, pictures, webhooks
from imagelabels.api.streaming import Streamed
from imagelabels.domain.errors import LabelingError

Event = Mapping[str, Any]
"""A request in the form of a function URL of AWS Lambda, version 2.0. The names of its headers are in lower case."""

Answer = dict[str, Any]
"""statusCode, headers, body and isBase64Encoded. The body of a long answer is a Streamed."""

MOST_BYTES = 4 * 1024 * 1024
"""The body of a function's answer has about so many bytes. SCF takes 6 MB with everything around it:
https://cloud.tencent.com/document/product/583/11637"""

LARGEST_BODY = 1024 * 1024
"""The body of a request has at most so many bytes."""

log = logging.getLogger(__name__)

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""Browsers must take no answer for something else, nor show one in a frame: keys and labels are strangers' texts."""


COPY = 0.05
"""A small copy counts as this part of a request, because a view of the page asks for more than a hundred of them."""


class Site(Protocol):
    """What people look at in a browser, beside the API."""

    def has(self, event: Event) -> bool:
        """Return whether it answers a request, and not the API."""

    def answer(self, event: Event, enter: Callable[[Event], Here]) -> Answer:
        """Answer a request. `enter` lets the caller in, or raises a Problem."""

    def refused(self, event: Event, problem: Problem) -> Answer:
        """Say in a view why a request is refused before it is known who asks."""

    def recognised(self, event: Event) -> Event:
        """Return a request to the API with the token that a browser bears in a cookie."""


class Api:
    """Answers requests. It holds nothing of any request, so several threads may use it."""

    def __init__(
        self,
        services: Services,
        caller_of: Callable[[Event], Caller],
        limit: RateLimit,
        site: Site | None = None,
        guesses: Guesses | None = None,
        cors: Cors | None = None,
    ) -> None:
        """`caller_of` tells who sends a request, and raises a Problem for one who may not. `guesses` bounds how many
        wrong secrets are looked up, and `cors` names the sites whose pages may ask."""
        self._guesses = guesses
        self._cors = cors or Cors()
        self._site = site
        self._services = services
        self._caller_of = caller_of
        self._limit = limit
        self._resolver = resolver()

    def answer(self, event: Event) -> Answer:
        """Answer a request. Whatever goes wrong becomes an answer too; the log tells of faults of ours."""
        try:
            answer = self._answered(event)
        except Exception:  # A fault of ours must not end the server, nor be answered with its traceback.
            answer = faulty(self._site, event)
        answer["statusCode"] = int(answer["statusCode"])
        answer["headers"] = SAFE | answer["headers"]
        return with_etag(event["requestContext"]["http"]["method"], event["headers"], answer)

    def whole(self, event: Event) -> Answer:
        """Answer a request as a function must, whose platform takes a whole body of a limited size. A long answer is
        cut, and its header Link names the address of the rest (RFC 8288)."""
        answer = self.answer(event)
        if isinstance(answer["body"], Streamed):
            try:
                body, following = answer["body"].whole(MOST_BYTES)
            except Exception:  # The platform would show the traceback of whatever a part raises; faulty() logs it.
                return faulty()
            link = {"Link": f'<{following}>; rel="next"'} if following is not None else {}
            answer |= {"body": body.decode(), "headers": answer["headers"] | link}
        return answer

    def refusal(self, event: Event, problem: Problem) -> Answer:
        """Answer a request that is refused before its body is read."""
        return refused(problem, self._site, event)

    def _answered(self, event: Event) -> Answer:
        if _length(event) > LARGEST_BODY:
            return refused(too_large(), self._site, event)
        if self._site is not None and self._site.has(event):
            return self._site.answer(event, self._enter)
        preflight = self._cors.preflight(event)
        return preflight if preflight is not None else self._cors.shared(event, self._routed(event))

    def _routed(self, event: Event) -> Answer:
        try:
            known = self._site.recognised(event) if self._site is not None else event
            answer = self._resolver.answer(event, self._enter(known))
        except Problem as problem:
            return refused(problem)
        except RequestValidationError as error:
            return refused(_invalid(error))
        except LabelingError as error:
            return refused(problems.of_error(error))
        # A browser whose token changes must not show what it has kept for the former one.
        answer["headers"] = {"Vary": "Authorization, Cookie"} | answer["headers"]
        return answer

    def _enter(self, event: Event) -> Here:
        """Let the caller of a request in."""
        caller = self._recognised(event)
        is_copy = event["requestContext"]["http"]["path"].endswith("/thumbnail")
        if seconds := self._limit.wait(caller.id, COPY if is_copy else 1.0):
            raise _too_often(seconds, "you ask more often than is allowed: ask again later")
        return Here(self._services, caller)

    def _recognised(self, event: Event) -> Caller:
        """Tell who sends a request, unless too many wrong secrets came from its address. One without any is no
        guess."""
        shown = auth.shown(event)
        if self._guesses is None or not shown:
            return self._caller_of(event)
        address = event["requestContext"]["http"]["sourceIp"]
        if seconds := self._guesses.wait(address, shown):
            raise _too_often(seconds, "too many wrong tokens, or addresses of feeds, came from you: ask again later")
        try:
            caller = self._caller_of(event)
        except Problem:
            self._guesses.was_wrong(address, shown)
            raise
        self._guesses.was_right(address, shown)
        return caller


def resolver() -> Resolver:
    """Build the resolver with all routes."""
    built = Resolver()
    for problem in (Problem, RequestValidationError, ResponseValidationError, LabelingError):
        built.exception_handler(problem)(_raised)
    for module in (pictures, picture, albums, feeds, export, webhooks, operations):
        built.include_router(module.router)

    @built.get("/openapi.json", include_in_schema=False)
    def described() -> dict[str, Any]:
        from imagelabels.api.openapi import document

        return document(built)

    return built


def faulty(site: Site | None = None, event: Event | None = None) -> Answer:
    """Log the error that is handled just now, and answer without its text."""
    log.exception("a request failed")
    return refused(Problem(500, "fault", "this is a fault of the server, whose log tells more"), site, event)


def _raised(error: Exception) -> Any:
    """Hand the error on: it becomes an answer in one place for all routes."""
    raise error


def _too_often(seconds: float, why: str) -> Problem:
    return Problem(429, "too_many_requests", why, {"Retry-After": f"{int(seconds) + 1}"})


def refused(problem: Problem, site: Site | None = None, event: Event | None = None) -> Answer:
    """Return the answer that tells of a problem: a view where the site answers the request, and else a document."""
    if site is not None and event is not None:
        try:
            if site.has(event):
                answer = site.refused(event, problem)
                return answer | {"headers": SAFE | answer["headers"]}
        except Exception:  # The view may be what is at fault. Then the log tells it, and a document answers.
            log.exception("a view of what went wrong failed")
    headers = {**SAFE, "Content-Type": problems.TYPE, "Cache-Control": "no-store", **problem.headers}
    body = json.dumps(problem.document)
    return {"statusCode": problem.status, "headers": headers, "body": body, "isBase64Encoded": False}


def too_large() -> Problem:
    """Refuse a request with a body that is too large."""
    return Problem(413, "too_large", f"the body of a request has at most {LARGEST_BODY:,} bytes")


def _length(event: Event) -> int:
    """Return about how long the body of a request is. One that is read as a stream has a limit of its own."""
    body = event["body"] or ""
    return len(body) * 3 // 4 - 2 if event["isBase64Encoded"] else len(body)


def _invalid(error: RequestValidationError) -> Problem:
    errors = [{"parameter": f"{one['loc'][-1]}", "detail": _wrong(one)} for one in error.errors()]
    sentence = "; ".join(f"{one['parameter']}: {one['detail']}" for one in errors[:5])
    return Problem(400, "bad_parameter", sentence, errors=errors)


def _wrong(error: Mapping[str, Any]) -> str:
    """Say what is wrong with one value of a request. Pydantic calls a field of another name an extra input."""
    is_unknown = error["type"] == "extra_forbidden"
    return "there is no such field: /openapi.json describes those that there are" if is_unknown else f"{error['msg']}"
