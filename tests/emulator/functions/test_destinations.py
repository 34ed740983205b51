"""The destinations of asynchronous invocations: what they get, when, and that they end."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator.functions import destinations
from emulator.functions.deployment import Deployed, FunctionFiles
from emulator.functions.destinations import MOST_HOPS
from emulator.functions.messages import Message
from emulator.functions.queue import Ended, Queue
from emulator.services import PLATFORMS
from tests.emulator.functions.deployed import code
from tests.emulator.functions.test_queue import Calls, delivering, settled
from tests.emulator.invoking import RunningFunctions, running_functions

QUEUE = "acs:mns:cn-hangzhou:1000000000000000:/queues/failures/messages"
SOURCE = """
    import json
    def handler(event, context):
        asked = json.loads(event) if isinstance(event, bytes) else event
        if "raise" in asked:
            raise ValueError(asked["raise"])
        if "quiet" in str(event):
            return None
        return {"seen": asked}
    """


def function(arn: str) -> dict[str, str]:
    return {"destination": f"acs:fc:cn-hangzhou:1000000000000000:functions/{arn}"}


def read(folder: Path, *functions: dict[str, Any]) -> list[Deployed]:
    """Return functions as a file describes them. They are of Function Compute unless they name another cloud."""
    code(folder / "code", SOURCE)
    file = folder / "functions.json"
    common = {"cloud": "aliyun", "code": "code", "handler": "index.handler"}
    file.write_text(json.dumps([common | each for each in functions]))
    return FunctionFiles(PLATFORMS, folder, Path(sys.executable)).read(file)


def config(**places: dict[str, str]) -> dict[str, Any]:
    return {"asyncInvokeConfig": {"maxAsyncRetryAttempts": 1, "destinationConfig": places}}


def send(running: RunningFunctions, name: str, event: object) -> str:
    """Invoke a function asynchronously by the vendor's client, and wait until it has ended."""
    request_id = running.fc3(name, event, x_fc_invocation_type="Async").headers["x-fc-request-id"]
    running.settle(name)
    return str(request_id)


def messages(running: RunningFunctions, name: str) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = running.control(f"functions/{name}/messages")["messages"]
    return sent


def test_queue_gets_the_vendors_message_about_an_event_that_failed_for_good(tmp_path: Path) -> None:
    label = {"name": "label", **config(onFailure={"destination": QUEUE})}
    with running_functions(tmp_path, *read(tmp_path, label)) as running:
        event = json.dumps({"raise": "图"}, ensure_ascii=False).encode()
        request_id = send(running, "label", event)
        (sent,) = messages(running, "label")
        assert sent["destination"] == QUEUE
        body = sent["body"]
        assert json.loads(body.pop("responsePayload"))["errorMessage"] == "图"
        assert body.pop("timestamp") == round(sent["sent"] * 1000)
        assert body == {
            "requestContext": {
                "requestId": request_id,
                "functionArn": "acs:fc:cn-hangzhou:1000000000000000:functions/label",
                "condition": "UnhandledInvocationError",
                "approximateInvokeCount": 2,
            },
            "requestPayload": '{"raise": "图"}',
            "responseContext": {"statusCode": 200, "functionError": "UnhandledInvocationError"},
        }
        send(running, "label", {"fine": 1})
        assert len(messages(running, "label")) == 1


def test_queue_gets_the_result_of_an_event_that_succeeded(tmp_path: Path) -> None:
    label = {"name": "label", **config(onSuccess={"destination": QUEUE})}
    with running_functions(tmp_path, *read(tmp_path, label)) as running:
        send(running, "label", {"raise": "no message"})
        send(running, "label", {"fine": 1})
        (sent,) = messages(running, "label")
        context = sent["body"]["requestContext"]
        assert (context["condition"], context["approximateInvokeCount"]) == ("", 1)
        assert json.loads(sent["body"]["responsePayload"]) == {"seen": {"fine": 1}}


def test_another_function_is_invoked_with_the_message_as_its_event(tmp_path: Path) -> None:
    described = (
        {"name": "label", **config(onFailure=function("mend"), onSuccess=function("mend/LATEST"))},
        {"name": "mend", **config(onSuccess={"destination": QUEUE})},
    )
    with running_functions(tmp_path, *read(tmp_path, *described)) as running:
        for event in ({"raise": "x"}, {"fine": 1}):
            send(running, "label", event)
            running.settle("mend")
        seen = [json.loads(sent["body"]["responsePayload"])["seen"] for sent in messages(running, "mend")]
        assert [json.loads(one["requestPayload"]) for one in seen] == [{"raise": "x"}, {"fine": 1}]
        assert [one["requestContext"]["condition"] for one in seen] == ["UnhandledInvocationError", ""]


