"""Requests for invocations that no client of a vendor sends: each is refused, and the next client is served."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import math
import random
import socket
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from emulator.tencent.scf.platform import ServerlessCloudFunction
from tests.emulator.invoking import FC_SOURCE, RunningFunctions, deployed, running_functions
from tests.emulator.test_fuzz import ODD, mutated

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

FC3 = "/2023-03-30/functions/label/invocations"
FC2 = "/2016-08-15/services/pictures/functions/label/invocations"
SCF_SOURCE = "def handler(event, context): return event"
ECHO = """
    import json

    def handler(event, context):
        body = json.loads(event)["body"]
        return body if body else event
    """
PROGRAM = """
    import http.server, os

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            self.send_response(200)
            self.end_headers()

        do_GET = do_POST = do_PUT = answer

        def log_message(self, *arguments):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["FC_SERVER_PORT"])), Handler).serve_forever()
    """
URLS = ("page", "signed", "program", "other")
INPUTS = 200


@pytest.fixture
def emulated(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[RunningFunctions]:
    """Run the functions. In the end they must still answer, and no request may have been an error of the emulator."""
    functions = (
        deployed(tmp_path, service="pictures", source=FC_SOURCE),
        deployed(tmp_path, "other", ServerlessCloudFunction(), SCF_SOURCE, {}),
        deployed(tmp_path, "page", source=ECHO, http={}),
        deployed(tmp_path, "signed", source=ECHO, http={"auth": "function"}),
        deployed(tmp_path, "program", source=PROGRAM, http={}, command=(sys.executable, "index.py")),
    )
    rates = {"Invoke": math.inf, "InvokeFunction": math.inf}
    with running_functions(tmp_path, *functions, scf_rates=rates) as running, caplog.at_level(logging.ERROR):
        yield running
        assert running.fc3("label", {}).status == 200
        assert running.fc2("pictures", "label", {}).json["event"] == {}
        assert running.scf("other").InvokeResult == 0
    assert [record.getMessage() for record in caplog.records] == []


def scf_error(body: bytes) -> str:
    return str(json.loads(body)["Response"]["Error"]["Code"])


def signed_by_tc3(emulated: RunningFunctions, body: bytes) -> dict[str, str]:
    """Return the headers of an Invoke with this body, which are signed as the vendor's page says."""
    now = datetime.now(timezone.utc)
    scope = f"{now:%Y-%m-%d}/scf/tc3_request"
    headers = f"content-type:application/json\nhost:{emulated.address}\n"
    lines = ["POST", "/", "", headers, "content-type;host", hashlib.sha256(body).hexdigest()]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    stamp = str(int(now.timestamp()))
    key = b"TC3emulator"
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{digest}".encode(), "sha256").hexdigest()
    return {
        "Content-Type": "application/json",
        "X-TC-Action": "Invoke",
        "X-TC-Version": "2018-04-16",
        "X-TC-Timestamp": stamp,
        "Authorization": f"TC3-HMAC-SHA256 Credential=emulator/{scope}, SignedHeaders=content-type;host,"
        f" Signature={signature}",
    }


@pytest.mark.parametrize("path", [FC3, FC2])
def test_an_unsigned_invocation_is_refused_in_the_words_of_function_compute(
    emulated: RunningFunctions, path: str
) -> None:
    status, headers, body = emulated.raw("POST", path, body=b"{}")
    assert (status, "X-Fc-Request-Id" in headers) == (400, True)
    assert b"MissingRequiredHeader" in body


def test_an_unsigned_call_of_scf_is_refused(emulated: RunningFunctions) -> None:
    status, _, body = emulated.raw("POST", "/", {"X-TC-Action": "Invoke"}, b"{}")
    assert (status, scf_error(body)) == (200, "AuthFailure.InvalidAuthorization")


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 200_000, b"\xff\xfe", b"null", b'{"FunctionName": "other",}', b"7"])
def test_a_signed_body_that_is_no_json_object_is_refused(emulated: RunningFunctions, body: bytes) -> None:
    answer = emulated.raw("POST", "/", signed_by_tc3(emulated, body), body)[2]
    assert scf_error(answer) == "InvalidParameter"


