"""The processes of a function: cold, warm, too slow or dead, and what they see of the machine."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from emulator.core.parts import Key, Worker
from emulator.functions import worker
from emulator.functions.function import Function
from emulator.functions.runtime import INHERITED
from tests.emulator.functions.deployed import code, error, gone, result, running

PID = "import os\ndef handler(event, context): return os.getpid()"


def test_process_is_started_cold_once_kept_warm_and_is_not_the_emulators(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, PID) as runtime:
            assert runtime.state()["processes"] == []
            first, second = [result(await runtime.invoke(b"")) for _ in range(2)]
            assert first == second != os.getpid()
            assert runtime.state()["processes"] == [{"pid": first, "busy": False}]
            assert (runtime.cold_starts, runtime.invocations) == (1, 2)
        assert gone(first)

    asyncio.run(scene())


def test_invocations_at_once_take_no_more_processes_than_allowed(tmp_path: Path) -> None:
    source = "import os, time\ndef handler(event, context):\n    time.sleep(0.1)\n    return os.getpid()"

    async def scene() -> None:
        async with running(tmp_path, source, concurrency=2) as runtime:
            answers = await asyncio.gather(*(runtime.invoke(b"") for _ in range(5)))
            assert len({result(answer) for answer in answers}) == 2
            assert runtime.cold_starts == 2

    asyncio.run(scene())


def test_event_and_result_pass_unchanged(tmp_path: Path) -> None:
    event = '{"key":"图 片+%41\\n🐕.jpg"}'.encode() * 10_000

    async def scene() -> None:
        async with running(tmp_path, "def handler(event, context): return event") as runtime:
            assert (await runtime.invoke(event, "r-7")).body == event

    asyncio.run(scene())


def test_exception_of_the_function_is_an_answer_and_keeps_the_process_warm(tmp_path: Path) -> None:
    source = (
        "import os\ndef handler(event, context):\n    if event:\n        raise KeyError('图')\n    return os.getpid()"
    )

    async def scene() -> None:
        async with running(tmp_path, source) as runtime:
            pid = result(await runtime.invoke(b""))
            assert error(await runtime.invoke(b"x"))["errorType"] == "KeyError"
            assert result(await runtime.invoke(b"")) == pid

    asyncio.run(scene())


def test_code_that_does_not_load_is_tried_again_so_that_a_fix_counts(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, "def handler(:") as runtime:
            for _ in range(2):
                assert error(await runtime.invoke(b""))["errorType"] == "SyntaxError"
            assert runtime.state()["processes"] == []
            code(tmp_path / "code", "def handler(event, context): return 'fixed'")
            assert (await runtime.invoke(b"")).body == b"fixed"

    asyncio.run(scene())


def test_temporary_credentials_are_renewed_after_half_their_life_in_a_warm_process(tmp_path: Path) -> None:
    source = """
        import os
        def handler(event, context):
            token = context.credentials.security_token
            assert os.environ["ALIBABA_CLOUD_SECURITY_TOKEN"] == token
            return [os.getpid(), token]
        """
    asked: list[float] = []

    def issue(seconds: float, worker: Worker) -> Key:
        asked.append(seconds)
        return Key("STS.id", "secret", f"token-{len(asked)}")

    async def scene() -> None:
        async with running(tmp_path, source, issue=issue, credentials_seconds=600.0) as runtime:
            (pid, token), (_, same) = [result(await runtime.invoke(b"")) for _ in range(2)]
            assert token == same == "token-1"
            runtime.renew_earlier(300.0)
            assert result(await runtime.invoke(b"")) == [pid, "token-2"]
            assert result(await runtime.invoke(b"")) == [pid, "token-2"]
        assert asked == [600.0, 600.0]

    asyncio.run(scene())


def test_function_sees_its_own_variables_and_nothing_of_the_emulators(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET_OF_MINE", "hush")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hush")
    source = "import os, sys\nflags = [sys.flags.no_user_site, sys.flags.utf8_mode]\n"
    source += "def handler(event, context): return [dict(os.environ), sys.path, flags]"

    async def scene() -> None:
        own = {"OWN": "图", "FC_REGION": "not-mine-to-say"}
        async with running(tmp_path, source, environment=own, timeout=7, memory=256) as runtime:
            seen, path, flags = result(await runtime.invoke(b""))
        platform = {name: value for name, value in seen.items() if name.startswith(("FC_", "ALIBABA_CLOUD_"))}
        rest = seen.keys() - platform.keys() - set(INHERITED)
        assert rest <= {"OWN", "PYTHONPATH", "LC_CTYPE"}  # Python itself sets the last one if there is no LANG
        assert (seen["OWN"], seen["PYTHONPATH"]) == ("图", "")
        assert "hush" not in seen.values()
        assert len(platform.pop("FC_INSTANCE_ID")) == 36
        assert len(platform.pop("ALIBABA_CLOUD_SECURITY_TOKEN")) == 16
        assert platform == {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": "STS.test",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "secret",
            "FC_ACCOUNT_ID": "1000000000000000",
            "FC_FUNCTION_HANDLER": "index.handler",
            "FC_FUNCTION_MEMORY_SIZE": "256",
            "FC_FUNCTION_NAME": "function",
            "FC_FUNC_CODE_PATH": f"{tmp_path / 'code'}/",
            "FC_QUALIFIER": "LATEST",
            "FC_REGION": "cn-hangzhou",
            "FC_RUNTIME": "python3.10",
            "FC_TIMEOUT": "7",
            "FC_VERSION_ID": "",
        }
        assert path[0] == str(tmp_path / "code")
        assert {str(tmp_path), str(Path(worker.__file__).parent)}.isdisjoint(path)
        assert flags == [1, 1]

    asyncio.run(scene())


def test_search_paths_stand_behind_the_code_as_layers_do(tmp_path: Path) -> None:
    layer, own = tmp_path / "layer", tmp_path / "own"
    for folder, value in ((layer, "layer"), (own, "own")):
        code(folder, f"value = {value!r}", "both.py")
        code(folder, f"value = {value!r}", f"only_{value}.py")
    source = """
        import both, only_layer, only_own, subprocess, sys
        def handler(event, context):
            child = subprocess.run([sys.executable, "-c", "import both; print(both.value)"], capture_output=True)
            return [both.value, only_layer.value, only_own.value, child.stdout.decode().strip()]
        """

    async def scene() -> None:
        async with running(tmp_path, source, search_paths=(layer,), environment={"PYTHONPATH": str(own)}) as runtime:
            assert result(await runtime.invoke(b"")) == ["layer", "layer", "own", "layer"]

    asyncio.run(scene())


def test_interpreter_is_the_one_given(tmp_path: Path) -> None:
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nSTARTED_BY="$0" exec "{sys.executable}" "$@"\n')
    wrapper.chmod(0o755)
    source = "import os\ndef handler(event, context): return os.environ['STARTED_BY']"

    async def scene() -> None:
        async with running(tmp_path, source, interpreter=wrapper) as runtime:
            assert (await runtime.invoke(b"")).body.decode() == str(wrapper)

    asyncio.run(scene())


@pytest.mark.parametrize("handler", ["handler", "index.", ".handler", "index.han dler", "../index.handler"])
def test_handler_of_another_form_is_refused(tmp_path: Path, handler: str) -> None:
    with pytest.raises(ValueError, match=r"index\.handler"):
        Function(code=tmp_path, handler=handler)


def test_code_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nowhere: no such folder"):
        Function(code=tmp_path / "nowhere", handler="index.handler")
