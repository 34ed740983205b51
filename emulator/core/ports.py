"""This module finds ports for programs that are told on which port to listen."""

from __future__ import annotations

import errno
import random
import socket

GIVEN_TO_NOBODY = range(10240, 32768)
"""A program that takes any port does not get one of these: Linux gives it one from 32768 on, unless it was set up
otherwise (https://docs.kernel.org/networking/ip-sysctl.html, ip_local_port_range), and macOS a higher one."""


def free_port() -> int:
    """Return a port of this machine that no program listens on. OSError if there is none.

    The program that will listen on it is yet to start. Meanwhile another program could get a port that the system gives
    to anyone, and would then be taken for the one that was started.
    """
    system = random.SystemRandom()
    for port in system.sample(GIVEN_TO_NOBODY, 100):
        if is_free(port):
            return port
    raise OSError("none of 100 ports that were tried is free")


def is_free(port: int) -> bool:
    """Tell whether no program listens on this port of this machine. OSError if nobody may listen on it."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise OSError(error.errno, f"cannot listen on port {port}: {error.strerror}") from None
        return True
