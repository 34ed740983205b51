"""The API as one object: it takes a request as an event, and returns the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError, ResponseValidationError

from imagelabels.api import problems
from imagelabels.api.caching import with_etag
from imagelabels.api.here import Caller, Here, Services
from imagelabels.api.limits import RateLimit
from imagelabels.api.problems import Problem
from imagelabels.api.resolver import Resolver
from imagelabels.api.routes import albums, export, picture, pictures
from imagelabels.domain.errors import LabelingError

Event = Mapping[str, Any]
"""A request in the form of a function URL of AWS Lambda, version 2.0. The names of its headers are in lower case."""

Answer = dict[str, Any]
"""statusCode, headers, body and isBase64Encoded. The body of a long answer is a Streamed."""

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""Browsers must take no answer for something else, nor show one in a frame: keys and labels are strangers' texts."""


class Site(Protocol):
    """What people look at in a browser, beside the API."""

    def has(self, path: str) -> bool:
        """Return whether an address belongs to it."""

    def answer(self, event: Event, enter: Callable[[Event], Here]) -> Answer:
        """Answer a request. `enter` lets the caller in, or raises a Problem."""

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
    ) -> None:
        """`caller_of` tells who sends a request, and raises a Problem for one who may not."""
        self._site = site
        self._services = services
        self._caller_of = caller_of
        self._limit = limit
        self._resolver = resolver()

    def answer(self, event: Event) -> Answer:
        """Answer a request. What goes wrong becomes an answer too; only a fault of ours is raised."""
        http = event["requestContext"]["http"]
        try:
            if self._site is not None and self._site.has(http["path"]):
                answer = self._site.answer(event, self._enter)
            else:
                known = self._site.recognised(event) if self._site is not None else event
                answer = self._resolver.answer(event, self._enter(known))
        except Problem as problem:
            answer = _refused(problem)
        except RequestValidationError as error:
            answer = _refused(_invalid(error))
        except LabelingError as error:
            answer = _refused(problems.of_error(error))
        answer["statusCode"] = int(answer["statusCode"])
        answer["headers"] = SAFE | answer["headers"]
        return with_etag(http["method"], event["headers"], answer)

    def _enter(self, event: Event) -> Here:
        """Let the caller of a request in."""
        caller = self._caller_of(event)
        if seconds := self._limit.wait(caller.id):
            wait = {"Retry-After": f"{int(seconds) + 1}"}
            raise Problem(429, "too_many_requests", "you ask more often than is allowed: ask again later", wait)
        return Here(self._services, caller)


def resolver() -> Resolver:
    """Build the resolver with all routes."""
    built = Resolver()
    for problem in (Problem, RequestValidationError, ResponseValidationError, LabelingError):
        built.exception_handler(problem)(_raised)
    for module in (pictures, picture, albums, export):
        built.include_router(module.router)
    return built


def _raised(error: Exception) -> Any:
    """Hand the error on: it becomes an answer in one place for all routes."""
    raise error


def _refused(problem: Problem) -> Answer:
    headers = {"Content-Type": problems.TYPE, "Cache-Control": "no-store", **problem.headers}
    body = json.dumps(problem.document)
    return {"statusCode": problem.status, "headers": headers, "body": body, "isBase64Encoded": False}


def _invalid(error: RequestValidationError) -> Problem:
    errors = [{"parameter": f"{one['loc'][-1]}", "detail": one["msg"]} for one in error.errors()]
    sentence = "; ".join(f"{one['parameter']}: {one['detail']}" for one in errors[:5])
    return Problem(400, "bad_parameter", sentence, errors=errors)
