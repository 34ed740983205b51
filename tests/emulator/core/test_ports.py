"""Programs that are yet to start get a port that no other program gets meanwhile."""

from __future__ import annotations

import socket

import pytest

from emulator.core import ports
from tests import ports as held


def test_a_port_on_which_a_program_listens_is_not_free() -> None:
    port = held.free_port()
    with socket.create_server(("127.0.0.1", port)):
        assert not ports.is_free(port)
    assert ports.is_free(port)


def test_the_system_would_give_the_port_to_another_program() -> None:
    with socket.create_server(("127.0.0.1", 0)) as anybody:
        assert anybody.getsockname()[1] not in ports.GIVEN_TO_NOBODY
    assert ports.free_port() in ports.GIVEN_TO_NOBODY


def test_ports_in_use_would_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    port = held.free_port()
    monkeypatch.setattr(ports, "GIVEN_TO_NOBODY", [port] * 100)
    assert ports.free_port() == port
    with socket.create_server(("127.0.0.1", port)), pytest.raises(OSError, match="none of 100 ports"):
        ports.free_port()


def test_a_test_would_get_the_port_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    first, real = held.free_port(), ports.free_port
    again = [first, first]
    monkeypatch.setattr(ports, "free_port", lambda: again.pop() if again else real())
    assert held.free_port() != first
    assert not again
