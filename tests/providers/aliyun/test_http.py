"""Requests of an HTTP trigger in the form that the API takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imagelabels.providers.aliyun import http

DOMAIN = "imagelabels-album-abc.cn-hangzhou.fcapp.run"


@pytest.mark.parametrize(
    ("headers", "host"), [({}, DOMAIN), ({"Host": "photos.example"}, "photos.example"), (None, DOMAIN)]
)
def test_addresses_in_a_feed_would_have_no_host_because_the_event_has_no_such_header(headers: Any, host: str) -> None:
    context = {"domainName": DOMAIN, "http": {"method": "GET", "path": "/"}}
    event = json.dumps({"headers": headers, "requestContext": context})
    assert http.request(event)["headers"]["host"] == host
