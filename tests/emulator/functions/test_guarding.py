"""Processes of functions, after the emulator was killed in a way that it cannot notice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.functions import guarding
from emulator.functions.guarding import Guard

ROOT = Path(guarding.__file__).parents[2]
EMULATOR = """
    import asyncio, sys
    from pathlib import Path
    from emulator.aliyun.fc.custom_runtime import CustomRuntime
    from emulator.functions.instance import Instance
    from emulator.functions.log import FunctionLog
    from emulator.functions.web_instance import WebInstance

    async def run():
        folder = Path.cwd()
        log, environment = FunctionLog(folder / "log", False), {"FIFO": str(folder / "fifo")}
        if sys.argv[1] == "custom":
            instance = await WebInstance.start(CustomRuntime(), ("sh", "program.sh"), folder, environment, log)
        else:
            instance = await Instance.start(
                Path(sys.executable), "index.handler", folder, environment, log, (), 60.0
            )
        print("watched", flush=True)
        await asyncio.Event().wait()

    asyncio.run(run())
    """
PROGRAM = """
exec 3> "$FIFO"
sleep 1000 &
echo started >&3
kill -STOP $$
"""
FUNCTION = """
    import os, signal, subprocess
    pipe = os.open(os.environ["FIFO"], os.O_WRONLY)
    subprocess.Popen(["sleep", "1000"], pass_fds=(pipe,))
    os.write(pipe, b"started\\n")
    os.kill(os.getpid(), signal.SIGSTOP)
    """


def unindented(source: str) -> str:
    return "".join(line.removeprefix("    ") for line in source.splitlines(keepends=True))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "program.sh").write_text(PROGRAM)
    (tmp_path / "index.py").write_text(unindented(FUNCTION))
    (tmp_path / "running.py").write_text(unindented(EMULATOR))
    return tmp_path


@pytest.mark.parametrize("runtime", ["custom", "worker"])
def test_no_program_of_a_function_outlives_an_emulator_that_was_killed_even_one_that_is_stopped(
    folder: Path, runtime: str
) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "running.py", runtime]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as emulator:
        assert emulator.stdout is not None
        with (folder / "fifo").open() as held:
            assert held.readline() == "started\n"
            assert emulator.stdout.readline() == "watched\n"
            emulator.kill()
            assert held.read() == ""  # The pipe ends when the last process is gone that had it open.


@pytest.fixture
def guard() -> Iterator[Guard]:
    guard = Guard()
    yield guard
    guard.close()


def started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "1000"], start_new_session=True)


def test_a_guard_that_somebody_has_ended_begins_anew_with_all_that_it_watched(guard: Guard) -> None:
    first, second = started(), started()
    guard.watch(first.pid)
    assert guard._process is not None
    guard._process.kill()
    guard._process.wait()
    guard.watch(second.pid)
    guard.close()
    assert [first.wait(), second.wait()] == [-signal.SIGKILL] * 2


def test_a_guard_leaves_a_group_alone_that_is_gone_for_the_emulator(guard: Guard) -> None:
    forgotten, watched = started(), started()
    for process in (forgotten, watched):
        guard.watch(process.pid)
    guard.forget(forgotten.pid)
    guard.close()
    watched.wait()
    assert forgotten.poll() is None
    forgotten.kill()
    forgotten.wait()
