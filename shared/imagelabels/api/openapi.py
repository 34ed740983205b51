"""Describes the API as a document of OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.0"""

from __future__ import annotations

import json
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import Route
from pydantic import BaseModel

from imagelabels import __version__
from imagelabels.api.problems import TYPE, ProblemDocument
from imagelabels.api.resolver import Resolver

Document = dict[str, Any]

_PROBLEM = "#/components/schemas/ProblemDocument"


def document(resolver: Resolver) -> Document:
    """Return the document. Powertools writes most of it; what it cannot know of models in a query is added here."""
    title = "imagelabels"
    described = "Search over labelled pictures. Errors are documents of RFC 9457."
    written: Document = json.loads(
        resolver.get_openapi_json_schema(
            title=title, version=__version__, openapi_version="3.1.0", description=described
        )
    )
    schemas = written.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        schemas.pop(name, None)
    schemas["ProblemDocument"] = ProblemDocument.model_json_schema()
    written["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    written["security"] = [{"token": []}]
    for route in resolver.routes():
        operation = written["paths"].get(route.openapi_path, {}).get(route.method.lower())
        if operation is not None:
            _complete(operation, route)
    return written


def _complete(operation: Document, route: Route) -> None:
    for status in ("422", "500"):
        operation["responses"].pop(status, None)
    problem = {"description": "What went wrong.", "content": {TYPE: {"schema": {"$ref": _PROBLEM}}}}
    operation["responses"]["default"] = problem
    if route.method == "GET" and not route.responses:
        operation["responses"]["304"] = {"description": "The answer that If-None-Match names has not changed."}
    kept = [one for one in operation.get("parameters", []) if one["in"] != "query" or not _models(route)]
    parameters = kept + [one for model in _models(route) for one in _parameters(model)]
    if parameters:
        operation["parameters"] = parameters
    if "<secret>" in str(route.path):
        operation["security"] = []  # The secret in the address takes the place of a token.


def _models(route: Route) -> list[type[BaseModel]]:
    annotations = [param.field_info.annotation for param in route.dependant.query_params]
    return [one for one in annotations if isinstance(one, type) and issubclass(one, BaseModel)]


def _parameters(model: type[BaseModel]) -> list[Document]:
    """Describe the fields of a model in a query: a list is written with commas."""
    described = model.model_json_schema(by_alias=True)
    parameters = []
    for name, schema in described["properties"].items():
        kept = {key: value for key, value in schema.items() if key not in ("title", "description")}
        parameter = {"name": name, "in": "query", "required": False, "schema": kept}
        parameter |= {"description": schema.get("description", "")}
        parameters.append(parameter | ({"style": "form", "explode": False} if kept.get("type") == "array" else {}))
    return parameters
