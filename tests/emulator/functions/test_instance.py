"""One process of a function: how it ends, what it leaves behind, and where its output goes."""

from __future__ import annotations

import asyncio
import dataclasses
import fcntl
import gc
import os
import time
from pathlib import Path

import pytest

from tests.emulator.functions.deployed import error, gone, result, running

pytestmark = pytest.mark.story

PID = "import os\ndef handler(event, context): return os.getpid()"


def test_time_out_kills_the_process_with_its_children_and_the_next_call_is_cold(tmp_path: Path) -> None:
    source = """
        import fcntl, os, subprocess, sys, time
        def handler(event, context):
            held = open("held", "w")
            if event:
                fcntl.flock(held, fcntl.LOCK_EX)
                subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"], pass_fds=[held.fileno()])
                time.sleep(3600)
            return os.getpid()
        """

    async def scene() -> None:
        async with running(tmp_path, source) as runtime:
            pid = result(await runtime.invoke(b""))
            runtime.function = dataclasses.replace(runtime.function, timeout=0.2)
            began = time.monotonic()
            failure = error(await runtime.invoke(b"sleep"))
            assert time.monotonic() - began >= 0.2
            assert failure["errorMessage"] == "Function time out after 0.2 seconds"
            assert failure["errorType"] == "FunctionTimeoutError"
            assert gone(pid)
            assert runtime.state()["processes"] == []
            with (tmp_path / "code" / "held").open() as held:
                fcntl.flock(held, fcntl.LOCK_EX)  # The lock is free when the child of the killed function is gone too.
            runtime.function = dataclasses.replace(runtime.function, timeout=60)
            assert result(await runtime.invoke(b"")) != pid

    asyncio.run(scene())


def test_error_whose_text_has_half_a_character_is_an_answer(tmp_path: Path) -> None:
    source = "def handler(event, context):\n    raise ValueError('a\\udc80b')"

    async def scene() -> None:
        async with running(tmp_path, source) as runtime:
            assert error(await runtime.invoke(b""))["errorMessage"] == "a?b"
        assert "a?b" in (tmp_path / "function.log").read_text(encoding="utf-8")

    asyncio.run(scene())


@pytest.mark.parametrize(
    "head",
    [
        b"[]",
        b"{",
        b"{}",
        b"\xff",
        b'{"error": 1}',
        b'{"error": {"a": 1}}',
        b'{"error": {"errorMessage": "", "errorType": "", "stackTrace": [[]]}}',
        b'{"error": null, "memory": "1"}',
        b"[" * 100_000,
    ],
)
def test_process_that_writes_to_the_socket_of_its_replies_is_replaced(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "head").write_bytes(head)
    source = f"""
        import os, pathlib, struct, sys
        def handler(event, context):
            if event:
                head = pathlib.Path({str(tmp_path / "head")!r}).read_bytes()
                os.write(int(sys.argv[1]), struct.pack(">II", len(head), 0) + head)
            return os.getpid()
        """

    async def scene() -> None:
        async with running(tmp_path, source) as runtime:
            pid = result(await runtime.invoke(b""))
            assert error(await runtime.invoke(b"forge"))["errorType"] == "ProcessExitedError"
            assert result(await runtime.invoke(b"")) != pid

    asyncio.run(scene())


@pytest.mark.parametrize("death", ["os._exit(3)", "os.kill(os.getpid(), 9)", "sys.exit(0)"])
def test_process_that_dies_is_an_error_and_the_next_call_is_cold(tmp_path: Path, death: str) -> None:
    source = f"import os, sys\ndef handler(event, context):\n    if event:\n        {death}\n    return os.getpid()"

    async def scene() -> None:
        async with running(tmp_path, source) as runtime:
            pid = result(await runtime.invoke(b""))
            failure = error(await runtime.invoke(b"die"))
            assert failure["errorMessage"].startswith(
                "Process exited unexpectedly before completing request (duration: "
            )
            assert result(await runtime.invoke(b"")) != pid
            assert runtime.cold_starts == 2

    asyncio.run(scene())


def test_process_that_died_while_idle_is_replaced_unnoticed(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, PID) as runtime:
            pid = result(await runtime.invoke(b""))
            os.kill(pid, 9)
            while not gone(pid):
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            assert result(await runtime.invoke(b"")) != pid

    asyncio.run(scene())


def test_interpreter_that_is_not_there_is_named(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, PID, interpreter=Path("/nowhere/python")) as runtime:
            for _ in range(3):
                message = error(await runtime.invoke(b""))["errorMessage"]
                assert message == "/nowhere/python cannot be started: No such file or directory"

    asyncio.run(scene())


def test_log_holds_every_line_under_its_request_and_no_credentials(tmp_path: Path) -> None:
    source = """
        import sys
        print("loading")
        def handler(event, context):
            print("out 图", event.decode())
            print("x" * 200_000, file=sys.stderr)
            if event == b"two":
                raise ValueError("boom")
        """

    async def scene() -> None:
        async with running(tmp_path, source) as runtime:
            await runtime.invoke(b"one", "r-1")
            await runtime.invoke(b"two", "r-2")

    asyncio.run(scene())
    lines = [line.split(" ", 2)[1:] for line in (tmp_path / "function.log").read_text().splitlines()]
    assert ["-", "loading"] in lines
    assert ["r-1", "out 图 one"] in lines
    assert ["r-2", "out 图 two"] in lines
    assert sum(len(text) for request, text in lines if request == "r-1" and set(text) == {"x"}) == 200_000
    assert any(request == "r-2" and "boom" in text for request, text in lines)
    assert "secret" not in (tmp_path / "function.log").read_text()


def test_cancelled_invocation_leaves_no_process(tmp_path: Path) -> None:
    source = """
        import os, time
        def handler(event, context):
            print("pid", os.getpid(), flush=True)
            time.sleep(3600)
        """

    async def scene() -> int:
        async with running(tmp_path, source) as runtime:
            call = asyncio.create_task(runtime.invoke(b""))
            while "pid" not in (text := (tmp_path / "function.log").read_text()):
                await asyncio.sleep(0.01)
            call.cancel()
            await asyncio.wait([call])
            assert call.cancelled()
            assert runtime.state()["processes"] == []
            return int(text.split("pid ")[1].split()[0])

    assert gone(asyncio.run(scene()))


def test_program_that_left_the_functions_group_does_not_hold_up_its_end(tmp_path: Path) -> None:
    source = """
        import subprocess, sys
        def handler(event, context):
            left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"], start_new_session=True)
            return left.pid
        """

    async def scene() -> int:
        async with running(tmp_path, source) as runtime:
            pid: int = result(await runtime.invoke(b""))
        assert not gone(pid)
        return pid

    os.kill(asyncio.run(scene()), 9)
    gc.collect()
