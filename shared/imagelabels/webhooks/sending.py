"""Sends signed messages over HTTP to addresses that strangers name.

Such an address may be meant to reach what only this machine can reach. So the name is resolved here, each address is
checked, and the connection goes to the very address that was checked: a name that leads elsewhere a moment later gains
nothing. Redirects are answers like others, proxies of the environment are not asked, and neither a slow nor an endless
answer takes more than the time and the bytes that are set here.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any, cast
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from imagelabels import __version__
from imagelabels.domain.addresses import is_allowed
from imagelabels.ports.receivers import SendResult

PATIENCE = 10.0
"""An attempt takes so many seconds at most, from the connection to the head of the answer. Only the resolution of the
name is not counted, which the system limits (https://man7.org/linux/man-pages/man5/resolv.conf.5.html)."""

LARGEST = 16 * 1024
"""The head of an answer has at most so many bytes. Its body is not read."""

MOST_ADDRESSES = 3
"""So many addresses of a name are tried."""

Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[tuple[str, int], float], socket.socket]


class Refused(Exception):
    """The attempt is over. The text holds no address of the receiver."""


def resolved(host: str, port: int) -> list[str]:
    """Return the numeric addresses of a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


class HttpReceivers:
    """This is a port Receivers. `anywhere` allows http and addresses in private networks."""

    def __init__(
        self,
        anywhere: bool = False,
        resolve: Resolve = resolved,
        connect: Connect = socket.create_connection,
        context: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._anywhere, self._resolve, self._connect, self._clock = anywhere, resolve, connect, clock
        self._context = context or _trusting()

    def send(self, url: str, secrets: Sequence[str], message_id: str, body: str) -> SendResult:
        now = datetime.now(timezone.utc)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"imagelabels/{__version__}",
            "Connection": "close",
            "webhook-id": message_id,
            "webhook-timestamp": f"{int(now.timestamp())}",
            "webhook-signature": " ".join(Webhook(secret).sign(message_id, now, body) for secret in secrets),
        }
        try:
            status = self._post(url, headers, body.encode())
        except Refused as error:
            return SendResult(None, str(error))
        except ssl.SSLCertVerificationError:
            return SendResult(None, "the receiver's certificate is not valid for its name")
        except TimeoutError:
            return SendResult(None, f"the receiver did not answer within {PATIENCE:g} seconds")
        except (OSError, http.client.HTTPException, ValueError) as error:
            return SendResult(None, f"the connection failed: {type(error).__name__}")
        meaning = " (redirects are not followed)" if 300 <= status < 400 else ""
        return SendResult(status, f"the receiver answered {status}{meaning}")

    def _post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        """Return the status of the answer."""
        parts = urlsplit(url)
        is_secure, host = parts.scheme == "https", parts.hostname or ""
        if not is_secure and not self._anywhere:
            raise Refused("the address does not begin with https://")
        usual = 443 if is_secure else 80
        port = parts.port or usual
        addresses = self._checked(host, port)
        line = _Line(self._connect, [(address, port) for address in addresses], self._clock)
        try:
            if is_secure:
                line.secure(self._context, host)
            # An HTTPSConnection would read all the authorities of this system once more for each message.
            connection = http.client.HTTPConnection(host, port)
            connection.default_port = usual  # The header Host does not name it.
            connection.auto_open = 0  # Only the connection that was checked may be used.
            connection.sock = cast(Any, line)
            target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
            connection.request("POST", target, body, headers)
            return connection.getresponse().status
        finally:
            line.close()

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            addresses = self._resolve(host, port)
        except (OSError, ValueError):
            raise Refused("the receiver's name cannot be resolved") from None
        allowed = [address for address in addresses if is_allowed(address, self._anywhere)]
        if not allowed:
            raise Refused("the receiver's name leads into a private network, where no webhook is sent to")
        return allowed[:MOST_ADDRESSES]


class _Line:
    """A connection that is used until a moment and no longer. It is what http.client needs of a socket."""

    def __init__(self, connect: Connect, places: Sequence[tuple[str, int]], clock: Callable[[], float]) -> None:
        self._clock, self._deadline, self._room = clock, clock() + PATIENCE, LARGEST
        failure = OSError()
        for place in places:
            try:
                self._socket = connect(place, self._left())
                return
            except OSError as error:
                failure = error
        raise failure

    def secure(self, context: ssl.SSLContext, host: str) -> None:
        """Begin TLS with the name of the receiver, which its certificate must be for."""
        self._socket.settimeout(self._left())
        try:
            self._socket = context.wrap_socket(self._socket, server_hostname=host)
        except BaseException:
            self.close()
            raise

    def sendall(self, data: bytes) -> None:
        self._socket.settimeout(self._left())
        self._socket.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Answer(self))

    def read_into(self, buffer: Any) -> int:
        """Read what has come. A receiver that sends a byte now and then gets no more time than one that is silent."""
        self._socket.settimeout(self._left())
        count = self._socket.recv_into(buffer, min(len(buffer), self._room + 1))
        self._room -= count
        if self._room < 0:
            raise Refused(f"the head of the answer is longer than {LARGEST:,} bytes")
        return count

    def close(self) -> None:
        self._socket.close()

    def _left(self) -> float:
        left = self._deadline - self._clock()
        if left <= 0:
            raise TimeoutError
        return left


class _Answer(io.RawIOBase):
    """What comes over a line, as a file."""

    def __init__(self, line: _Line) -> None:
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._line.read_into(buffer)


def _trusting() -> ssl.SSLContext:
    """Trust the authorities of this system, and those of certifi where it is installed: a function's system may have
    none."""
    context = ssl.create_default_context()
    try:
        import certifi
    except ImportError:
        return context
    context.load_verify_locations(certifi.where())
    return context
