"""The server around the services: whom it answers, and what it leaves unchanged."""

from __future__ import annotations

import http.client
import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from aiohttp import web

from emulator.aliyun.imm.service import ImmService
from emulator.aliyun.oss.service import OssService
from emulator.aliyun.tablestore.service import TablestoreService
from emulator.aliyun.tablestore.store import RowStore
from emulator.core.keyring import Keyring
from emulator.core.ports import is_free
from emulator.core.server import Server
from emulator.objectstore.store import ObjectStore
from emulator.tencent.cos.service import CosService
from tests.emulator.running import ROOT, Running, running_oss
from tests.ports import free_port


async def echo(request: web.Request) -> web.Response:
    return web.json_response({"body": (await request.read()).decode(), "query": request.query_string})


@pytest.fixture
def oss(tmp_path: Path) -> Iterator[Running]:
    with running_oss(tmp_path, control={("POST", "echo"): echo}) as running:
        yield running


def test_health_answers_once_the_server_runs(oss: Running) -> None:
    status, headers, body = oss.raw("GET", "/_emulator/health")
    assert (status, json.loads(body)) == (200, {"status": "ok", "process": os.getpid()})
    assert headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "a.b.localhost", "0.0.0.0", "127.0.0.2", ""]
)
@pytest.mark.parametrize("path", ["/photos/a", "/_emulator/health"])
def test_a_foreign_host_name_gets_nothing(oss: Running, host: str, path: str) -> None:
    status, _, body = oss.raw("GET", path, {"Host": host})
    assert status == 403
    assert body.startswith(f"The request has the host name '{host}'. ".encode())
    assert b"127.0.0.1, localhost and [::1] only" in body


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9000", "LOCALHOST", "[::1]:9000", "[::1]"])
def test_the_names_of_this_machine_are_answered(oss: Running, host: str) -> None:
    assert oss.raw("GET", "/_emulator/health", {"Host": host})[0] == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "health"), ("POST", "echo"), ("GET", "unknown")])
def test_a_web_page_cannot_use_the_control_paths(oss: Running, method: str, path: str) -> None:
    status, _, body = oss.raw(method, f"/_emulator/{path}", {"Origin": f"http://{oss.address}"})
    assert status == 403
    assert "web pages" in json.loads(body)["error"]


