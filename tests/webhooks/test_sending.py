"""Messages are signed so that receivers can verify them, and no receiver can make the sender do harm or wait."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook, WebhookVerificationError

from imagelabels.domain.webhooks import new_secret
from imagelabels.ports.receivers import SendResult
from imagelabels.webhooks.sending import LARGEST, PATIENCE, HttpReceivers, resolved

BODY = '{"type":"album.picture.entered"}'
SECRET, FORMER = new_secret(), new_secret()
NAME = "receiver.example"
PUBLIC = "93.184.215.14"


class Wire:
    """A socket whose other end answers with these parts, one at a time; behind them it says nothing any more."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self.parts, self.sent, self.read, self.closed = parts, b"", 0, False

    def settimeout(self, left: float) -> None:
        assert left > 0

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def recv_into(self, buffer: memoryview, most: int) -> int:
        part = next(self.parts, None)
        if part is None:
            raise TimeoutError("timed out")
        buffer[: len(part[:most])] = part[:most]
        self.read += len(part[:most])
        return len(part[:most])

    def close(self) -> None:
        self.closed = True


class Net:
    """Resolves every name to the addresses, and notes where connections go."""

    def __init__(self, addresses: Sequence[str] = (PUBLIC,), *parts: bytes) -> None:
        self.addresses, self.places, self.wire = addresses, list[tuple[str, int]](), Wire(iter(parts))
        self.refusing: set[str] = set()

    def resolve(self, host: str, port: int) -> Sequence[str]:
        return self.addresses

    def connect(self, place: tuple[str, int], timeout: float) -> socket.socket:
        self.places.append(place)
        if place[0] in self.refusing:
            raise ConnectionRefusedError
        wire: Any = self.wire
        return wire  # type: ignore[no-any-return]


