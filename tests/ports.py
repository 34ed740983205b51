"""Tests that start a program which must be told its port get one here."""

from __future__ import annotations

import atexit
import socket

from emulator.core import ports


def free_port() -> int:
    """Return a port that no program listens on, and that no other process gets here as long as this one lives.

    Many tests run at once, and a program takes a second or more until it listens. So the datagram port of the same
    number is held: no program here uses it.
    """
    while True:
        port = ports.free_port()
        datagrams = socket.socket(type=socket.SOCK_DGRAM)
        try:
            datagrams.bind(("127.0.0.1", port))
        except OSError:
            datagrams.close()
        else:
            atexit.register(datagrams.close)
            return port
