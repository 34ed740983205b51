"""A function of Serverless Cloud Function: its arguments, its environment, and the retries of its failures."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from emulator.core.keyring import Keyring
from emulator.core.parts import Change, Key, Worker
from emulator.functions.deployment import Deployed
from emulator.functions.function import Function
from emulator.functions.running import Running, RunningFunction, start
from emulator.functions.runtime import INHERITED
from emulator.tencent.scf.platform import ServerlessCloudFunction
from emulator.tencent.scf.triggers import CosTriggerRule
from tests.emulator.functions.deployed import code, error, result, running

SCF = ServerlessCloudFunction()
CHANGE = Change(
    event="ObjectCreated:Put",
    bucket="photos-1250000000",
    key="a.jpg",
    etag="e",
    size=1,
    delta=1,
    request_id="r",
    source_ip="127.0.0.1",
    at=1.0,
    mime_type="image/jpeg",
)


def invoked(tmp_path: Path, source: str, event: bytes = b"{}", **options: Any) -> Any:
    async def scene() -> Any:
        async with running(tmp_path, source, SCF, **options) as runtime:
            return result(await runtime.invoke(event, "r-1"))

    return asyncio.run(scene())


def test_event_and_context_are_dicts_and_the_result_is_json(tmp_path: Path) -> None:
    source = "def handler(event, context): return {'类': [type(event).__name__, type(context).__name__], 'is': event}"
    assert invoked(tmp_path, source, '{"键": 1}'.encode()) == {"类": ["dict", "dict"], "is": {"键": 1}}


def test_text_comes_back_in_the_quotes_of_json(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path, "def handler(event, context): return '图'", SCF) as runtime:
            assert (await runtime.invoke(b"{}")).body == '"图"'.encode()

    asyncio.run(scene())


@pytest.mark.parametrize(("event", "returned"), [(b"{", "1"), (b"{}", "object()"), (b"{}", "b'x'")])
def test_what_is_not_json_is_an_error_of_the_function(tmp_path: Path, event: bytes, returned: str) -> None:
    async def scene() -> None:
        async with running(tmp_path, f"def handler(event, context): return {returned}", SCF) as runtime:
            assert error(await runtime.invoke(event))["errorType"] in ("JSONDecodeError", "TypeError")

    asyncio.run(scene())


def test_context_has_the_vendors_fields_and_no_credentials(tmp_path: Path) -> None:
    context = invoked(
        tmp_path,
        "def handler(event, context): return context",
        environment={"OWN": "1"},
        timeout=7.5,
        memory=256,
        name="label",
    )
    environ = dict(pair.split("=", 1) for pair in context.pop("environ").split(";"))
    assert (environ["OWN"], environ["SCF_FUNCTIONNAME"]) == ("1", "label")
    assert not [name for name in environ if "SECRET" in name or "TOKEN" in name]
    assert context == {
        "function_name": "label",
        "function_version": "$LATEST",
        "memory_limit_in_mb": 256,
        "namespace": "default",
        "request_id": "r-1",
        "tencentcloud_appid": "1250000000",
        "tencentcloud_region": "ap-guangzhou",
        "tencentcloud_uin": "100000000001",
        "time_limit_in_ms": 7500,
    }


def test_function_sees_the_platforms_variables_and_nothing_of_the_emulators(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENCENTCLOUD_SECRETKEY", "hush")
    monkeypatch.setenv("A_SECRET_OF_MINE", "hush")
    source = "import os\ndef handler(event, context): return dict(os.environ)"
    seen = invoked(tmp_path, source, environment={"OWN": "图", "TENCENTCLOUD_REGION": "not-mine-to-say"})
    assert "hush" not in seen.values()
    assert len(seen.pop("TENCENTCLOUD_SESSIONTOKEN")) == 16
    ours = {*INHERITED, "PYTHONPATH", "LC_CTYPE"}
    assert {name: value for name, value in seen.items() if name not in ours} == {
        "OWN": "图",
        "SCF_FUNCTIONNAME": "function",
        "SCF_FUNCTIONVERSION": "$LATEST",
        "SCF_NAMESPACE": "default",
        "TENCENTCLOUD_APPID": "1250000000",
        "TENCENTCLOUD_REGION": "ap-guangzhou",
        "TENCENTCLOUD_RUNENV": "SCF",
        "TENCENTCLOUD_SECRETID": "STS.test",
        "TENCENTCLOUD_SECRETKEY": "secret",
        "TENCENTCLOUD_UIN": "100000000001",
        "USER_CODE_ROOT": f"{tmp_path / 'code'}/",
    }


def test_credentials_rotate_in_the_environment_of_a_warm_process(tmp_path: Path) -> None:
    source = """
        import os
        def handler(event, context):
            names = ["SECRETID", "SECRETKEY", "SESSIONTOKEN"]
            return [os.getpid(), *(os.environ["TENCENTCLOUD_" + name] for name in names)]
        """
    numbers = itertools.count(1)

    def issue(seconds: float, worker: Worker) -> Key:
        number = next(numbers)
        return Key(f"id-{number}", f"key-{number}", f"token-{number}")

    async def scene() -> None:
        async with running(tmp_path, source, SCF, issue=issue, credentials_seconds=600.0) as runtime:
            pid, *first = result(await runtime.invoke(b"{}"))
            runtime.renew_earlier(300.0)
            assert first == ["id-1", "key-1", "token-1"]
            assert result(await runtime.invoke(b"{}")) == [pid, "id-2", "key-2", "token-2"]

    asyncio.run(scene())


def test_log_has_the_lines_that_begin_and_end_an_invocation(tmp_path: Path) -> None:
    invoked(tmp_path, "def handler(event, context): print('mine')")
    lines = [line.split(" ", 2)[1:] for line in (tmp_path / "function.log").read_text().splitlines()]
    assert lines == [["r-1", text] for text in ("START RequestId: r-1", "mine", "END RequestId: r-1")]


@asynccontextmanager
async def deployed(tmp_path: Path, source: str, time_scale: float) -> AsyncIterator[RunningFunction]:
    """Run a function with a trigger, whose queue delivers."""
    function = Function(code=code(tmp_path / "code", source), handler="index.main_handler", name="label")
    rule = CosTriggerRule.parse("label", CHANGE.bucket, ["cos:ObjectCreated:*"])
    keyring = Keyring(Key("root", "root"))
    async with AsyncExitStack() as stack:
        one = start(Deployed(SCF, function, rule), tmp_path, keyring, stack, Running(600.0, time_scale))
        delivering = asyncio.create_task(one.queue.run())
        try:
            yield one
        finally:
            delivering.cancel()
            await asyncio.wait([delivering])


def test_upload_is_an_event_and_what_fails_thrice_a_minute_apart_is_listed_as_a_dead_letter(tmp_path: Path) -> None:
    source = """
        import time
        def main_handler(event, context):
            with open("calls", "a") as calls:
                calls.write(f"{time.time()} {context['request_id']}\\n")
            raise ValueError(event["Records"][0]["cos"]["cosObject"]["key"])
        """

    async def scene() -> None:
        async with deployed(tmp_path, source, time_scale=0.001) as one:
            one.changed(CHANGE)
            while not (dead := one.queue.failures()):
                await asyncio.sleep(0.01)
        calls = [line.split() for line in (tmp_path / "code" / "calls").read_text().splitlines()]
        assert len(calls) == 3
        assert all(float(b) - float(a) >= 0.06 for (a, _), (b, _) in itertools.pairwise(calls))
        assert {request for _, request in calls} == {dead[0]["request_id"]}
        assert dead[0]["error"]["errorMessage"] == "/1250000000/photos/a.jpg"  # type: ignore[index]
        assert json.loads(str(dead[0]["payload"]))["Records"][0]["event"]["eventName"] == "cos:ObjectCreated:Put"

    asyncio.run(scene())


def test_retry_waits_a_minute_on_a_clock_that_is_not_scaled(tmp_path: Path) -> None:
    async def scene() -> None:
        async with deployed(tmp_path, "def main_handler(event, context): raise ValueError", 1.0) as one:
            one.changed(CHANGE)
            while not (waiting := one.queue.pending()) or not waiting[0]["attempts"]:
                await asyncio.sleep(0.01)
            enqueued, due = (float(str(waiting[0][name])) for name in ("enqueued", "due"))
            assert enqueued + 60 <= due <= time.time() + 60

    asyncio.run(scene())


def test_change_that_the_rule_does_not_take_calls_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with deployed(tmp_path, "def main_handler(event, context): pass", 1.0) as one:
            one.changed(Change(**{**{f: getattr(CHANGE, f) for f in CHANGE.__slots__}, "event": "ObjectRemove:Delete"}))
            assert one.queue.pending() == []

    asyncio.run(scene())