def test_a_body_that_was_altered_after_signing_is_refused(emulated: RunningFunctions) -> None:
    body = json.dumps({"FunctionName": "other"}).encode()
    headers = signed_by_tc3(emulated, body)
    assert b'"InvokeResult": 0' in emulated.raw("POST", "/", headers, body)[2]
    assert scf_error(emulated.raw("POST", "/", headers, body + b" ")[2]) == "AuthFailure.SignatureFailure"
    assert emulated.control("functions/other")["invocations"] == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods_and_addresses_are_refused(emulated: RunningFunctions, method: str) -> None:
    tc3 = {"X-TC-Action": "Invoke"}
    assert scf_error(emulated.raw(method, "/", tc3)[2]) == "UnsupportedProtocol"
    assert scf_error(emulated.raw("POST", "/?a=b", tc3)[2]) == "UnsupportedProtocol"
    assert emulated.raw(method, FC2, {"Authorization": "FC emulator:x"})[0] == 400


@pytest.mark.parametrize("path", [FC3, FC2, "/"])
def test_a_huge_header_is_refused(emulated: RunningFunctions, path: str) -> None:
    assert emulated.raw("POST", path, {"Authorization": "FC " + "a" * 200_000}, b"{}")[0] == 400


@pytest.mark.parametrize(("path", "form"), [(FC3, "ACS3-HMAC-SHA256 x"), (FC2, "FC emulator:x")])
def test_a_large_body_with_a_wrong_signature_is_refused_before_it_is_read(
    emulated: RunningFunctions, path: str, form: str
) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: {emulated.address}\r\nAuthorization: {form}\r\nContent-Length: 33000000\r\n"
    with socket.create_connection(("127.0.0.1", emulated.server.port)) as client:
        client.sendall(f"{head}\r\n".encode())  # The body never comes.
        assert client.recv(9) == b"HTTP/1.1 "
        assert client.recv(2) == b"40"


@pytest.mark.parametrize("length", ["-1", "7x", "99999999999999999999999", "1, 2"])
def test_a_length_that_is_none_is_refused(emulated: RunningFunctions, length: str) -> None:
    head = f"POST {FC3} HTTP/1.1\r\nHost: {emulated.address}\r\nContent-Length: {length}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", emulated.server.port)) as client:
        client.sendall(head.encode())
        assert client.recv(10)[-1:] == b"4"


def test_a_client_that_hangs_up_in_its_body_does_no_harm(emulated: RunningFunctions) -> None:
    body = json.dumps({"FunctionName": "other"}).encode()
    headers = signed_by_tc3(emulated, body) | {"Host": emulated.address, "Content-Length": str(len(body))}
    head = "POST / HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    for cut in (0, 1, len(body) - 1):
        with socket.create_connection(("127.0.0.1", emulated.server.port)) as client:
            client.sendall(head.encode() + body[:cut])
    assert emulated.control("functions/other")["invocations"] == 0


