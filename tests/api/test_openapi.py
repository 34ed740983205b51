"""The document that describes the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.world import Site

METHODS = {"get", "put", "post", "delete"}


@pytest.fixture(scope="module")
def document() -> Any:
    return Site().get("/openapi.json").json


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in document["paths"].items():
        assert set(item) <= METHODS
        for method, operation in item.items():
            yield path, method, operation


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        for value in part.values():
            yield from references(value)
    if isinstance(part, list):
        for value in part:
            yield from references(value)


def test_the_document_is_one_of_openapi_3_1(document: Any) -> None:
    """It has what https://spec.openapis.org/oas/v3.1.0 demands of the objects that it uses."""
    assert re.fullmatch(r"3\.1\.\d", document["openapi"])
    assert {"title", "version"} <= set(document["info"])
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids)) > 10
    for path, _, operation in operations(document):
        named = {(one["name"], one["in"]) for one in operation.get("parameters", [])}
        assert len(named) == len(operation.get("parameters", []))
        assert {name for name, where in named if where == "path"} == set(re.findall(r"{(\w+)}", path))
        for one in operation.get("parameters", []):
            assert one["in"] in ("path", "query", "header")
            assert one["in"] != "path" or one["required"] is True
            assert "type" in one["schema"] or "anyOf" in one["schema"] or "$ref" in one["schema"], one
        assert operation["responses"]
        for status, response in operation["responses"].items():
            assert re.fullmatch(r"[1-5]\d\d|default", status)
            assert response["description"]


def test_every_reference_in_the_document_leads_somewhere(document: Any) -> None:
    for reference in references(document):
        part = document
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]


def test_every_limit_of_a_question_stands_in_the_document(document: Any) -> None:
    parameters = {one["name"]: one for one in document["paths"]["/v1/pictures"]["get"]["parameters"]}
    assert {"label", "any_of", "not", "min_confidence", "from", "to", "since", "state", "page"} <= set(parameters)
    assert (
        parameters["limit"]["schema"] | {"default": 20, "minimum": 1, "maximum": 1000} == parameters["limit"]["schema"]
    )
    assert (parameters["label"]["schema"]["type"], parameters["label"]["explode"]) == ("array", False)


def test_every_answer_that_is_no_success_is_described_as_a_problem(document: Any) -> None:
    for _, _, operation in operations(document):
        assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"]
        assert "422" not in operation["responses"]


def test_the_statuses_and_types_of_good_answers_are_not_those_of_the_document(document: Any) -> None:
    good = {
        (method, path): {
            status: list(response.get("content", {})) for status, response in operation["responses"].items()
        }
        for path, method, operation in operations(document)
    }
    assert good["post", "/v1/albums"].keys() == {"201", "default"}
    assert good["delete", "/v1/albums/{album}"]["204"] == []
    assert good["put", "/v1/albums/{album}/pins/{picture}"].keys() == {"204", "default"}
    assert good["get", "/v1/export"]["200"] == ["text/csv", "application/x-ndjson"]
    assert (
        good["get", "/v1/pictures/{picture}/thumbnail"] | {"200": ["image/jpeg"], "302": []}
        == good["get", "/v1/pictures/{picture}/thumbnail"]
    )
    assert "304" in good["get", "/v1/pictures"]
    assert "304" not in good["get", "/v1/export"]
