"""This module finds ports for programs that are told on which port to listen, and tells whether an emulator listens."""

from __future__ import annotations

import errno
import http.client
import json
import random
import socket

GIVEN_TO_NOBODY = range(10240, 32768)
"""A program that takes any port does not get one of these: Linux gives it one from 32768 on, unless it was set up
otherwise (https://docs.kernel.org/networking/ip-sysctl.html, ip_local_port_range), and macOS a higher one."""


PATIENCE = 5.0
"""Whoever listens on a port has so many seconds for each part of its answer."""


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


def emulator_at(port: int) -> int | None:
    """Return the number of the process of the emulator that listens on a port of this machine. None if no emulator
    answers there: nothing listens yet, or another program does, whatever it answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/_emulator/health")
        told = json.loads(connection.getresponse().read(1000))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    process = told.get("process") if isinstance(told, dict) else None
    return process if isinstance(process, int) else None
