"""The memory of a function: what is too much, and what becomes of the instance that holds it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from emulator.functions import memory
from emulator.functions.function import Ending
from emulator.functions.memory import MB
from emulator.tencent.scf import results
from emulator.tencent.scf.platform import ServerlessCloudFunction
from tests.emulator.functions.deployed import error, gone, result, running

GREEDY = """
    import json, os, time
    held = []
    def handler(event, context):
        asked = json.loads(event) if isinstance(event, bytes) else event
        held.append(b"x" * asked["bytes"])
        if asked.get("waits"):
            time.sleep(3600)
        if not asked.get("keeps"):
            held.clear()
        return os.getpid()
    """
LARGE = b'{"bytes": 300000000}'


def test_function_that_holds_too_much_is_ended_while_it_runs_and_the_next_call_is_cold(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, GREEDY, memory=128) as runtime:
            pid = result(await runtime.invoke(b'{"bytes": 1}'))
            answer = await runtime.invoke(b'{"bytes": 300000000, "waits": true}')
            failure = error(answer)
            assert answer.ending is Ending.OUT_OF_MEMORY
            assert failure["errorType"] == "FunctionOOMError"
            assert failure["errorMessage"].startswith(
                "Process exited unexpectedly before completing request (duration: "
            )
            used = int(failure["errorMessage"].split("maxMemoryUsage: ")[1].removesuffix("MB)"))
            assert 128 <= used < 400
            assert gone(pid)
            assert runtime.state()["processes"] == []
            assert result(await runtime.invoke(b'{"bytes": 1}')) != pid

    asyncio.run(scene())


def test_function_that_held_too_much_only_for_a_moment_is_caught_too(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, GREEDY, memory=128) as runtime:
            for _ in range(2):
                assert error(await runtime.invoke(LARGE))["errorType"] == "FunctionOOMError"
            assert runtime.cold_starts == 2

    asyncio.run(scene())


def test_function_within_its_memory_is_left_alone(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, GREEDY, memory=512) as runtime:
            assert result(await runtime.invoke(LARGE)) == result(await runtime.invoke(LARGE))

    asyncio.run(scene())


def test_memory_that_is_mapped_and_not_used_does_not_count(tmp_path: Path) -> None:
    source = "import mmap\nmapped = mmap.mmap(-1, 4_000_000_000)\ndef handler(event, context): return len(mapped)"

    async def scene() -> None:
        async with running(tmp_path, source, memory=128) as runtime:
            assert result(await runtime.invoke(b"")) == 4_000_000_000

    asyncio.run(scene())


def test_memory_of_programs_that_the_function_starts_counts(tmp_path: Path) -> None:
    source = """
        import subprocess, sys
        def handler(event, context):
            subprocess.run([sys.executable, "-c", "import time; held = b'x' * 300_000_000; time.sleep(3600)"])
        """

    async def scene() -> None:
        async with running(tmp_path, source, memory=128) as runtime:
            assert error(await runtime.invoke(b""))["errorType"] == "FunctionOOMError"

    asyncio.run(scene())


def test_pages_that_forked_processes_share_count_once() -> None:
    source = """
import os, sys, time
held = b"x" * 100_000_000
for _ in range(4):
    if os.fork() == 0:
        time.sleep(3600)
print("ready", flush=True)
time.sleep(3600)
"""
    command = [sys.executable, "-c", source]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            assert memory.group_memory(process.pid, 10**12) > 400 * MB
            assert 90 * MB < memory.group_memory(process.pid, 128 * MB) < 200 * MB
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_each_of_many_instances_does_not_look_at_all_processes_of_the_system_by_itself() -> None:
    looks, now = [], 10.0
    groups = {1: [1], 2: [2, 3]}

    def look() -> dict[int, list[int]]:
        looks.append(now)
        return dict(groups)

    watched = memory.Groups(look, lambda: now)
    assert [watched.members(1), watched.members(2), watched.members(1)] == [[1], [2, 3], [1]]
    assert looks == [10.0]
    groups[4] = [4]
    assert watched.members(4) == [4]
    assert looks == [10.0, 10.0]  # A group that was not there before is looked for at once.
    now += 2 * memory.PERIOD
    assert watched.members(2) == [2, 3]
    assert looks[2:] == [now]


def test_call_that_fails_by_itself_keeps_its_error() -> None:
    async def broken() -> memory.Reply:
        raise ValueError("mine")

    async def scene() -> None:
        with pytest.raises(ValueError, match="mine"):
            await memory.watched(broken(), 1, 1)

    asyncio.run(scene())


def test_call_is_cancelled_with_the_one_who_waits_for_it() -> None:
    begun, ended = asyncio.Event(), []

    async def hanging() -> memory.Reply:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)
        raise AssertionError

    async def scene() -> None:
        waiting = asyncio.create_task(memory.watched(hanging(), 1, 10**6))
        await begun.wait()
        waiting.cancel()
        await asyncio.wait({waiting})
        assert (waiting.cancelled(), ended) == (True, [True])

    asyncio.run(scene())


def test_tencents_number_for_too_much_memory_is_434(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, GREEDY, ServerlessCloudFunction(), memory=128) as runtime:
            answer = await runtime.invoke(LARGE)
            shown = results.of_answer(answer, runtime.function)
            assert answer.reason == "434: MemoryLimitReached"
            assert '"statusCode": 434' in str(shown["RetMsg"])
            assert (shown["InvokeResult"], shown["ErrMsg"]) == (1, "MemoryLimitReached")
            assert int(str(shown["MemUsage"])) > 128 * MB

    asyncio.run(scene())
