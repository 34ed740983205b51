"""The hooks of an instance: when they are called, how they fail, and what a failure does."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator.aliyun.fc.platform import FunctionCompute
from emulator.functions.function import Answer, Ending
from emulator.functions.settings import Settings
from emulator.tencent.scf import results
from emulator.tencent.scf.platform import ServerlessCloudFunction
from tests.emulator.functions.deployed import code, error, gone, result, running
from tests.emulator.invoking import deployed, running_functions

SOURCE = """
    import os, pathlib, time

    calls = []

    def note(text):
        with open("notes", "a") as notes:
            notes.write(f"{text} {os.getpid()}\\n")

    def initialize(context):
        print("initializing")
        note("initialize " + context.request_id)
        calls.append(context.credentials.access_key_id)
        if pathlib.Path("broken").exists():
            raise ValueError("not ready")
        if pathlib.Path("slow").exists():
            time.sleep(3600)
        if pathlib.Path("dead").exists():
            os._exit(3)
        if pathlib.Path("greedy").exists():
            calls.append(b"x" * 300_000_000)

    def pre_stop(context):
        print("stopping")
        note("stop " + context.function.name)
        if pathlib.Path("broken-stop").exists():
            raise ValueError("cannot stop")
        if pathlib.Path("slow-stop").exists():
            time.sleep(3600)

    def handler(event, context):
        return [os.getpid(), calls]
    """


def hooks(initializer: float | None = 60, pre_stop: float | None = 60) -> Settings:
    described = {
        name: {"handler": f"index.{handler}"}
        for name, handler, seconds in (("initializer", "initialize", initializer), ("preStop", "pre_stop", pre_stop))
        if seconds is not None
    }
    settings = FunctionCompute().settings({"instanceLifecycleConfig": described})
    return dataclasses.replace(
        settings,
        initializer=settings.initializer and dataclasses.replace(settings.initializer, timeout=initializer or 0),
        pre_stop=settings.pre_stop and dataclasses.replace(settings.pre_stop, timeout=pre_stop or 0),
    )


def notes(folder: Path) -> list[str]:
    path = folder / "code" / "notes"
    return path.read_text().splitlines() if path.exists() else []


def logged(folder: Path) -> list[list[str]]:
    lines = (folder / "function.log").read_text().splitlines()
    return [line.split(" ", 2)[1:] for line in lines]


def not_initialized(answer: Answer) -> Any:
    assert (answer.error_type, answer.ending) == ("InitializationError", Ending.NOT_INITIALIZED)
    return json.loads(answer.body)


def test_initializer_is_called_once_for_each_instance_before_its_first_invocation(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, SOURCE, settings=hooks(pre_stop=None)) as runtime:
            for request_id in ("r-1", "r-2"):
                pid, calls = result(await runtime.invoke(b"", request_id))
                assert calls == ["STS.test"]
            assert notes(tmp_path) == [f"initialize r-1 {pid}"]
        assert [text for request, text in logged(tmp_path) if request == "r-1"] == [
            "FC Initialize Start RequestId: r-1",
            "initializing",
            "FC Initialize End RequestId: r-1",
            "FC Invoke Start RequestId: r-1",
            "FC Invoke End RequestId: r-1",
        ]

    asyncio.run(scene())


def test_initializer_that_fails_fails_the_invocation_and_the_next_one_gets_a_new_instance(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, SOURCE, settings=hooks(pre_stop=None)) as runtime:
            flag = tmp_path / "code" / "broken"
            flag.touch()
            failure = not_initialized(await runtime.invoke(b""))
            assert (failure["errorMessage"], failure["errorType"]) == ("not ready", "ValueError")
            assert runtime.state()["processes"] == []
            flag.unlink()
            pid, calls = result(await runtime.invoke(b""))
            assert len(calls) == 1
            assert notes(tmp_path)[1].endswith(f" {pid}")
            assert not notes(tmp_path)[0].endswith(f" {pid}")

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("flag", "seconds", "kind", "message"),
    [
        ("slow", 0.3, "FunctionTimeoutError", "Function time out after 0.3 seconds"),
        ("dead", 60, "ProcessExitedError", "Process exited unexpectedly before completing request (duration: "),
        ("greedy", 60, "FunctionOOMError", "Process exited unexpectedly before completing request (duration: "),
    ],
)
def test_initializer_that_ends_its_instance_is_told_of_as_such(
    tmp_path: Path, flag: str, seconds: float, kind: str, message: str
) -> None:
    async def scene() -> None:
        async with running(tmp_path, SOURCE, settings=hooks(seconds, None), memory=128) as runtime:
            (tmp_path / "code" / flag).touch()
            failure = not_initialized(await runtime.invoke(b""))
            assert failure["errorType"] == kind
            assert failure["errorMessage"].startswith(message)
            assert runtime.state()["processes"] == []

    asyncio.run(scene())


def test_code_that_does_not_load_is_no_failure_of_the_initializer(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, "def handler(:", settings=hooks()) as runtime:
            assert error(await runtime.invoke(b""))["errorType"] == "SyntaxError"

    asyncio.run(scene())


def test_initializer_that_is_not_there_is_named(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, "def handler(event, context): pass", settings=hooks()) as runtime:
            message = not_initialized(await runtime.invoke(b""))["errorMessage"]
            assert message.startswith("initializer index.initialize: ")
            assert message.endswith("has no function 'initialize'")

    asyncio.run(scene())


def test_pre_stop_is_called_when_the_emulator_stops_once_for_each_instance_that_lives(tmp_path: Path) -> None:
    async def scene() -> int:
        async with running(tmp_path, SOURCE, settings=hooks(initializer=None), name="label") as runtime:
            pid, _ = result(await runtime.invoke(b""))
            await runtime.stop()
            assert notes(tmp_path) == [f"stop label {pid}"]
            assert runtime.state()["processes"] == []
        return int(pid)

    pid = asyncio.run(scene())
    assert gone(pid)
    assert notes(tmp_path) == [f"stop label {pid}"]
    lines = [text.partition("RequestId: ")[0] for _, text in logged(tmp_path)]
    assert lines[-3:] == ["FC PreStop Start ", "stopping", "FC PreStop End "]


@pytest.mark.parametrize(("flag", "seconds"), [("broken-stop", 60), ("slow-stop", 0.3)])
def test_pre_stop_that_fails_harms_nothing_and_is_in_the_log(tmp_path: Path, flag: str, seconds: float) -> None:
    async def scene() -> int:
        async with running(tmp_path, SOURCE, settings=hooks(None, seconds)) as runtime:
            pid, _ = result(await runtime.invoke(b""))
            (tmp_path / "code" / flag).touch()
        return int(pid)

    assert gone(asyncio.run(scene()))
    kind = json.loads(logged(tmp_path)[-1][1])["errorType"]
    assert kind == ("ValueError" if flag == "broken-stop" else "FunctionTimeoutError")


def test_instance_that_was_never_ready_has_nothing_to_stop(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, SOURCE, settings=hooks()) as runtime:
            (tmp_path / "code" / "broken").touch()
            not_initialized(await runtime.invoke(b""))

    asyncio.run(scene())
    assert [note.split()[0] for note in notes(tmp_path)] == ["initialize"]


def test_client_sees_the_vendors_header_of_an_initializer_that_failed(tmp_path: Path) -> None:
    source = "def initialize(context): raise ValueError('not ready')\ndef handler(event, context): pass"
    with running_functions(tmp_path, deployed(tmp_path, source=source, settings=hooks())) as functions:
        reply = functions.fc3("label", {})
        assert (reply.status, reply.headers["x-fc-error-type"]) == (200, "InitializationError")
        assert reply.json["errorMessage"] == "not ready"


def test_pre_stop_still_reaches_the_services_when_the_emulator_stops(tmp_path: Path) -> None:
    source = """
        import urllib.request
        def pre_stop(context):
            with urllib.request.urlopen(open("address").read()) as answer:
                open("notes", "w").write(str(answer.status))
        def handler(event, context):
            return 1
        """
    with running_functions(tmp_path, deployed(tmp_path, source=source, settings=hooks(None))) as functions:
        folder = tmp_path / "code-label"
        (folder / "address").write_text(f"{functions.endpoint}/_emulator/functions")
        assert functions.fc3("label", {}).json == 1
    assert (folder / "notes").read_text() == "200"


def test_program_gets_the_vendors_requests_as_hooks(tmp_path: Path) -> None:
    server = """
        import os
        from http.server import BaseHTTPRequestHandler, HTTPServer

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                with open("notes", "a") as notes:
                    notes.write(f"{self.command} {self.path} {self.headers['x-fc-control-path']}\\n")
                failed = self.path == "/initialize" and os.path.exists("broken")
                body = b"not ready" if failed else b"fine"
                self.send_response(500 if failed else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer

        HTTPServer(("127.0.0.1", int(os.environ["FC_SERVER_PORT"])), Handler).serve_forever()
        """

    async def scene() -> None:
        command = (sys.executable, str(code(tmp_path / "program", server, "server.py") / "server.py"))
        async with running(tmp_path, "", settings=hooks(), command=command, runtime="custom") as runtime:
            (tmp_path / "code" / "broken").touch()
            assert not_initialized(await runtime.invoke(b"x"))["errorMessage"] == "not ready"
            (tmp_path / "code" / "broken").unlink()
            assert (await runtime.invoke(b"x")).body == b"fine"

    asyncio.run(scene())
    assert notes(tmp_path) == [
        "POST /initialize /initialize",
        "POST /initialize /initialize",
        "POST /invoke /invoke",
        "GET /pre-stop /pre-stop",
    ]


def test_hooks_of_a_program_would_need_a_handler_that_nothing_calls() -> None:
    described = {"instanceLifecycleConfig": {"initializer": {"timeout": 5}, "preStop": {}}}
    settings = FunctionCompute().settings(described, custom=True)
    assert settings.initializer is not None
    assert settings.pre_stop is not None
    assert (settings.initializer.timeout, settings.pre_stop.timeout) == (5, 3)
    with pytest.raises(ValueError, match="initializer: handler is missing"):
        FunctionCompute().settings(described)
    with pytest.raises(ValueError, match=r"not of the form file\.function"):
        FunctionCompute().settings({"instanceLifecycleConfig": {"preStop": {"handler": "x"}}}, custom=True)


def test_tencents_time_for_loading_has_a_number_of_its_own(tmp_path: Path) -> None:
    async def scene() -> None:
        source = "import time\ntime.sleep(3600)\ndef handler(event, context): pass"
        settings = Settings(load_timeout=0.3)
        async with running(tmp_path, source, ServerlessCloudFunction(), settings=settings) as runtime:
            answer = await runtime.invoke(b"{}")
            assert answer.ending is Ending.NOT_LOADED
            shown = results.of_answer(answer, runtime.function)
            assert ('"statusCode": 450' in str(shown["RetMsg"]), shown["ErrMsg"]) == (True, "InitContainerTimeout")

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("described", "message"),
    [
        ({"preFreeze": {"handler": "a.b"}}, "instanceLifecycleConfig: there is no field 'preFreeze'"),
        ({"initializer": {"handler": "a"}}, "the handler 'a' is not of the form file.function"),
        ({"initializer": {}}, "initializer: handler is missing"),
        ({"initializer": {"handler": "a.b", "timeout": 0}}, "initializer: timeout is 1 to 300 seconds, not 0"),
        ({"preStop": {"handler": "a.b", "timeout": 91}}, "preStop: timeout is 1 to 90 seconds, not 91"),
        ({"initializer": {"command": ["sh"]}}, "initializer: the emulator calls a handler only, and runs no command"),
    ],
)
def test_what_is_wrong_with_a_hook_is_said(described: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FunctionCompute().settings({"instanceLifecycleConfig": described})