FOREIGN: list[dict[str, str]] = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://127.0.0.1.evil.example"},
    {"Origin": "http://localhost@evil.example"},
    {"Origin": "https://photos-1250000000.cos.ap-guangzhou.myqcloud.com"},
    {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site", "Referer": "http://evil.example/127.0.0.1"},
    {"Sec-Fetch-Site": "cross-site", "Referer": "http://localhost:9000.evil.example/"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://evil.example/.localhost"},
    {"Origin": "http://a.b.localhost:9000"},
    {"Origin": "http://album.127.0.0.1:9000"},
]
SERVICES: list[tuple[str, dict[str, str]]] = [
    ("/photos/?delete", {}),
    ("/?delete", {"Host": "photos.oss-cn-hangzhou.aliyuncs.com"}),
    ("/?delete", {"Host": "photos-1250000000.cos.ap-guangzhou.myqcloud.com"}),
    ("/PutRow", {"x-ots-apiversion": "2015-12-31"}),
    ("/PutRow", {"Host": "photos-inst.cn-hangzhou.ots.aliyuncs.com"}),
    ("/", {"x-acs-action": "DetectImageLabels"}),
    ("/_emulator/echo", {}),
]


@pytest.fixture
def everything(tmp_path: Path) -> Iterator[Running]:
    """Run all services on one port."""
    with ExitStack() as stack:
        oss, cos = ObjectStore(tmp_path / "oss"), ObjectStore(tmp_path / "cos")
        rows = RowStore(tmp_path / "rows")
        for store in (oss, cos, rows):
            stack.callback(store.close)
        keyring = Keyring(ROOT)
        services = (
            TablestoreService(rows, keyring),
            ImmService(oss, keyring),
            CosService(cos, keyring),
            OssService(oss, keyring),
        )
        server = Server(services, control={("POST", "echo"): echo})
        stack.enter_context(server.running())
        yield Running(server, oss, keyring, stack)


@pytest.mark.parametrize("page", FOREIGN, ids=range(len(FOREIGN)))
@pytest.mark.parametrize(("path", "headers"), SERVICES, ids=range(len(SERVICES)))
def test_no_service_answers_a_web_page_of_another_site(
    everything: Running, path: str, headers: dict[str, str], page: dict[str, str]
) -> None:
    status, _, body = everything.raw("POST", path, headers | page, b"x")
    assert (status, b"web pages of other sites" in body) == (403, True)


def test_a_foreign_page_that_signs_with_the_known_key_deletes_nothing(oss: Running) -> None:
    oss.store.create_bucket("photos")
    bucket = oss.bucket()
    bucket.put_object("a", b"x")
    target = bucket.sign_url("DELETE", "a", 60).removeprefix(oss.endpoint)
    assert oss.raw("DELETE", target, {"Origin": "http://evil.example"})[0] == 403
    assert bucket.object_exists("a")
    assert oss.raw("DELETE", target)[0] == 204


@pytest.mark.parametrize(
    "page",
    [
        {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "https://[::1]:8443"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://album-abcdefghij.localhost:9000", "Sec-Fetch-Site": "cross-site"},
        {"Referer": "http://album-abcdefghij.localhost:9000/page?a=b", "Sec-Fetch-Site": "cross-site"},
        {"Referer": "http://localhost:3000/", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_page_of_this_machine_and_a_typed_address_are_answered(oss: Running, page: dict[str, str]) -> None:
    oss.store.create_bucket("photos")
    oss.bucket().put_object("a", b"x")
    target = oss.bucket().sign_url("GET", "a", 60).removeprefix(oss.endpoint)
    assert oss.raw("GET", target, page)[::2] == (200, b"x")


@pytest.mark.parametrize("target", ["http://127.0.0.1/photos/a", "http://evil.example/a", "*", "photos/a", "?acl"])
@pytest.mark.parametrize(("path", "headers"), SERVICES, ids=range(len(SERVICES)))
def test_a_request_target_that_is_no_path_is_a_bad_request(
    everything: Running, path: str, headers: dict[str, str], target: str, caplog: pytest.LogCaptureFixture
) -> None:
    status, _, body = everything.raw("GET", target, {"Host": everything.address} | headers)
    assert status == 400
    assert b"must be a path" in body or not target.startswith("http")
    assert all(record.exc_info is None for record in caplog.records)


def test_a_control_path_gets_the_request(oss: Running) -> None:
    status, _, body = oss.raw("POST", "/_emulator/echo?a=b", body=b"hello")
    assert (status, json.loads(body)) == (200, {"body": "hello", "query": "a=b"})


def test_an_unknown_control_path_is_404_and_a_wrong_method_405(oss: Running) -> None:
    assert oss.raw("GET", "/_emulator/nothing")[0] == 404
    status, headers, body = oss.raw("GET", "/_emulator/echo")
    assert (status, headers["Allow"]) == (405, "POST")
    assert json.loads(body) == {"error": "echo takes POST"}


def test_a_person_who_misspells_a_control_path_would_not_learn_which_there_are(oss: Running) -> None:
    listed = json.loads(oss.raw("GET", "/_emulator/")[2])["paths"]
    assert {"POST echo", "GET health"} <= set(listed)
    names = ", ".join(sorted({path.split()[1] for path in listed}))
    error = json.loads(oss.raw("GET", "/_emulator/nothing")[2])["error"]
    assert error == f"there is no control path nothing; below /_emulator/ there are {names}"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("functions/minee", "below /_emulator/functions/ there are fallback, mine"),
        ("functions/minee/queue", "below /_emulator/functions/ there are fallback, mine"),
        ("functions/mine/failures/x", "below /_emulator/functions/mine/failures/ there are redrive"),
        ("functions/mine/x", "below /_emulator/functions/mine/ there are failures, invoke"),
    ],
)
def test_a_function_that_is_not_there_would_not_be_told_from_those_that_are(
    tmp_path: Path, path: str, said: str
) -> None:
    functions = [f"functions/{name}{end}" for name in ("mine", "fallback") for end in ("", "/invoke", "/failures")]
    paths = [("POST", known) for known in (*functions, "functions/mine/failures/redrive", "functions")]
    with running_oss(tmp_path, control=dict.fromkeys(paths, echo)) as oss:
        error = json.loads(oss.raw("POST", f"/_emulator/{path}")[2])["error"]
        assert error == f"there is no control path {path}; {said}"


def test_below_a_bucket_s_host_name_there_are_objects_and_no_control_paths(oss: Running) -> None:
    status, _, body = oss.raw("GET", "/_emulator/health", {"Host": f"photos.localhost:{oss.server.port}"})
    assert status == 404
    assert b"<Code>NoSuchBucket</Code>" in body


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1"])
def test_the_server_does_not_bind_beyond_this_machine(oss: Running, host: str) -> None:
    with pytest.raises(ValueError, match="loopback only"):
        Server([], host=host)


def test_a_port_that_is_taken_is_an_error_and_leaves_nothing_open(oss: Running) -> None:
    second = Server([], port=oss.server.port)
    with pytest.raises(OSError, match=str(oss.server.port)), second.running():
        pass


def test_after_the_end_the_port_is_free(tmp_path: Path) -> None:
    port = free_port()
    with running_oss(tmp_path, port=port):
        assert not is_free(port)
    assert is_free(port)


def test_a_client_that_never_ends_its_body_does_not_hold_up_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    async def slow(request: web.Request) -> web.Response:
        begun.set()
        return web.json_response(len(await request.read()))

    monkeypatch.setattr("emulator.core.server.STOP_SECONDS", 0.1)
    with running_oss(tmp_path, control={("POST", "slow"): slow}) as running:
        client = socket.create_connection(("127.0.0.1", running.server.port))
        client.sendall(b"POST /_emulator/slow HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\na")
        assert begun.wait(60)
    with client:
        assert b"200 OK" not in client.recv(1000)


def test_a_client_that_waits_for_100_continue_gets_it(oss: Running) -> None:
    with socket.create_connection(("127.0.0.1", oss.server.port)) as client:
        head = f"PUT /photos/a HTTP/1.1\r\nHost: {oss.address}\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
        client.sendall(head.encode())
        assert client.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")


def test_the_connection_is_kept_and_every_answer_has_date_server_and_request_id(oss: Running) -> None:
    connection = http.client.HTTPConnection(oss.address)
    ids = set()
    for path in ("/photos/a", "/", "/photos?acl"):
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        assert response.headers["Date"]
        assert response.headers["Server"] == "AliyunOSS"
        assert response.headers["x-oss-server-time"].isdigit()
        ids.add(response.headers["x-oss-request-id"])
        assert not response.will_close
    connection.close()
    assert len(ids) == 3
    assert all(len(one) == 24 for one in ids)


def test_a_body_that_was_announced_and_did_not_come_does_not_swallow_the_next_request(oss: Running) -> None:
    connection = http.client.HTTPConnection(oss.address)
    for _ in range(2):
        connection.request("GET", "/photos/a", headers={"Content-Length": "9"})
        response = connection.getresponse()
        assert response.status == 404
        assert response.will_close
        response.read()
    connection.close()
