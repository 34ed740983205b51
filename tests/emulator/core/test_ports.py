"""Programs that are yet to start get a port that no other program gets meanwhile."""

from __future__ import annotations

import errno
import socket

import pytest

from emulator.core import ports
from tests import ports as held


def test_a_port_on_which_a_program_listens_is_not_free() -> None:
    port = held.free_port()
    with socket.create_server(("127.0.0.1", port)):
        assert not ports.is_free(port)
    assert ports.is_free(port)


def test_a_port_on_which_nobody_may_listen_would_seem_to_be_taken_by_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(listener: socket.socket, address: tuple[str, int]) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refused)
    with pytest.raises(PermissionError, match="cannot listen on port 80: Permission denied"):
        ports.is_free(80)


def test_the_system_would_give_the_port_to_a_program_that_takes_any() -> None:
    assert 1024 <= ports.free_port() < 32768


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
