"""This HTTP server sends the answers that a test prepared, and records the requests that it gets."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

DATE = 1_780_000_000
SILENCE = 60.0
"""Nothing in a test takes this many seconds."""
NOW = -1.0
"""An answer with this date gets the time at which it is sent."""


@dataclass(frozen=True)
class Answer:
    """One answer. `cut` is the number of bytes that are promised and not sent.

    With `hang_up`, the server closes the connection without an answer. With `silent`, it sends nothing as long as it
    runs. With `stall`, it waits for a second after the body and then closes.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    chunked: bool = False
    cut: int = 0
    hang_up: bool = False
    silent: bool = False
    stall: bool = False
    date: float | None = DATE


@dataclass(frozen=True)
class ReceivedRequest:
    """A request that the server got."""

    method: str
    path: str
    """The path as it was sent."""
    query: dict[str, list[str]]
    headers: dict[str, str]
    """The headers, with names in lower case."""
    body: bytes


def ranged(body: bytes, status: int = 206, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer with a part of an object."""
    return Answer(status, dict(headers or {}), body)


class Server:
    """The prepared answers and the recorded requests of a running server."""

    def __init__(self, port: int) -> None:
        self.endpoint = f"http://127.0.0.1:{port}"
        self.answers: deque[Answer] = deque()
        self.asked: list[ReceivedRequest] = []
        self.over = threading.Event()

    def will(self, *answers: Answer) -> None:
        self.answers.extend(answers)

    def patience(self, seconds: float = 5.0) -> float:
        """Return a client's timeout, which is short if the next answer never comes, and long enough otherwise."""
        return 0.05 if self.answers and self.answers[0].silent else seconds

    def first(self) -> ReceivedRequest:
        """Return the first request. It may still arrive after the client gave up, so this method waits for it."""
        end = time.monotonic() + SILENCE
        while not self.asked and time.monotonic() < end:
            time.sleep(0.01)
        return self.asked[0]


class _Handler(BaseHTTPRequestHandler):
    """A handler of requests; a subclass has the server that it belongs to."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    scripted_server: Server

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        length = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = parse_qs(url.query, keep_blank_values=True)
        request = ReceivedRequest(self.command, url.path, query, headers, self.rfile.read(length))
        self.scripted_server.asked.append(request)
        self._send(self.scripted_server.answers.popleft())

    do_DELETE = do_HEAD = do_POST = do_PUT = do_GET

    def _send(self, answer: Answer) -> None:
        self.close_connection = answer.hang_up or answer.silent or answer.cut > 0
        if answer.hang_up or (answer.silent and self.scripted_server.over.wait(SILENCE)):
            return
        self._send_head(answer)
        if self.command == "HEAD":
            return
        self._send_body(answer)
        if answer.stall:
            self.wfile.flush()
            self.scripted_server.over.wait(1)

    def _send_head(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        if answer.date is not None:
            date = time.time() if answer.date == NOW else answer.date
            self.send_header("Date", formatdate(date, usegmt=True))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif "Content-Length" not in answer.headers:
            self.send_header("Content-Length", str(len(answer.body) + answer.cut))
        self.end_headers()

    def _send_body(self, answer: Answer) -> None:
        if not answer.chunked:
            self.wfile.write(answer.body)
            return
        for at in range(0, len(answer.body), 7):
            part = answer.body[at : at + 7]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        self.wfile.write(b"" if answer.cut else b"0\r\n\r\n")

    def log_message(self, *args: object) -> None:
        """Print nothing."""


class _Listener(ThreadingHTTPServer):
    request_queue_size = 64


@contextmanager
def scripted() -> Iterator[Server]:
    """Run a server. At the end, the client must have asked for every answer."""

    class Handler(_Handler):
        pass

    http = _Listener(("127.0.0.1", 0), Handler)
    server = Handler.scripted_server = Server(http.server_port)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
        # A client that gives up soon may be gone before a busy machine has let this server read its request.
        for _ in range(500):
            if not server.answers:
                break
            time.sleep(0.01)
        assert not server.answers, f"no request came for {list(server.answers)}"
    finally:
        server.over.set()
        http.shutdown()
        thread.join()
        http.server_close()
