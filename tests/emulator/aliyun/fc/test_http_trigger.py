"""HTTP triggers of Function Compute, called as any HTTP client calls them."""

from __future__ import annotations

import base64
import http.client
import json
import socket
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from alibabacloud_tea_openapi.utils import Utils
from darabonba.request import DaraRequest

from emulator.aliyun.fc.http_trigger import HttpTrigger
from emulator.core.parts import Key
from tests.emulator.invoking import RunningFunctions, deployed, running_functions, waiting_call
from tests.emulator.running import ROOT

SOURCE = """
    import json, os, pathlib, time

    def handler(event, context):
        event = json.loads(event)
        assert event["requestContext"]["requestId"] == context.request_id
        asked = json.loads(event["body"] or "{}") if event["headers"].get("X-Do") else {}
        if "touch" in asked:
            pathlib.Path(asked["touch"]).touch()
        while "wait" in asked and not os.path.exists(asked["wait"]):
            time.sleep(0.01)
        if "raise" in asked:
            raise ValueError(asked["raise"])
        if "exit" in asked:
            os._exit(3)
        return asked.get("answer", event)
    """
PAGE = {"statusCode": 201, "headers": {"Content-Type": "text/html", "X-Own": "狗"}, "body": "<p>狗</p>"}


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[RunningFunctions]:
    functions = (
        deployed(tmp_path, "album", source=SOURCE, http={}),
        deployed(tmp_path, "signed", source=SOURCE, http={"auth": "function"}),
        deployed(tmp_path, "Read_Only", source=SOURCE, http={"methods": ["GET", "HEAD"]}, instances=1, timeout=0.5),
        deployed(tmp_path, "single", source=SOURCE, http={}, instances=1),
        deployed(tmp_path, "plain", source=SOURCE),
    )
    with running_functions(tmp_path, *functions) as running:
        yield running


def host(name: str) -> str:
    return HttpTrigger(name).host


def do(emulated: RunningFunctions, name: str = "album", method: str = "POST", **asked: Any) -> Any:
    """Return what a client gets whose body tells the function what to do."""
    return emulated.raw(method, f"/_functions/{name}/", {"X-Do": "1"}, json.dumps(asked).encode())


def failed(answer: Any) -> tuple[int, str, str]:
    """Return the status, the type and the code of an error."""
    status, headers, body = answer
    document = json.loads(body)
    return status, headers["X-Fc-Error-Type"], document.get("Code") or document["errorType"]


def test_the_event_is_that_of_the_vendors_page(emulated: RunningFunctions) -> None:
    headers = {"User-Agent": "browser", "content-type": "text/plain", "X-Two": "a"}
    target = "/_functions/album/a%20b/%E7%8B%97?q=1&q=2&name=%E7%8B%97+x&empty"
    status, answered, body = emulated.raw("POST", target, headers, "狗".encode())
    event = json.loads(body)
    context = event.pop("requestContext")
    assert (status, answered["Content-Type"]) == (200, "application/json")
    assert {name: event["headers"][name] for name in ("User-Agent", "Content-Type", "X-Two")} == {
        "User-Agent": "browser",
        "Content-Type": "text/plain",
        "X-Two": "a",
    }
    del event["headers"]
    assert event == {
        "version": "v1",
        "rawPath": "/a%20b/%E7%8B%97",
        "body": "狗",
        "isBase64Encoded": False,
        "queryParameters": {"q": "1,2", "name": "狗 x", "empty": ""},
    }
    assert context["http"] == {
        "method": "POST",
        "path": "/a b/狗",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "browser",
    }
    assert (context["accountId"], context["domainName"]) == ("1000000000000000", host("album"))
    assert context["domainPrefix"] == host("album").partition(".")[0]
    assert context["requestId"] == answered["X-Fc-Request-Id"]
    at = datetime.strptime(context["time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    assert int(at.timestamp()) == int(context["timeEpoch"]) // 1000


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("application/octet-stream", b"text"), ("image/jpeg", b"\xff\xd8"), ("text/plain", b"\xff"), ("", b"\x80")],
)
def test_a_binary_body_comes_in_base64(emulated: RunningFunctions, content_type: str, body: bytes) -> None:
    event = json.loads(emulated.raw("PUT", "/_functions/album/", {"Content-Type": content_type}, body)[2])
    assert (event["isBase64Encoded"], base64.b64decode(event["body"])) == (True, body)


