"""A server that answers this machine alone is asked under the names of this machine."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from imagelabels.api.app import Answer, Event, refused
from imagelabels.api.hosts import is_meant, is_own
from imagelabels.api.problems import Problem
from imagelabels.api.wsgi import Wsgi


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1.evil.example:8080",
        "192.168.0.7:8080",
        "localhost@evil.example",
        "evil.example@localhost",
        "[::1",
        "[::2]:8080",
        "[localhost]",
        "",
        "0",
        "photos.example",
    ],
)
def test_a_web_page_of_a_stranger_could_read_the_index_of_this_machine(host: str) -> None:
    assert not is_meant(host)


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:1", "127.0.0.2:80", "[::1]", "[::1]:8080"]
)
def test_nobody_could_open_the_page_on_their_own_machine(host: str) -> None:
    assert is_meant(host)


@pytest.mark.parametrize("host", ["photos.example", "Photos.Example:443"])
def test_a_proxy_on_this_machine_could_not_pass_on_the_name_that_it_is_asked_by(host: str) -> None:
    assert is_meant(host, ["photos.example"])
    assert not is_meant(f"x{host}", ["photos.example"])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "127.1", "0x7f.1", "2130706433", "::1"])
def test_another_spelling_of_an_own_address_would_open_it_to_web_pages_of_strangers(host: str) -> None:
    assert is_own(host)


@pytest.mark.parametrize("host", ["", "*", "0.0.0.0", "::", "192.0.2.1", "no name of a host", "x" * 300, "\udc80"])
def test_a_server_for_others_would_answer_this_machine_alone(host: str) -> None:
    assert not is_own(host)


class Untouched:
    """An API that nothing may reach."""

    def answer(self, event: object) -> Any:
        raise AssertionError(event)

    def refusal(self, event: Event, problem: Problem) -> Answer:
        return refused(problem)


def test_a_request_under_the_name_of_a_stranger_would_reach_the_index() -> None:
    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/v1/export",
        "HTTP_HOST": "evil.example",
        "wsgi.input": io.BytesIO(),
    }
    api: Any = Untouched()
    answer = Wsgi(api, None, is_meant)(environ, lambda status, headers: statuses.append(status))
    assert statuses == ["421 Misdirected Request"]
    assert json.loads(b"".join(answer))["code"] == "misdirected"
