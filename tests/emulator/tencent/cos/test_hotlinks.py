"""Hotlink protection of COS: which pages may show the objects of a bucket."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.running import COS_BUCKET, RunningCos, cos_refused

LISTED = ["example.com:8080", "www.example.org/shop", "*.example.net", "10.10.10.10"]


def status(cos: RunningCos, referer: str, target: str = "/a") -> int:
    return cos.raw("GET", target, {"Host": cos.host(), **({"Referer": referer} if referer else {})})[0]


def protect(client: Any, kind: str, empty: str = "Deny", switch: str = "Enabled") -> None:
    setting = {"Status": switch, "RefererType": kind, "DomainList": {"Domain": LISTED}}
    client.put_bucket_referer(COS_BUCKET, {**setting, "EmptyReferConfiguration": empty})


@pytest.fixture
def shown(client: Any) -> Any:
    client.put_object(COS_BUCKET, b"x", "a", ACL="public-read")
    return client


@pytest.mark.parametrize(
    ("referer", "is_listed"),
    [
        ("http://example.com:8080/", True),
        ("https://example.com/", False),
        ("https://www.example.org/shop/1", True),
        ("https://www.example.org/", False),
        ("https://example.net/a", True),
        ("https://a.b.example.net/", True),
        ("http://10.10.10.10:8080/", True),
        ("example.com:8080", True),
    ],
)
def test_a_list_admits_its_pages_or_keeps_them_out(cos: RunningCos, shown: Any, referer: str, is_listed: bool) -> None:
    protect(shown, "White-List")
    assert status(cos, referer) == (200 if is_listed else 403)
    protect(shown, "Black-List")
    assert status(cos, referer) == (403 if is_listed else 200)


def test_a_request_without_a_page_is_admitted_if_the_setting_says_so(cos: RunningCos, shown: Any) -> None:
    for kind in ("White-List", "Black-List"):
        protect(shown, kind)
        assert status(cos, "") == 403
        protect(shown, kind, empty="Allow")
        assert status(cos, "") == 200


def test_a_signature_of_either_kind_opens_what_the_list_closes(cos: RunningCos, shown: Any) -> None:
    protect(shown, "White-List")
    assert shown.get_object(COS_BUCKET, "a")["Content-Length"] == "1"
    url = cos.signed_url("GET", "a").partition("myqcloud.com")[2]
    assert status(cos, "http://else.example", url) == 200


def test_a_list_that_is_switched_off_does_nothing(cos: RunningCos, shown: Any) -> None:
    protect(shown, "White-List", switch="Disabled")
    assert status(cos, "http://else.example") == 200


def test_a_setting_without_a_known_switch_is_refused(client: Any) -> None:
    assert cos_refused(protect, client, "White-List", switch="On")[1] == "MalformedXML"
    assert cos_refused(protect, client, "White-List", empty="Perhaps")[1] == "MalformedXML"