def test_a_chunked_body_is_put_together(emulated: RunningFunctions) -> None:
    connection = http.client.HTTPConnection(emulated.address)
    connection.request("POST", "/_functions/album/", body=iter([b"ab", b"cd"]), encode_chunked=True)
    assert json.loads(connection.getresponse().read())["body"] == "abcd"
    connection.close()


def test_every_address_of_a_url_reaches_its_function(emulated: RunningFunctions) -> None:
    port, label = emulated.server.port, host("album").partition(".")[0]
    for name in (host("album"), f"{host('album')}:{port}", f"{label}.localhost:{port}"):
        status, headers, body = emulated.raw("GET", "/x?a=1", {"Host": name})
        assert (status, json.loads(body)["rawPath"], json.loads(body)["queryParameters"]) == (200, "/x", {"a": "1"})
        # Only the vendor's own host names make browsers save what a function answers.
        assert headers["Content-Disposition"] == (None if "localhost" in name else "attachment")
    assert json.loads(emulated.raw("GET", "/_functions/album")[2])["rawPath"] == "/"
    assert emulated.control("calls") == {"Function URL": 4}


def test_a_host_name_of_no_function_is_refused(emulated: RunningFunctions) -> None:
    status, _, body = emulated.raw("GET", "/", {"Host": host("other")})
    assert (status, host("album") in body.decode()) == (403, True)
    assert emulated.raw("GET", "/_functions/plain/")[::2] == (404, b"No function with a URL is called plain.\n")


def test_the_functions_own_page_may_call_it_and_a_foreign_page_may_not(emulated: RunningFunctions) -> None:
    own = f"{host('album').partition('.')[0]}.localhost:{emulated.server.port}"
    for origin, status in ((f"http://{own}", 200), ("http://evil.example", 403), (f"http://a.evil.{own}", 403)):
        assert emulated.raw("POST", "/", {"Host": own, "Origin": origin}, b"{}")[0] == status


def test_an_answer_of_the_function_is_the_clients(emulated: RunningFunctions) -> None:
    status, headers, body = do(emulated, answer=PAGE)
    assert (status, headers["Content-Type"], body.decode()) == (201, "text/html", "<p>狗</p>")
    assert headers["X-Own"].encode("latin-1").decode() == "狗"
    picture = {"statusCode": 200, "headers": {"content-type": "image/jpeg"}, "isBase64Encoded": True, "body": "/9g="}
    assert do(emulated, answer=picture)[2] == b"\xff\xd8"
    assert do(emulated, answer="words")[::2] == (200, b"words")
    assert do(emulated, answer={"statusCode": 304, "body": "x"})[::2] == (304, b"")


def test_a_head_request_gets_the_headers_without_the_body(emulated: RunningFunctions) -> None:
    status, headers, body = do(emulated, method="HEAD", answer=PAGE)
    assert (status, headers["Content-Type"], body) == (201, "text/html", b"")


def test_a_function_that_fails_is_answered_with_502_and_its_error(emulated: RunningFunctions, tmp_path: Path) -> None:
    failure = do(emulated, **{"raise": "no 狗"})
    assert failed(failure) == (502, "UnhandledInvocationError", "ValueError")
    assert json.loads(failure[2])["errorMessage"] == "no 狗"
    assert failed(do(emulated, exit=True)) == (502, "UnhandledInvocationError", "ProcessExitedError")
    late = do(emulated, "Read_Only", "GET", wait=str(tmp_path / "never"))
    assert failed(late) == (502, "UnhandledInvocationError", "FunctionTimeoutError")
    malformed = do(emulated, answer={"statusCode": 200, "headers": {"X": "a\nb"}})
    assert failed(malformed) == (502, "UnhandledInvocationError", "BadResponse")
    assert do(emulated, answer=PAGE)[0] == 201


def test_a_method_that_the_trigger_does_not_take_is_refused(emulated: RunningFunctions) -> None:
    assert failed(do(emulated, "Read_Only", "POST")) == (403, "FcCommonError", "AccessDenied")
    assert do(emulated, "Read_Only", "HEAD")[0] == 200


def test_a_request_above_the_limits_is_refused(emulated: RunningFunctions) -> None:
    refused = (400, "FcCommonError", "InvalidArgument")
    assert failed(emulated.raw("GET", f"/_functions/album/?{'x' * 4096}")) == refused
    assert failed(emulated.raw("GET", "/_functions/album/", {"X-Long": "x" * 5000, "X-Longer": "x" * 5000})) == refused
    for length in (33554433, 10**30):
        assert _status_of_a_head(emulated, f"Content-Length: {length}") == 400
    assert failed(do(emulated, "album", "POST", pad="x" * 33554432)) == refused


