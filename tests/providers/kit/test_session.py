"""How requests leave this machine."""

from __future__ import annotations

from typing import Any

import pytest
from requests.adapters import HTTPAdapter

from imagelabels.providers.kit.proxies import Proxies
from imagelabels.providers.kit.session import HttpSession, SecureWholeConnection, WholeConnection
from tests.scripted import Answer, Server


class Wire:
    """Stands for a connected socket, and keeps what each write handed to the network."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.sent.append(data)

    def settimeout(self, seconds: object) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.mark.parametrize("cls", [WholeConnection, SecureWholeConnection])
def test_no_head_leaves_before_its_body_for_a_store_to_check_and_wait(cls: type[WholeConnection]) -> None:
    wire, connection = Wire(), cls("store.example.com")
    connection.sock = wire
    connection.request("PUT", "/a.jpg?tagging", body=b"<Tagging/>", headers={"Authorization": "ends-soon"})
    (sent,) = wire.sent
    assert sent.startswith(b"PUT /a.jpg?tagging HTTP/1.1\r\n")
    assert b"Authorization: ends-soon\r\n" in sent
    assert sent.endswith(b"\r\n\r\n<Tagging/>")


def test_a_request_that_cannot_be_written_leaves_nothing_for_the_next_one() -> None:
    wire, connection = Wire(), WholeConnection("store.example.com")
    connection.sock = wire
    with pytest.raises(ValueError, match="header"):
        connection.request("PUT", "/a", body=b"first", headers={"X": "a\nb"})
    connection.close()
    connection.sock = wire
    connection.request("PUT", "/b", body=b"second", headers={})
    assert [b"/b HTTP/1.1" in sent and sent.endswith(b"second") for sent in wire.sent] == [True]


def put(session: HttpSession, url: str) -> Any:
    with session:
        return session.put(url, data=b"<Tagging/>")


def test_the_sessions_connections_send_in_one_piece() -> None:
    session = HttpSession(Proxies(), 4)
    for scheme, cls in (("http", WholeConnection), ("https", SecureWholeConnection)):
        adapter = session.get_adapter(f"{scheme}://store.example.com")
        assert isinstance(adapter, HTTPAdapter)
        direct = adapter.poolmanager.connection_from_url(f"{scheme}://store.example.com")
        proxied = adapter.proxy_manager_for("http://proxy:3128").connection_from_url(f"{scheme}://store.example.com")
        assert (direct.ConnectionCls, proxied.ConnectionCls) == (cls, cls)
    session.close()


def test_a_request_goes_through_the_proxy_that_is_named(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.will(Answer())
    through = Proxies.of_environment({"HTTP_PROXY": server.endpoint})
    assert put(HttpSession(through, 4), "http://store.example.com/a.jpg?tagging").status_code == 200
    assert server.asked[0].headers["host"] == "store.example.com"
    assert server.asked[0].body == b"<Tagging/>"


def test_a_request_to_this_machine_goes_through_none(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.will(Answer())
    through = Proxies.of_environment({"HTTP_PROXY": "http://127.0.0.1:9"})
    assert put(HttpSession(through, 4), f"{server.endpoint}/a.jpg").status_code == 200
