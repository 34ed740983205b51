"""Requests that nobody would send: none of them finds a fault of ours."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from imagelabels.api.streaming import Streamed
from tests.api.world import Site, seen
from tests.fakes_albums import FakeTokens
from tests.fakes_webhooks import fake_webhooks

WEBHOOKS = fake_webhooks()
site = Site(more={"tokens": FakeTokens(), "webhooks": WEBHOOKS})
for number in range(5):
    site.has(f"{number}<'\".jpg", seen("dog" if number % 2 else "cat", number / 5))
IDS = [line.picture for line in site.ledger.changes]
DOCUMENT = site.get("/openapi.json").json
OPERATIONS = [(path, method) for path, item in DOCUMENT["paths"].items() for method in item]
PARAMETERS = [one for item in DOCUMENT["paths"].values() for op in item.values() for one in op.get("parameters", [])]
NAMES = [*sorted({one["name"] for one in PARAMETERS if one["in"] == "query"}), "x"]
ODD = [
    "",
    "dog",
    "=dog",
    "=",
    "dog:0.5",
    ":",
    "dog:nan",
    "imm:",
    "0",
    "-1",
    "1e9",
    "nan",
    "true",
    "null",
    "oss://photos/",
]
ODD += ["oss://", "2026-01-01", "9" * 30, "now", "csv", "any", "uri", "\x00", "\ud800", "%", "../", "露", "=1+1"]
FIELDS = ["title", "question", "label", "not", "kind", "add", "order", "language", "cover", "from", "url"]
texts = some.sampled_from(ODD) | some.text(max_size=20)
values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | texts,
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from(FIELDS) | texts, inner, max_size=4)
    ),
    max_leaves=8,
)
questions = some.dictionaries(some.sampled_from(NAMES), values, max_size=4)
addresses = texts | texts.map("https://example.com/{}".format)
bodies = values | some.fixed_dictionaries({"title": texts, "question": questions})
bodies |= some.fixed_dictionaries({"url": addresses})


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    some.sampled_from(OPERATIONS),
    some.dictionaries(some.sampled_from(NAMES), texts, max_size=4),
    some.sampled_from([*IDS, "x"]),
    some.none() | bodies.map(json.dumps) | texts,
    texts,
)
def test_no_request_finds_a_fault(
    operation: tuple[str, str], query: dict[str, str], name: str, body: str | None, header: str
) -> None:
    path, method = operation
    album = next(iter(site.albums.there), "x")
    site.caller = replace(site.caller, feed=album if "{secret}" in path else None)
    places = {"picture": name, "album": album, "secret": "x", "feed": "x", "kind": name if header == "" else "rss"}
    places["hook"] = name if header == "" else next((hook.id for hook in WEBHOOKS.hooks.list()), "x")
    target = path.format_map(places)
    asked = "&".join(f"{key}={quote(value, errors='replace')}" for key, value in query.items())
    headers = {"if-match": header, "if-none-match": header, "if-modified-since": header, "host": "photos.example"}
    answer = site.ask(method.upper(), f"{target}?{asked}", headers, body)
    assert answer.status < 500, answer.body
    if isinstance(answer.body, Streamed):
        assert all(isinstance(part.body, bytes) for part in answer.body.parts)
    elif answer.status >= 400:
        assert answer.code


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "OPTIONS", "PATCH", "x" * 1000, "\x00"])
def test_a_method_that_no_address_has_is_refused(method: str) -> None:
    assert site.ask(method, "/v1/pictures").status == 405