def _status_of_a_head(emulated: RunningFunctions, header: str) -> int:
    """Return the status of the answer to a request that sends no byte of its body."""
    with socket.create_connection(("127.0.0.1", emulated.server.port)) as client:
        head = f"POST /_functions/album/ HTTP/1.1\r\nHost: {emulated.address}\r\n{header}\r\n\r\n"
        client.sendall(head.encode())
        return int(client.makefile("rb").readline().split()[1])


def test_a_client_that_never_ends_its_body_is_sent_away(tmp_path: Path) -> None:
    function = deployed(tmp_path, "album", source=SOURCE, http={})
    with running_functions(tmp_path, function, body_seconds=0.05) as emulated:
        assert _status_of_a_head(emulated, "Content-Length: 5") == 400
        assert emulated.raw("GET", "/_functions/album/")[0] == 200


def test_a_call_above_the_limit_of_instances_is_refused(emulated: RunningFunctions, tmp_path: Path) -> None:
    with waiting_call(lambda asked: do(emulated, "single", **asked), tmp_path) as reply:
        assert failed(do(emulated, "single")) == (429, "FcCommonError", "ResourceExhausted")
    assert reply()[0] == 200


def test_an_asynchronous_request_is_an_event_of_the_queue(emulated: RunningFunctions) -> None:
    status, headers, body = emulated.raw("POST", "/_functions/album/later", {"X-Fc-Invocation-Type": "Async"}, b"")
    assert (status, body) == (202, b"")
    assert len(headers["X-Fc-Request-Id"]) == 36


def signed(emulated: RunningFunctions, path: str, method: str = "GET", key: Key = ROOT, skew: str = "") -> Any:
    """Send a request that the vendor's own client signs, with an empty digest of the body."""
    request = DaraRequest()
    request.method, request.pathname = method, urlsplit(path).path
    request.query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    now = skew or datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    request.headers = {"x-acs-date": now, **({"x-acs-security-token": key.token} if key.token else {})}
    value = Utils.get_authorization(request, "ACS3-HMAC-SHA256", "", key.id, key.secret)
    return emulated.raw(method, path, {**request.headers, "Authorization": value})


def test_a_signed_trigger_takes_what_the_vendors_client_signs(emulated: RunningFunctions) -> None:
    path = f"/_functions/signed/{quote('狗')}?b=2&a={quote('狗')}"
    assert json.loads(signed(emulated, path)[2])["queryParameters"] == {"a": "狗", "b": "2"}
    assert signed(emulated, path, key=emulated.keyring.issue(60))[0] == 200


def test_a_signed_trigger_refuses_every_other_request(emulated: RunningFunctions) -> None:
    path, refused = "/_functions/signed/", "FcCommonError"
    assert failed(emulated.raw("GET", path)) == (400, refused, "MissingRequiredHeader")
    assert failed(emulated.raw("GET", path, {"Authorization": "Basic x"})) == (400, refused, "InvalidArgument")
    assert failed(signed(emulated, path, key=Key(ROOT.id, "wrong"))) == (403, refused, "SignatureNotMatch")
    assert failed(signed(emulated, path, key=Key("who", "x"))) == (403, refused, "InvalidAccessKeyID")
    assert failed(signed(emulated, path, skew="2020-01-01T00:00:00Z")) == (403, refused, "AccessDenied")
    expired = emulated.keyring.issue(-1)
    assert failed(signed(emulated, path, key=expired)) == (403, refused, "AccessDenied")


def test_a_signed_body_must_be_the_one_that_came(emulated: RunningFunctions) -> None:
    path, digest = "/_functions/signed/", "0" * 64
    request = DaraRequest()
    request.method, request.pathname, request.query = "POST", path, {}
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    request.headers = {"x-acs-date": now, "x-acs-content-sha256": digest}
    value = Utils.get_authorization(request, "ACS3-HMAC-SHA256", digest, ROOT.id, ROOT.secret)
    answer = emulated.raw("POST", path, {**request.headers, "Authorization": value}, b"other")
    assert failed(answer) == (403, "FcCommonError", "SignatureNotMatch")


def test_the_host_name_of_a_function_is_the_same_at_every_start_and_short_enough() -> None:
    assert host("album") == host("album") != host("Album")
    prefix = host("A_" + "b" * 58).partition(".")[0]
    assert (len(prefix), prefix[:3]) == (63, "a-b")
