"""The control paths of functions, over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from emulator.faults.board import FaultBoard
from emulator.functions import control
from emulator.functions.changing import Changing, Policy
from emulator.functions.deployment import Deployed
from emulator.functions.messages import Message
from emulator.functions.platform import Platform
from emulator.functions.queue import Queue
from emulator.functions.running import RunningFunction
from emulator.functions.settings import Asynchronous
from emulator.tencent.scf.platform import ServerlessCloudFunction
from tests.emulator.functions.deployed import gone, running

SOURCE = """
    def handler(event, context):
        if event.startswith(b"bad"):
            raise ValueError(event.decode())
        return event + b"!"
    """


@asynccontextmanager
async def serving(
    tmp_path: Path, messages: bool = False, platform: Platform | None = None, source: str = SOURCE
) -> AsyncIterator[tuple[TestClient[web.Request, web.Application], Queue]]:
    async with running(tmp_path, source, platform) as runtime:
        on_end = (lambda ended: Message("queue", ended.payload)) if messages else None
        retries = runtime.platform.retries
        queue = Queue(tmp_path / "queue.sqlite", runtime.invoke, retries, time_scale=0.0, on_end=on_end)
        delivering = asyncio.create_task(queue.run())
        app = web.Application()
        deployed = Deployed(runtime.platform, runtime.function)
        function = RunningFunction(
            deployed,
            runtime,
            queue,
            tmp_path / "log",
            FaultBoard().deliveries("function"),
            Changing(deployed, queue.settings, queue, runtime, Policy(Asynchronous(()))),
        )
        for (method, path), handler in control.routes([function]).items():
            app.router.add_route(method, f"/_emulator/{path}", handler)
        async with TestClient(TestServer(app)) as client:
            yield client, queue
        delivering.cancel()
        await asyncio.wait([delivering])
        queue.close()


async def settled(queue: Queue) -> None:
    while queue.counts()["waiting"] or queue.counts()["running"]:
        await asyncio.sleep(0.01)


def test_invoke_answers_with_the_functions_result_at_once(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (client, _):
            answer = await client.post("/_emulator/functions/function/invoke", data="图".encode())
            assert (answer.status, await answer.read()) == (200, "图!".encode())
            assert "X-Fc-Error-Type" not in answer.headers
            assert len(answer.headers["X-Fc-Request-Id"]) == 36

    asyncio.run(scene())


def test_invoke_shows_the_functions_error_and_does_not_retry(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (client, _):
            answer = await client.post("/_emulator/functions/function/invoke", data=b"bad")
            assert (answer.status, answer.headers["X-Fc-Error-Type"]) == (200, "UnhandledInvocationError")
            assert (await answer.json())["errorMessage"] == "bad"
            state = await (await client.get("/_emulator/functions/function")).json()
            assert state["invocations"] == 1

    asyncio.run(scene())


def test_functions_are_listed_with_their_clouds(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (client, _):
            listed = await (await client.get("/_emulator/functions")).json()
            assert listed == {"functions": [{"name": "function", "cloud": "aliyun"}]}

    asyncio.run(scene())


def test_function_shows_its_processes(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (client, _):
            await client.post("/_emulator/functions/function/invoke")
            state = await (await client.get("/_emulator/functions/function")).json()
            (process,) = state["processes"]
            assert not gone(process["pid"])
            assert (state["handler"], state["cold_starts"], state["invocations"]) == ("index.handler", 1, 1)

    asyncio.run(scene())


def test_queue_and_failures_are_shown_and_failures_put_back(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (client, queue):
            for event in (b"fine", b"bad one", b"bad two"):
                queue.enqueue(event)
            assert len((await (await client.get("/_emulator/functions/function/queue")).json())["pending"]) == 3
            await settled(queue)
            shown = await (await client.get("/_emulator/functions/function/queue")).json()
            assert shown == {"waiting": 0, "running": 0, "failed": 2, "delivered": 1, "pending": []}
            failures = (await (await client.get("/_emulator/functions/function/failures")).json())["failures"]
            assert [(f["payload"], f["attempts"]) for f in failures] == [("bad one", 4), ("bad two", 4)]
            assert failures[0]["error"]["errorType"] == "ValueError"

            one = await client.post(
                "/_emulator/functions/function/failures/redrive", data=json.dumps({"ids": [failures[1]["id"]]})
            )
            assert await one.json() == {"redriven": 1}
            await settled(queue)
            assert await (await client.post("/_emulator/functions/function/failures/redrive")).json() == {"redriven": 2}
            await settled(queue)
            assert queue.counts()["failed"] == 2

    asyncio.run(scene())


@pytest.mark.parametrize(
    "body", ["[]", "x", '{"ids": "1"}', '{"ids": [true]}', '{"id": [1]}', '{"ids":' + "[" * 100_000]
)
def test_redrive_refuses_what_it_does_not_understand(tmp_path: Path, body: str) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (client, _):
            answer = await client.post("/_emulator/functions/function/failures/redrive", data=body)
            assert answer.status == 400
            assert "ids" in (await answer.json())["error"]

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "functions"),
        ("get", "functions/function"),
        ("get", "functions/function/failures"),
        ("post", "functions/function/invoke"),
        ("post", "functions/function/failures/redrive"),
    ],
)
def test_a_parameter_that_no_control_path_knows_is_refused_by_name(tmp_path: Path, method: str, path: str) -> None:
    async def scene() -> None:
        async with serving(tmp_path) as (client, _):
            answer = await client.request(method, f"/_emulator/{path}?limit=1")
            assert answer.status == 400
            assert "limit=1" in (await answer.json())["error"]

    asyncio.run(scene())


def test_messages_and_failures_are_deleted_all_or_those_that_are_named(tmp_path: Path) -> None:
    async def scene() -> None:
        async with serving(tmp_path, messages=True) as (client, queue):
            for number in range(3):
                queue.enqueue(b"bad %d" % number)
            await settled(queue)
            for path in ("messages", "failures"):
                address = f"/_emulator/functions/function/{path}"
                items = (await (await client.get(address)).json())[path]
                named = json.dumps({"ids": [items[1]["id"], 99, 2**70]})
                assert await (await client.delete(address, data=named)).json() == {"deleted": 1}
                left = (await (await client.get(address)).json())[path]
                assert left == [items[0], items[2]]
                wrong = await client.delete(address, data=b"[]")
                assert (wrong.status, path in (await wrong.json())["error"]) == (400, True)
                assert await (await client.delete(address)).json() == {"deleted": 2}
                assert (await (await client.get(address)).json())[path] == []

    asyncio.run(scene())


def test_a_body_that_is_no_event_of_scf_is_refused_in_words_and_an_empty_one_is_an_empty_event(tmp_path: Path) -> None:
    async def scene() -> None:
        source = "def handler(event, context):\n    return event\n"
        async with serving(tmp_path, platform=ServerlessCloudFunction(), source=source) as (client, _):
            answer = await client.post("/_emulator/functions/function/invoke", data=b"cos://photos-1/")
            assert (answer.status, await answer.json()) == (
                400,
                {"error": "the body is the event, which is JSON on this platform"},
            )
            answer = await client.post("/_emulator/functions/function/invoke")
            assert (answer.status, await answer.read()) == (200, b"{}")

    asyncio.run(scene())
