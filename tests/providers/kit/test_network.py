"""What stands behind a request that got no answer."""

from __future__ import annotations

import socket

import pytest
import requests
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NameResolutionError

from imagelabels.domain import calls
from imagelabels.providers.kit import network
from imagelabels.providers.kit.proxies import Proxies
from imagelabels.providers.kit.session import HttpSession
from tests.ports import free_port


def failure(url: str, proxies: Proxies, **options: object) -> Exception:
    """What requests raises for it."""
    with HttpSession(proxies, 1) as session, pytest.raises(requests.RequestException) as caught:
        session.get(url, **options)  # type: ignore[arg-type]
    return caught.value


def nobody() -> str:
    return f"http://127.0.0.1:{free_port()}"


def test_a_host_that_nobody_answers_at_is_named() -> None:
    url = nobody()
    error = failure(url, Proxies())
    assert network.meaning(error) is calls.UNREACHABLE
    assert (network.host(error), network.words(error)) == (url.removeprefix("http://"), "")


def test_a_host_that_there_is_not_is_named() -> None:
    host = "photos.nowhere.invalid"
    reason = NameResolutionError(host, HTTPConnection(host), socket.gaierror("Name or service not known"))
    error = requests.ConnectionError(MaxRetryError(HTTPConnectionPool(host), "/a", reason))
    assert network.meaning(error) is calls.UNREACHABLE
    assert network.host(error) == host


def test_a_host_that_takes_no_connection_in_time_is_named() -> None:
    pool = HTTPSConnectionPool("photos.oss-cn-hangzhou-internal.aliyuncs.com")
    error = requests.ConnectTimeout(MaxRetryError(pool, "/a", ConnectTimeoutError("timed out")))
    assert network.meaning(error) is calls.UNREACHED
    assert network.host(error) == "photos.oss-cn-hangzhou-internal.aliyuncs.com"


def test_a_proxy_that_does_not_answer_is_not_taken_for_the_store() -> None:
    error = failure("http://photos.nowhere.invalid/a", Proxies({"http": nobody()}))
    assert network.meaning(error) is calls.PROXY


@pytest.mark.parametrize("value", [" TOKEN", "TOKEN\n", "TOKEN\x00\r"])
def test_a_header_that_cannot_be_sent_is_never_quoted(value: str) -> None:
    error = failure("http://127.0.0.1:9", Proxies(), headers={"x-security-token": value})
    assert "TOKEN" in str(error)
    assert network.meaning(error) is calls.UNSENDABLE
    assert network.words(error) == ""
