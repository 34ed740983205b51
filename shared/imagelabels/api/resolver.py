"""The resolver of Powertools, made safe for several requests at the same time, and strict about what it is asked."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver
from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.utilities.data_classes import LambdaFunctionUrlEvent
from pydantic import BaseModel

from imagelabels.api.problems import Problem
from imagelabels.api.streaming import STREAMED
from imagelabels.views.printing import nearest

# Powertools logs the arguments of routes on the level debug, and the secret of a feed is one of them.
logging.getLogger("aws_lambda_powertools.event_handler").setLevel(logging.INFO)


class Resolver(LambdaFunctionUrlResolver):
    """Chooses the route of a request and checks what it is asked with.

    Powertools keeps the request that is worked on in attributes of its classes, because a function of AWS Lambda works
    on one request at a time. A server has several threads, so each request gets a copy of the resolver here, whose own
    attributes hide those of the classes.
    """

    def __init__(self) -> None:
        super().__init__(enable_validation=True, serializer=_json, response_validation_error_http_code=500)
        self._building = Lock()

    def answer(self, event: Mapping[str, Any], here: object) -> dict[str, Any]:
        """Answer an event in the form of a function URL of AWS. Routes find `here` in their request's context."""
        if "\n" in event["requestContext"]["http"]["path"]:
            raise _no_address()  # Powertools would take an address without the line end for it.
        resolver = copy.copy(self)
        resolver.context = {"here": here}
        resolver.processed_stack_frames = []
        resolver.current_event = LambdaFunctionUrlEvent(dict(event))
        answer: dict[str, Any] = resolver._build_response(resolver._resolve())
        return answer | ({"body": resolver.context[STREAMED]} if STREAMED in resolver.context else {})

    def routes(self) -> list[Route]:
        """List all routes."""
        return [*self._static_routes, *self._dynamic_routes]

    def _call_route(self, route: Route, route_arguments: dict[str, str]) -> Any:
        if route in self.routes():
            self._check_address(route)
            self._check_names(route)
            if route.dependant.body_params:
                self._check_body()
            with self._building:
                if not route._middleware_stack_built:
                    route._build_middleware_stack(router_middlewares=self._router_middlewares, app=self)
        return super()._call_route(route, route_arguments)

    def _handle_not_found(self, method: str, path: str) -> Any:
        methods = {route.method for route in self._named(path) or self.routes() if route.rule.match(path)}
        if methods:
            allowed = ", ".join(sorted(methods))
            raise Problem(405, "wrong_method", f"this address takes {allowed}, not {method[:20]}", {"Allow": allowed})
        raise _no_address()

    def _named(self, path: str) -> list[Route]:
        """List the routes whose addresses have no variable part and are this one."""
        return [route for route in self._static_routes if route.rule.match(path)]

    def _check_address(self, route: Route) -> None:
        """Refuse a method that only another address takes: nobody who asks for /v1/albums/preview means an album."""
        path = self.current_event.path
        named = self._named(path)
        if named and route not in named:
            self._handle_not_found(self.current_event.http_method, path)

    def _check_names(self, route: Route) -> None:
        """Refuse a parameter that the route does not have, which nobody would notice otherwise."""
        known = sorted(parameters(route))
        for name in self.current_event.query_string_parameters or {}:
            if name not in known:
                near = nearest(name, known)
                hint = f": did you mean {near}?" if near else f": known are {', '.join(known)}" if known else ""
                raise Problem(400, "unknown_parameter", f"there is no parameter {ascii(name[:100])[1:-1]}{hint}")

    def _check_body(self) -> None:
        """Refuse a body that is not JSON. Powertools also reads forms here, which no route of ours takes, and raises
        errors of several kinds for what it cannot read."""
        kind = self.current_event.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in ("", "application/json"):
            raise Problem(415, "no_json", "send the body as JSON, with the header Content-Type: application/json")
        try:
            self.current_event.json_body  # noqa: B018 - it is read here for the first time
        except (ValueError, RecursionError) as error:
            raise Problem(400, "bad_body", "the body is not a JSON text in UTF-8") from error


def _no_address() -> Problem:
    return Problem(404, "not_found", "there is no such address: /openapi.json describes all that there are")


def parameters(route: Route) -> Iterator[str]:
    """Yield the names of the parameters in the query of a route's address."""
    for param in route.dependant.query_params:
        model = param.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from (field.alias or name for name, field in model.model_fields.items())
        else:
            yield param.alias


def _json(document: Any) -> str:
    """Write JSON in ASCII: keys of objects may hold what is no valid text, and a page may hold the answer."""
    return json.dumps(document, separators=(",", ":"))
