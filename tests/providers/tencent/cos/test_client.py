"""How requests to COS are addressed and signed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.tencent.cos.client import CosBuckets
from imagelabels.providers.tencent.cos.objects import CosObjects
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from tests.providers.tencent.scripted import BUCKET, HOST, REF, buckets, credentials
from tests.scripted import Answer, Server


def test_a_request_is_signed_as_the_vendor_signs(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """https://cloud.tencent.com/document/product/436/7778 by hand, for a key with a slash, a space and Chinese."""
    monkeypatch.setattr("qcloud_cos.cos_auth.time", SimpleNamespace(time=lambda: 1_700_000_060))
    keys = TencentCredentials(TencentKeys("AKIDEXAMPLE", "SKEXAMPLE", "TOK"))
    server.will(Answer())
    params = {"ci-process": "detect-label", "scenes": "web,camera"}
    buckets(server, credentials=keys)["demo-1250000000"].ask("GET", "a/b c中.jpg", params)
    assert server.asked[0].headers["authorization"] == (
        "q-sign-algorithm=sha1&q-ak=AKIDEXAMPLE&q-sign-time=1700000000;1700010060&q-key-time=1700000000;1700010060"
        "&q-header-list=host;x-cos-security-token&q-url-param-list=ci-process;scenes"
        "&q-signature=cd18eecb8a180dbd8a5f6059ab6c4123cd867201"
    )


def test_what_is_signed_apart_is_signed_for_the_buckets_own_host_wherever_it_is_sent(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qcloud_cos.cos_auth.time", SimpleNamespace(time=lambda: 1_700_000_060))
    real = CosBuckets("", "ap-guangzhou", {}, credentials())
    there, here = (
        "/".join(store[BUCKET].authorization("PUT", "a", 5, {"tagging": ""})) for store in (real, buckets(server))
    )
    assert there == here
    address = real[BUCKET].signed_url("a b", 5, {})
    assert address.startswith(f"https://{HOST}/a%20b?q-sign-algorithm=sha1&")


def test_each_request_takes_the_keys_of_its_moment(server: Server) -> None:
    keys = credentials()
    objects = CosObjects(buckets(server, credentials=keys))
    server.will(Answer(404), Answer(404), Answer(404))
    objects.head(REF)
    for key_id, token in (("AKIDnext", "next-token"), ("AKIDlasting", "")):
        keys.refresh_from(
            {"TENCENTCLOUD_SECRETID": key_id, "TENCENTCLOUD_SECRETKEY": "s", "TENCENTCLOUD_SESSIONTOKEN": token}
        )
        objects.head(REF)
    objects.close()
    assert [asked.headers.get("x-cos-security-token") for asked in server.asked] == [
        "TOKENtokenTOKEN",
        "next-token",
        None,
    ]
    assert ["q-ak=AKIDnext&" in asked.headers["authorization"] for asked in server.asked] == [False, True, False]


def test_a_bucket_is_asked_where_its_event_says_it_is(server: Server) -> None:
    objects = CosObjects(buckets(server, regions={"far-1250000000": "eu-frankfurt"}))
    server.will(Answer(404), Answer(404))
    objects.head(REF)
    objects.head(ObjectRef("cos", "far-1250000000", "a"))
    objects.close()
    assert [asked.headers["host"] for asked in server.asked] == [HOST, "far-1250000000.cos.eu-frankfurt.myqcloud.com"]


def test_a_bucket_whose_region_nobody_told_names_the_setting(server: Server) -> None:
    objects = CosObjects(buckets(server, region=""))
    with pytest.raises(Misconfigured, match="TENCENTCLOUD_REGION"):
        objects.head(REF)