class Plain:
    """Stands for TLS: it hands on the socket as it is, and notes the name that the certificate must be for."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def wrap_socket(self, wire: socket.socket, server_hostname: str) -> socket.socket:
        self.names.append(server_hostname)
        return wire


def send(net: Net, url: str = f"https://{NAME}/x", clock: Callable[[], float] = lambda: 0.0, **more: Any) -> SendResult:
    receivers = HttpReceivers(resolve=net.resolve, connect=net.connect, context=Plain(), clock=clock, **more)  # type: ignore[arg-type]
    return receivers.send(url, [SECRET], "msg_1", BODY)


def answered(status: int, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status} X", *headers, "", ""]).encode()


def test_a_message_reaches_the_address_that_was_checked_with_the_name_of_the_receiver() -> None:
    net = Net((PUBLIC,), answered(204))
    assert send(net, f"https://{NAME}:8443/a%20b?c=d") == SendResult(204, "the receiver answered 204")
    head, _, body = net.wire.sent.partition(b"\r\n\r\n")
    assert net.places == [(PUBLIC, 8443)]
    assert head.startswith(f"POST /a%20b?c=d HTTP/1.1\r\nHost: {NAME}:8443\r\n".encode())
    assert (body, net.wire.closed) == (BODY.encode(), True)


def test_the_name_of_an_address_without_a_port_and_a_path_is_sent_as_it_is() -> None:
    net = Net((PUBLIC,), answered(200))
    assert send(net, f"https://{NAME}").is_received
    assert net.wire.sent.startswith(f"POST / HTTP/1.1\r\nHost: {NAME}\r\n".encode())
    assert net.places == [(PUBLIC, 443)]


def test_the_authorities_of_the_system_are_not_read_again_for_each_message(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(ssl, "_create_default_https_context", lambda: read.append("again"))
    assert send(Net((PUBLIC,), answered(200))).is_received
    assert read == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::a00:1", "100.100.100.200", "::1", "0.0.0.0"],
)
def test_a_name_that_leads_into_a_private_network_is_not_connected_to(address: str) -> None:
    net = Net((address,), answered(200))
    reply = send(net)
    assert (reply.status, net.places) == (None, [])
    assert "private network" in reply.why


def test_of_a_name_with_several_addresses_only_public_ones_are_tried_one_after_the_other() -> None:
    net = Net(("10.0.0.1", "2001:4860:4860::8888", PUBLIC), answered(200))
    net.refusing = {"2001:4860:4860::8888"}
    assert send(net).is_received
    assert net.places == [("2001:4860:4860::8888", 443), (PUBLIC, 443)]


def test_a_receiver_with_many_dead_addresses_is_given_up_after_three() -> None:
    net = Net([f"93.184.215.{number}" for number in range(9)])
    net.refusing = set(net.addresses)
    assert send(net) == SendResult(None, "the connection failed: ConnectionRefusedError")
    assert len(net.places) == 3


def test_a_name_that_leads_elsewhere_after_it_was_checked_gains_nothing() -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    net = Net((), answered(200))
    net.resolve = lambda host, port: next(answers)  # type: ignore[method-assign]
    assert send(net).is_received
    assert net.places == [(PUBLIC, 443)]
    assert send(net).status is None
    assert net.places == [(PUBLIC, 443)]


def test_an_address_in_unusual_digits_is_checked_as_the_system_understands_it() -> None:
    assert resolved("0x7f.1", 443) == ["127.0.0.1"]
    assert resolved("2130706433", 443) == ["127.0.0.1"]
    net = Net((), answered(200))
    net.resolve = resolved  # type: ignore[method-assign]
    for host in ("0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "127.1"):
        assert "private network" in send(net, f"https://{host}/").why


@pytest.mark.parametrize("error", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")])
def test_a_name_that_cannot_be_resolved_is_a_failure(error: Exception) -> None:
    def fail(host: str, port: int) -> Sequence[str]:
        raise error

    net = Net()
    net.resolve = fail  # type: ignore[method-assign]
    assert send(net) == SendResult(None, "the receiver's name cannot be resolved")


def test_plain_http_is_sent_only_where_a_setting_allows_it() -> None:
    net = Net(("127.0.0.1",), answered(200))
    assert send(net, f"http://{NAME}/") == SendResult(None, "the address does not begin with https://")
    assert net.places == []
    assert send(net, f"http://{NAME}/", anywhere=True).is_received
    assert net.places == [("127.0.0.1", 80)]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(status: int) -> None:
    net = Net((PUBLIC,), answered(status, "Location: http://169.254.169.254/latest/meta-data/"))
    reply = send(net)
    assert (reply.status, reply.is_received, len(net.places)) == (status, False, 1)
    assert reply.why == f"the receiver answered {status} (redirects are not followed)"


def test_a_receiver_that_hangs_is_given_up() -> None:
    net = Net((PUBLIC,))
    assert send(net) == SendResult(None, f"the receiver did not answer within {PATIENCE:g} seconds")
    assert net.wire.closed


def test_a_receiver_that_sends_a_byte_now_and_then_gets_no_more_time() -> None:
    seconds = count()
    net = Net((PUBLIC,))
    net.wire.parts = iter(lambda: b"H", b"")
    assert send(net, clock=lambda: float(next(seconds))).why.startswith("the receiver did not answer within")
    assert net.wire.read <= PATIENCE


def test_a_receiver_whose_answer_has_ten_gigabytes_costs_a_few_kilobytes() -> None:
    net = Net((PUBLIC,), answered(200, "Content-Length: 10000000000"))
    body = iter(lambda: b"x" * 65536, b"")
    first = list(net.wire.parts)
    net.wire.parts = (part for parts in (first, body) for part in parts)
    assert send(net).is_received
    assert net.wire.read <= LARGEST


@pytest.mark.parametrize("begins", [b"HTTP/1.1 200 X\r\nX: ", b"HTTP/1.1 100 Continue\r\n\r\n" * 400, b""])
def test_the_head_of_an_answer_without_an_end_is_cut_off(begins: bytes) -> None:
    net = Net((PUBLIC,))
    endless = iter(lambda: b"x" * 4096, b"")
    net.wire.parts = (part for parts in ([begins] if begins else [], endless) for part in parts)
    reply = send(net)
    assert reply.status is None
    assert net.wire.read <= LARGEST + 1


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 abc X\r\n\r\n", b"HTTP/1.1 99999 X\r\n\r\n"])
def test_an_answer_that_is_no_http_is_a_failure(answer: bytes) -> None:
    net = Net((PUBLIC,), answer, b"")
    reply = send(net)
    assert reply.status is None
    assert reply.why.startswith("the connection failed")


def test_the_authorities_of_the_system_are_not_read_anew_for_each_message(monkeypatch: pytest.MonkeyPatch) -> None:
    net = Net((PUBLIC,), answered(200))
    monkeypatch.delattr(ssl, "_create_default_https_context")
    assert send(net).is_received


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://10.0.0.1:3128")
    net = Net((PUBLIC,), answered(200))
    assert send(net).is_received
    assert net.places == [(PUBLIC, 443)]


class Receiver(BaseHTTPRequestHandler):
    """Verifies each message with the library of the specification, as docs/webhooks.md shows."""

    seen: list[tuple[str, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            message = Webhook(SECRET).verify(body, dict(self.headers))
            self.seen.append((self.headers["webhook-id"], message))
            self.send_response(200)
        except WebhookVerificationError as error:
            self.seen.append(("refused", str(error)))
            self.send_response(400)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[tuple[str, Any]]]]:
    """Receive on a free port of this machine."""
    seen: list[tuple[str, Any]] = []
    server = HTTPServer(("127.0.0.1", 0), type("Here", (Receiver,), {"seen": seen}))
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port, seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_receiver_verifies_the_signature_with_the_library_of_the_specification() -> None:
    receivers = HttpReceivers(anywhere=True)
    with receiving() as (port, seen):
        url = f"http://127.0.0.1:{port}/x"
        assert receivers.send(url, [SECRET], "msg_1", BODY).is_received
        assert receivers.send(url, [new_secret(), SECRET], "msg_2", BODY).is_received
        assert receivers.send(url, [FORMER], "msg_3", BODY).status == 400
    assert seen == [
        ("msg_1", {"type": "album.picture.entered"}),
        ("msg_2", {"type": "album.picture.entered"}),
        ("refused", "No matching signature found"),
    ]


def test_a_receiver_must_have_a_certificate_for_its_name(tmp_path: Path) -> None:
    serving, trusting = certified(tmp_path, NAME)
    with receiving(serving) as (port, seen):
        receivers = HttpReceivers(anywhere=True, resolve=lambda host, at: ["127.0.0.1"], context=trusting)
        assert receivers.send(f"https://{NAME}:{port}/x", [SECRET], "msg_1", BODY).is_received
        refused = receivers.send(f"https://other.example:{port}/x", [SECRET], "msg_2", BODY)
        untrusted = HttpReceivers(anywhere=True, resolve=lambda host, at: ["127.0.0.1"])
        unknown = untrusted.send(f"https://{NAME}:{port}/x", [SECRET], "msg_3", BODY)
    assert refused == unknown == SendResult(None, "the receiver's certificate is not valid for its name")
    assert [name for name, _ in seen] == ["msg_1"]


def certified(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for a name, and return who serves with it and who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "receiver.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    return serving, ssl.create_default_context(cafile=str(file))
