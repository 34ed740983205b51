"""Programs that the emulator starts are told here on which port to listen."""

from __future__ import annotations

import random
import socket

GIVEN_TO_NOBODY = range(10240, 32768)
"""No system gives these ports to a program that takes any port: Linux gives those from 32768 on, others higher ones."""


def free_port() -> int:
    """Return a port of this machine that no program listens on. OSError if there is none.

    A program that is yet to start will listen on it. Meanwhile another program would easily get a port that the
    system gives to anyone, and would then be taken for the one that was started.
    """
    system = random.SystemRandom()
    for port in system.sample(GIVEN_TO_NOBODY, 100):
        if is_free(port):
            return port
    raise OSError("none of 100 ports that were tried is free")


def is_free(port: int) -> bool:
    """Tell whether no program listens on this port of this machine."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
