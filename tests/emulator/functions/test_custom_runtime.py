"""Custom runtimes: programs that serve HTTP, here with nothing but Python's standard library."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.aliyun.fc import lifecycle
from emulator.aliyun.fc.custom_runtime import CustomRuntime
from emulator.functions.log import FunctionLog
from emulator.functions.settings import Settings
from emulator.functions.web_instance import WebInstance
from tests.emulator.functions.deployed import code, error, gone, result, running
from tests.emulator.invoking import RunningFunctions, deployed, running_functions
from tests.ports import free_port

SERVER = """
    import gzip, http.server, json, os, sys, time

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            print("seen", self.path, flush=True)
            asked = json.loads(body) if body[:1] == b"{" else {}
            if "exit" in asked:
                os._exit(3)
            while "hang" in asked:
                time.sleep(0.01)
            seen = {"method": self.command, "target": self.path, "body": body.decode("latin-1")}
            seen["headers"] = [[name.lower(), value] for name, value in self.headers.items()]
            seen["pid"] = os.getpid()
            content = asked.get("say", json.dumps(seen)).encode() + b"x" * asked.get("make", 0)
            headers = asked.get("headers", [["Content-Type", "text/x-own"]])
            if self.path.startswith("/zipped"):
                content = gzip.compress(b"zipped")
                headers = [["Content-Encoding", "gzip"], ["Set-Cookie", "a"], ["Set-Cookie", "b"]]
            self.send_response(asked.get("status", 200))
            for name, value in [*headers, ["Content-Length", str(len(content))]]:
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_POST = do_HEAD = answer

        def log_message(self, *arguments):
            pass

    http.server.ThreadingHTTPServer(("0.0.0.0", int(os.environ["FC_SERVER_PORT"])), Handler).serve_forever()
    """
PROGRAM: dict[str, Any] = {"runtime": "custom.debian12", "command": (sys.executable, "index.py")}


def event(**asked: object) -> bytes:
    return json.dumps(asked).encode()


def test_an_event_is_posted_to_invoke_with_the_common_headers(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, SERVER, **PROGRAM) as runtime:
            seen = result(await runtime.invoke(b'{"a": 1}', "r-1"))
            headers = dict(seen["headers"])
            assert (seen["method"], seen["target"], seen["body"]) == ("POST", "/invoke", '{"a": 1}')
            assert headers["content-type"] == "application/octet-stream"
            assert headers["x-fc-control-path"] == "/invoke"
            assert (headers["x-fc-request-id"], headers["x-fc-function-name"]) == ("r-1", "function")
            assert (headers["x-fc-access-key-id"], headers["x-fc-access-key-secret"]) == ("STS.test", "secret")
            assert len(headers["x-fc-security-token"]) == 16
            assert (headers["x-fc-region"], headers["x-fc-account-id"]) == ("cn-hangzhou", "1000000000000000")
            # The process stays warm.
            assert result(await runtime.invoke(b""))["pid"] == seen["pid"]
            assert runtime.cold_starts == 1
        assert gone(seen["pid"])

    asyncio.run(scene())


def test_the_output_of_a_program_is_in_the_log_of_the_function(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, SERVER, **PROGRAM) as runtime:
            await runtime.invoke(b"", "r-1")
        lines = [line.split(" ", 1)[1] for line in (tmp_path / "function.log").read_text().splitlines()]
        expected = ["FC Invoke Start RequestId: r-1", "seen /invoke", "FC Invoke End RequestId: r-1"]
        assert sorted(lines) == sorted(f"r-1 {line}" for line in expected)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("asked", "document"),
    [
        ({"status": 404, "say": '{"errorMessage": "no dog"}'}, {"errorMessage": "no dog"}),
        (
            {"headers": [["x-fc-status", "404"]], "say": "no dog"},
            {"errorMessage": "no dog", "errorType": "FunctionError", "stackTrace": []},
        ),
        ({"status": 404, "say": '{"errorMessage": "\\ud800"}'}, {"errorMessage": "?"}),
        (
            {"status": 404, "say": '{"a":' * 970 + "1" + "}" * 970},
            {
                "errorMessage": '{"a":' * 970 + "1" + "}" * 970,
                "errorType": "FunctionError",
                "stackTrace": [],
            },
        ),
    ],
)
def test_a_program_says_by_its_status_that_it_failed(
    tmp_path: Path, asked: dict[str, object], document: dict[str, object]
) -> None:
    async def scene() -> None:
        async with running(tmp_path, SERVER, **PROGRAM) as runtime:
            assert error(await runtime.invoke(event(**asked))) == document
            succeeded = await runtime.invoke(event(headers=[["x-fc-status", "200"]], say="dog"))
            assert (succeeded.error_type, succeeded.body, succeeded.memory > 0) == (None, b"dog", True)
            assert runtime.cold_starts == 1
        told = "the program answered the event with the status 404" in (tmp_path / "function.log").read_text()
        assert told == ("status" in asked), "the log would not tell the status on which an event failed"

    asyncio.run(scene())


def test_a_program_that_ends_or_answers_too_much_is_replaced(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, SERVER, **PROGRAM) as runtime:
            assert error(await runtime.invoke(event(exit=1)))["errorType"] == "ProcessExitedError"
            assert error(await runtime.invoke(event(make=33_554_433)))["errorType"] == "InvalidResponse"
            assert result(await runtime.invoke(b""))["method"] == "POST"
            assert runtime.cold_starts == 3

    asyncio.run(scene())


def test_a_program_that_hangs_is_replaced(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, SERVER, timeout=0.5, **PROGRAM) as runtime:
            for _ in range(2):
                assert error(await runtime.invoke(event(hang=1)))["errorType"] == "FunctionTimeoutError"
            assert runtime.cold_starts == 2

    asyncio.run(scene())


def test_a_program_that_ends_before_it_listens_is_an_error(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, "raise SystemExit(1)", **PROGRAM) as runtime:
            assert error(await runtime.invoke(b""))["errorType"] == "ProcessExitedError"

    asyncio.run(scene())


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, "", runtime="custom", command=("./bootstrap",)) as runtime:
            message = error(await runtime.invoke(b""))["errorMessage"]
            assert message == "./bootstrap cannot be started: No such file or directory"

    asyncio.run(scene())


def test_a_program_that_does_not_listen_is_an_error_that_names_its_port(tmp_path: Path) -> None:
    folder = code(tmp_path / "code", "import time\nwhile True: time.sleep(1)")

    async def scene() -> None:
        log = FunctionLog(tmp_path / "log")
        instance = await WebInstance.start(
            CustomRuntime(), (sys.executable, "index.py"), folder, {}, log, start_seconds=0.05
        )
        head = {"begins": "Start r-1", "ends": "End r-1", "context": {}}
        reply, _ = await instance.call(head, b"", 1.0)
        assert reply["error"]["errorType"] == "FunctionNotStarted"
        assert "FC_SERVER_PORT" in reply["error"]["errorMessage"]
        assert not instance.usable
        await instance.kill()
        log.close()
        assert gone(instance.pid)

    asyncio.run(scene())


HOOKED = """
    import http.server, os

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            with open(os.environ["SEEN"], "a") as file:
                print(self.command, self.path, self.headers.get("x-fc-control-path"), file=file)
            failed = os.path.exists(os.environ["SEEN"] + ".fail") and self.path == "/initialize"
            self.send_response(500 if failed else 200)
            self.end_headers()
            self.wfile.write(b"no model" if failed else b"{}")

        do_GET = do_POST = answer

        def log_message(self, *arguments):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["FC_SERVER_PORT"])), Handler).serve_forever()
    """
HOOKS = lifecycle.parse({name: {"handler": "any.name", "timeout": 3} for name in ("initializer", "preStop")})
SETTINGS = Settings(initializer=HOOKS["initializer"], pre_stop=HOOKS["preStop"])


def test_the_hooks_of_a_program_are_requests_before_the_first_event_and_before_its_end(tmp_path: Path) -> None:
    seen = tmp_path / "seen"

    async def scene() -> None:
        environment = {"SEEN": str(seen)}
        async with running(tmp_path, HOOKED, settings=SETTINGS, environment=environment, **PROGRAM) as runtime:
            for number in range(2):
                assert result(await runtime.invoke(b"", f"r-{number}")) == {}
        assert seen.read_text().splitlines() == [
            "POST /initialize /initialize",
            "POST /invoke /invoke",
            "POST /invoke /invoke",
            "GET /pre-stop /pre-stop",
        ]
        assert " r-0 FC Initialize Start RequestId: r-0\n" in (tmp_path / "function.log").read_text()

    asyncio.run(scene())


def test_a_program_whose_initialization_fails_gets_no_event(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    (tmp_path / "seen.fail").touch()
    options = {"settings": SETTINGS, "environment": {"SEEN": str(seen)}, **PROGRAM}
    with running_functions(tmp_path, deployed(tmp_path, "album", source=HOOKED, http={}, **options)) as emulated:
        status, headers, body = emulated.raw("GET", "/_functions/album/")
        assert (status, headers["X-Fc-Error-Type"]) == (502, "InitializationError")
        assert json.loads(body)["errorMessage"] == "no model"
        assert seen.read_text() == "POST /initialize /initialize\n"


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[RunningFunctions]:
    with running_functions(tmp_path, deployed(tmp_path, "album", source=SERVER, http={}, **PROGRAM)) as running_ones:
        yield running_ones


def test_a_request_to_the_url_reaches_the_program_as_it_is(emulated: RunningFunctions) -> None:
    sent = {"X-Own": "1", "X-Fc-Account-Id": "mine", "Connection": "close", "Accept-Encoding": "br"}
    status, answered, body = emulated.raw("POST", "/_functions/album/a%2Fb/%E7%8B%97?q=1&q=%32", sent, b"\xff\x00")
    seen = json.loads(body)
    headers = dict(seen["headers"])
    assert (status, answered["Content-Type"]) == (200, "text/x-own")
    assert (seen["method"], seen["target"], seen["body"]) == ("POST", "/a%2Fb/%E7%8B%97?q=1&q=%32", "\xff\x00")
    assert (headers["x-own"], headers["accept-encoding"], headers["host"]) == ("1", "br", emulated.address)
    assert (headers["x-fc-control-path"], headers["x-fc-account-id"]) == ("/http-invoke", "1000000000000000")
    assert headers["x-fc-request-id"] == answered["X-Fc-Request-Id"]
    assert [name for name, _ in seen["headers"]].count("x-fc-account-id") == 1


def test_a_number_sign_and_bytes_that_are_no_text_are_not_lost_on_the_way_to_the_program(
    emulated: RunningFunctions,
) -> None:
    request = (
        b"GET /_functions/album/a#b/?q=c#d HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Own: a\xffb\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", emulated.server.port)) as connection:
        connection.sendall(request)
        seen = json.loads(connection.makefile("rb").read().partition(b"\r\n\r\n")[2])
    assert seen["target"] == "/a%23b/?q=c%23d"
    assert dict(seen["headers"])["x-own"].encode("latin-1").decode() == "a\ufffdb"


def test_a_program_that_was_left_behind_on_the_declared_port_gets_no_request(tmp_path: Path) -> None:
    async def scene() -> None:
        port = free_port()
        with socket.create_server(("127.0.0.1", port)) as stranger:
            async with running(tmp_path, SERVER, instances=1, port=port, **PROGRAM) as runtime:
                message = error(await runtime.invoke(b""))["errorMessage"]
                assert f"another program listens on its port {port}" in message
                stranger.close()
                assert result(await runtime.invoke(b""))["target"] == "/invoke"

    asyncio.run(scene())


def test_an_answer_of_the_program_reaches_the_client_as_it_is(emulated: RunningFunctions) -> None:
    status, headers, body = emulated.raw("GET", "/_functions/album/zipped")
    assert (status, headers["Content-Encoding"], gzip.decompress(body)) == (200, "gzip", b"zipped")
    assert headers.get_all("Set-Cookie") == ["a", "b"]
    # A status above 200 is no failure of a request that a client sent.
    moved = event(status=302, headers=[["Location", "/elsewhere"]], say="")
    status, headers, _ = emulated.raw("POST", "/_functions/album/", {}, moved)
    assert (status, headers["Location"]) == (302, "/elsewhere")
    assert emulated.raw("HEAD", "/_functions/album/")[::2] == (200, b"")
    status, _, body = emulated.raw(
        "POST", "/_functions/album/", {}, event(headers=[["X-A", "x" * 5000], ["X-B", "x" * 5000]])
    )
    assert (status, json.loads(body)["Code"]) == (502, "BadResponse")
    status, _, body = emulated.raw("POST", "/_functions/album/", {}, event(status=999))
    assert (status, "its status is 999" in json.loads(body)["Message"]) == (502, True)
    assert emulated.raw("POST", "/_functions/album/", {}, event(exit=1))[0] == 502


def test_an_asynchronous_request_to_a_program_is_refused_by_name(emulated: RunningFunctions) -> None:
    status, _, body = emulated.raw("POST", "/_functions/album/", {"X-Fc-Invocation-Type": "Async"}, b"")
    assert (status, b"no asynchronous requests to custom runtimes" in body) == (400, True)


def test_the_vendors_client_invokes_a_program(emulated: RunningFunctions) -> None:
    reply = emulated.fc3("album", {"a": 1})
    assert (reply.status, reply.json["target"]) == (200, "/invoke")
    failure = emulated.fc3("album", {"status": 404, "say": "no"}, x_fc_log_type="Tail")
    assert failure.headers["x-fc-error-type"] == "UnhandledInvocationError"