def test_a_client_that_hangs_up_while_the_function_runs_does_no_harm(
    emulated: RunningFunctions, tmp_path: Path
) -> None:
    event = json.dumps({"touch": str(tmp_path / "began"), "wait": str(tmp_path / "go")}).encode()
    headers = {"Host": emulated.address, "Content-Length": str(len(event)), "Content-Type": "application/json"}
    headers |= {"Date": datetime.now(timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")}
    headers["Authorization"] = emulated.fc2_client().auth.sign_request(
        "POST", FC2, {name.lower(): value for name, value in headers.items()}
    )
    head = f"POST {FC2} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    with socket.create_connection(("127.0.0.1", emulated.server.port)) as client:
        client.sendall(head.encode() + event)
        while not (tmp_path / "began").exists():
            time.sleep(0.01)
    (tmp_path / "go").touch()
    assert emulated.fc2("pictures", "label", {}).json["event"] == {}
    assert emulated.control("functions/label")["invocations"] == 2


def test_signatures_of_any_kind_are_refused(emulated: RunningFunctions) -> None:
    dice = random.Random(20261203)
    scope = f"{datetime.now(timezone.utc):%Y-%m-%d}/scf/tc3_request"
    good = (
        (FC3, "ACS3-HMAC-SHA256 Credential=emulator,SignedHeaders=host;x-acs-content-sha256,Signature=00"),
        (FC2, "FC emulator:AAAA"),
        ("/", f"TC3-HMAC-SHA256 Credential=emulator/{scope}, SignedHeaders=content-type;host, Signature=00"),
    )
    dates = ("Sat, 28 Nov 2026 00:00:00 GMT", "2026-11-28T00:00:00Z", "Mon, 01 Jan 0001 00:00:00 -0000", "9" * 30, "")
    for _ in range(INPUTS):
        path, said = dice.choice(good)
        spoiled = list(said)
        for _ in range(dice.randrange(4)):
            spoiled[dice.randrange(len(spoiled))] = dice.choice("=,:;/ \xe9\xff狗"[:8])
        date = dice.choice((*dates, str(int(time.time()))))
        headers = {"Authorization": "".join(spoiled), "X-TC-Action": "Invoke", "X-TC-Timestamp": date}
        headers |= {"Date": date, "x-acs-date": date, "x-acs-action": "InvokeFunction"}
        status, _, body = emulated.raw("POST", path, headers, b"{}")
        assert 400 <= status < 500 or (status == 200 and scf_error(body) != "InternalError"), (path, headers)
    assert emulated.control("functions/label")["invocations"] == 0


def test_signed_bodies_of_any_kind_are_no_error_of_the_emulator(emulated: RunningFunctions) -> None:
    dice = random.Random(20261204)
    good = {"FunctionName": "other", "ClientContext": '{"a": [1]}', "InvocationType": "RequestResponse"}
    good |= {"LogType": "None", "Namespace": "default", "Qualifier": "$LATEST"}
    for _ in range(INPUTS):
        params: dict[str, object] = dict(good)
        params[dice.choice(list(good))] = dice.choice((*ODD, None, 7, [], {}, True, "\ud800"))
        body = json.dumps(params).encode()
        body = mutated(dice, body) if dice.random() < 0.5 else body
        answer = json.loads(emulated.raw("POST", "/", signed_by_tc3(emulated, body), body)[2])["Response"]
        assert answer.get("Error", {}).get("Code") != "InternalError", body


@pytest.mark.parametrize("name", URLS)
def test_a_client_of_a_url_that_hangs_up_in_its_body_does_no_harm(emulated: RunningFunctions, name: str) -> None:
    head = f"POST /_functions/{name}/ HTTP/1.1\r\nHost: {emulated.address}\r\nContent-Length: 9\r\n\r\n"
    for cut in (0, 1, 8):
        with socket.create_connection(("127.0.0.1", emulated.server.port)) as client:
            client.sendall(head.encode() + b"x" * cut)
    assert emulated.control(f"functions/{name}")["invocations"] == 0


@pytest.mark.parametrize("name", URLS)
def test_requests_of_any_kind_to_a_url_are_no_error_of_the_emulator(emulated: RunningFunctions, name: str) -> None:
    dice = random.Random(20261205)
    targets = (
        "",
        "/",
        "//",
        "/%",
        "/%zz",
        "/%ff%00",
        "/a b?"[:2],
        "/?a&=&%&a=%ff&a=+",
        "/..%2f../",
        "/\xe9",
        "/?\xe9=1",
        "#x",
    )
    values = (
        "",
        "text/plain",
        "\xe9",
        "application/json; charset=\xff",
        "Async",
        "7x",
        "ACS3-HMAC-SHA256 x",
        "x" * 4000,
    )
    names = (
        "Content-Type",
        "X-Fc-Invocation-Type",
        "X-Acs-Date",
        "Authorization",
        "X-Acs-Content-Sha256",
        "User-Agent",
    )
    for _ in range(INPUTS):
        headers = {header: dice.choice(values) for header in dice.sample(names, 2)}
        document = {"statusCode": 200, "headers": {"a": "b"}, "isBase64Encoded": False, "body": "x"}
        body = mutated(dice, json.dumps(document).encode()) if dice.random() < 0.7 else b""
        target = f"/_functions/{name}{dice.choice(targets)}"
        request = f"{dice.choice(('GET', 'POST', 'PUT', 'ODD'))} {target} HTTP/1.1\r\nHost: {emulated.address}\r\n"
        request += "".join(f"{header}: {value}\r\n" for header, value in headers.items())
        request += f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", emulated.server.port)) as client:
            client.sendall(request.encode("latin-1") + body)
            answer = client.makefile("rb").read()
        status = int(answer.split(b" ", 2)[1])
        # A malformed answer of the function is the function's own fault.
        assert 200 <= status < 500 or status in (501, 502), (request, answer)
