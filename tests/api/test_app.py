"""What is the same for all routes: which requests are read, and what of an answer may be kept."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from imagelabels.api.app import LARGEST_BODY
from imagelabels.records.rows import image_pk
from tests.api.test_operations import FAILED, trying
from tests.api.world import Site, event, seen


@pytest.mark.parametrize("is_base64", [True, False])
def test_a_function_would_read_a_body_of_any_length(is_base64: bool) -> None:
    site = trying(Site())
    for more, status in ((0, 200), (1, 413)):
        text = json.dumps({"state": "failed"}).ljust(LARGEST_BODY + 3 * more)
        body = base64.b64encode(text.encode()).decode() if is_base64 else text
        asked = {**event("POST", "/v1/redrive", body=body), "isBase64Encoded": is_base64}
        answer = site.api.answer(asked)
        assert answer["statusCode"] == status
    assert json.loads(answer["body"])["code"] == "too_large"


@pytest.mark.parametrize("address", ["/v1/albums\n", "/v1/albums/\n", "\n/v1/albums", "/openapi.json\n"])
def test_an_address_with_a_line_end_would_be_taken_for_another_one(address: str) -> None:
    asked: Any = event("GET", "/")
    asked["requestContext"]["http"]["path"] = address
    assert Site().api.answer(asked)["statusCode"] == 404


def test_a_browser_would_show_what_it_has_kept_for_a_former_token() -> None:
    site = Site()
    site.serves(small=lambda record, side: "https://photos.example/a.jpg")
    row = site.has("a.jpg", seen("dog"))
    for address in ("/v1/pictures", "/v1/albums", f"/v1/pictures/{image_pk(row.ref)}/thumbnail"):
        assert site.get(address).headers["Vary"] == "Authorization, Cookie"
    site.has("b.jpg", **FAILED)
    kept = site.get("/v1/counts?state=any").headers["ETag"]
    site.sees("oss://photos/a")
    assert site.get("/v1/counts?state=any", {"if-none-match": kept}).status == 200