def test_functions_that_are_each_others_destination_end(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    described = (
        {"name": "ping", **config(onSuccess=function("pong"))},
        {"name": "pong", **config(onSuccess=function("ping"))},
    )
    with running_functions(tmp_path, *read(tmp_path, *described)) as running:
        send(running, "ping", {"quiet": 1})
        for _ in range(MOST_HOPS):
            running.settle("pong")
            running.settle("ping")
        delivered = [running.control(f"functions/{name}/queue")["delivered"] for name in ("ping", "pong")]
        assert sum(delivered) == MOST_HOPS + 1
    assert "ping does not invoke its destination pong: the event has passed 8 functions" in capfd.readouterr().err


def test_message_that_is_too_large_for_an_event_is_told_and_not_sent(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    described = ({"name": "label", **config(onSuccess=function("other"))}, {"name": "other"})
    with running_functions(tmp_path, *read(tmp_path, *described)) as running:
        send(running, "label", {"long": "x" * 70_000})
        assert running.control("functions/other/queue")["delivered"] == 0
        assert running.control("functions/other/queue")["waiting"] == 0
    assert "does not invoke its destination other: the message has 140" in capfd.readouterr().err


def test_dead_letter_queue_gets_the_vendors_message(tmp_path: Path) -> None:
    described = {
        "cloud": "tencent",
        "name": "label",
        "AsyncTriggerConfig": {"RetryConfig": [{"RetryNum": 1}], "MsgTTL": 3600},
        "DeadLetterConfig": {"Type": "CMQ-QUEUE", "Name": "dead"},
    }
    with running_functions(tmp_path, *read(tmp_path, described)) as running:
        request_id = running.scf("label", {"raise": "boom"}, InvocationType="Event").FunctionRequestId
        running.scf("label", {"fine": 1}, InvocationType="Event")
        running.settle("label")
        (sent,) = messages(running, "label")
        assert sent["destination"] == "dead"
        message = sent["body"]
        trace = message.pop("ErrorMessage")
        assert trace.startswith("Traceback (most recent call last):\n")
        assert trace.endswith("ValueError: boom")
        body = message.pop("Body")
        assert message == {"RequestId": request_id, "ErrorCode": -1}
        assert body.pop("TimeStampForInvoker").isdigit()
        assert body.pop("PushTime").endswith("+08:00")
        assert body == {
            "AppId": 1250000000,
            "Uin": "100000000001",
            "SubAccountUin": "100000000001",
            "RequestSource": "API",
            "FunctionName": "label",
            "Namespace": "default",
            "Qualifier": "$DEFAULT",
            "InvocationType": "RequestResponse",
            "ClientContext": '{"raise": "boom"}',
            "LogType": "",
            "RequestId": request_id,
            "RetryNum": 1,
            "Ttl": 0,
        }


def keep(ended: list[Ended]) -> Any:
    def on_end(event: Ended) -> Message:
        ended.append(event)
        return Message("queue", b"\xff")

    return on_end


def test_event_that_became_too_old_is_given_up_without_a_call_and_a_redrive_makes_it_young(tmp_path: Path) -> None:
    path, calls, ended = tmp_path / "queue.sqlite", Calls(), list[Ended]()

    async def scene() -> None:
        queue = Queue(path, calls, (), age=60.0, on_end=keep(ended))
        queue.enqueue(b"old")
        database = sqlite3.connect(path)
        database.execute("UPDATE events SET enqueued = enqueued - 61")
        database.commit()
        database.close()
        running = asyncio.create_task(queue.run())
        assert await settled(queue) == {"waiting": 0, "running": 0, "failed": 1, "delivered": 0}
        assert (calls.seen, [(event.calls, event.answer.error_type) for event in ended]) == (
            [],
            [(0, "EventAgeExceeded")],
        )
        (failure,) = queue.failures()
        assert failure["error"]["errorType"] == "EventAgeExceeded"  # type: ignore[index]
        assert queue.messages.all()[0]["body"] == "\ufffd"
        queue.redrive()
        assert (await settled(queue))["delivered"] == 1
        running.cancel()
        await asyncio.wait([running])
        queue.close()

    asyncio.run(scene())
    assert calls.events == [b"old"]


def test_messages_survive_a_restart_and_a_folder_of_an_older_emulator_is_taken(tmp_path: Path) -> None:
    path, ended = tmp_path / "queue.sqlite", list[Ended]()
    database = sqlite3.connect(path)
    database.executescript(
        "CREATE TABLE events (id INTEGER PRIMARY KEY, request_id TEXT NOT NULL, payload BLOB NOT NULL,"
        " state TEXT NOT NULL DEFAULT 'waiting', attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL, error TEXT,"
        " enqueued REAL NOT NULL, failed REAL);"
        "INSERT INTO events (request_id, payload, due, enqueued) VALUES ('r', x'61', 0, 0);"
    )
    database.close()

    async def scene() -> None:
        queue = Queue(path, Calls(), (), on_end=keep(ended))
        running = asyncio.create_task(queue.run())
        assert (await settled(queue))["delivered"] == 1
        running.cancel()
        await asyncio.wait([running])
        queue.close()
        async with delivering(path, Calls()) as again:
            assert [message["destination"] for message in again.messages.all()] == ["queue"]

    asyncio.run(scene())
    assert [(event.payload, event.hops) for event in ended] == [(b"a", 0)]


def test_destination_that_is_not_deployed_is_named(tmp_path: Path) -> None:
    functions = read(tmp_path, {"name": "label", **config(onFailure=function("nobody"))})
    with pytest.raises(ValueError, match=r"function label: its destination .* is the function nobody, which is not"):
        destinations.check(functions)
    destinations.check(read(tmp_path, {"name": "label", **config(onFailure=function("label"))}))
