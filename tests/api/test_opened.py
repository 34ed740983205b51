"""What a deployed function answers while the API cannot be opened."""

from __future__ import annotations

import json

import pytest

from imagelabels.api import opened
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.page.site import Page, page_of_function
from tests.api.world import event


@pytest.mark.parametrize(("scheme", "region"), [("oss", "FC_REGION"), ("cos", "TENCENTCLOUD_REGION")])
def test_a_wrong_setting_would_be_told_to_whoever_asks_with_a_traceback(
    scheme: str, region: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(region, "cn-hangzhou")
    monkeypatch.setenv("IMAGELABELS_INDEX", "wrong://instance")
    refused = opened.answer(scheme, page_of_function, event("GET", "/v1/pictures"))
    assert (refused["statusCode"], json.loads(refused["body"])["code"]) == (500, "fault")
    assert "INDEX" not in json.dumps(refused)
    assert "IMAGELABELS_INDEX" in caplog.text


def test_a_browser_would_be_told_of_a_wrong_setting_in_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FC_REGION", "cn-hangzhou")
    monkeypatch.setenv("IMAGELABELS_INDEX", "wrong://instance")
    refused = opened.answer("oss", page_of_function, event("GET", "/albums", {"accept-language": "zh"}))
    assert (refused["statusCode"], refused["headers"]["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert "服务器出错" in refused["body"]
    assert "INDEX" not in json.dumps(refused)


def test_a_page_that_cannot_be_made_would_tell_its_error_to_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(taxonomy: Taxonomy) -> Page:
        raise RuntimeError("a file of the page is damaged")

    monkeypatch.setenv("FC_REGION", "cn-hangzhou")
    monkeypatch.setenv("IMAGELABELS_INDEX", "wrong://instance")
    refused = opened.answer("oss", damaged, event("GET", "/albums"))
    assert (refused["statusCode"], json.loads(refused["body"])["code"]) == (500, "fault")
    assert "damaged" not in json.dumps(refused)
