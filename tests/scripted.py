"""An HTTP server that answers what a test has written down, and remembers what it was asked."""

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
"""Seconds that nothing in a test lasts."""
NOW = -1.0
"""This stands in the place of a date and means the moment at which the answer is sent."""


@dataclass(frozen=True)
class Answer:
    """One answer. `cut`: promise more bytes than come. `hang_up`: close without a word.

    `silent`: say nothing as long as the server runs. `stall`: the same for a second after the body, then close.
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
class Asked:
    method: str
    path: str
    """As it came over the wire."""
    query: dict[str, list[str]]
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


def ranged(body: bytes, status: int = 206, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, dict(headers or {}), body)


class Server:
    def __init__(self, port: int) -> None:
        self.endpoint = f"http://127.0.0.1:{port}"
        self.answers: deque[Answer] = deque()
        self.asked: list[Asked] = []
        self.over = threading.Event()

    def will(self, *answers: Answer) -> None:
        self.answers.extend(answers)

    def patience(self, seconds: float = 5.0) -> float:
        """A client's time-out: short where the next answer never comes, else so long that no busy machine meets it."""
        return 0.05 if self.answers and self.answers[0].silent else seconds

    def first(self) -> Asked:
        """The first request; a client that gave up may have sent it before we could read it."""
        end = time.monotonic() + SILENCE
        while not self.asked and time.monotonic() < end:
            time.sleep(0.01)
        return self.asked[0]


def headers(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield the answer's headers; its length comes first, since a client reads none behind a malformed header."""
    if answer.chunked:
        yield "Transfer-Encoding", "chunked"
    elif "Content-Length" not in answer.headers:
        yield "Content-Length", str(len(answer.body) + answer.cut)
    if answer.date is not None:
        yield "Date", formatdate(time.time() if answer.date == NOW else answer.date, usegmt=True)
    yield from answer.headers.items()


def chunks(answer: Answer) -> bytes:
    """Return the body in chunks of seven bytes, without the last empty chunk where the answer is cut."""
    parts = (answer.body[at : at + 7] for at in range(0, len(answer.body), 7))
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + (b"" if answer.cut else b"0\r\n\r\n")


@contextmanager
def scripted() -> Iterator[Server]:
    """The server, running. At the end every answer must have been asked for."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = parse_qs(url.query, keep_blank_values=True)
            server.asked.append(Asked(self.command, url.path, query, headers, self.rfile.read(length)))
            self.answer(server.answers.popleft())

        do_HEAD = do_POST = do_PUT = do_GET

        def answer(self, answer: Answer) -> None:
            self.close_connection = answer.hang_up or answer.silent or answer.cut > 0
            if answer.hang_up or (answer.silent and server.over.wait(SILENCE)):
                return
            self.send_response_only(answer.status)
            for name, value in headers(answer):
                self.send_header(name, value)
            self.end_headers()
            if self.command == "HEAD":
                return
            self.wfile.write(chunks(answer) if answer.chunked else answer.body)
            if answer.stall:
                self.wfile.flush()
                server.over.wait(1)

        def log_message(self, *args: object) -> None:
            pass

    class Listener(ThreadingHTTPServer):
        request_queue_size = 64

    http = Listener(("127.0.0.1", 0), Handler)
    server = Server(http.server_port)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
        assert not server.answers, f"not asked for: {list(server.answers)}"
    finally:
        server.over.set()
        http.shutdown()
        thread.join()
        http.server_close()
