"""The label functions do the main job whatever the runtime does: events of EventBridge, and functions that die."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.emulated import HERE, OSS_FUNCTION, DemoEmulator
from imagelabels import wiring
from tests.emulator.functions.deployed import code
from tests.ports import free_port
from tests.test_main_job import CosUser, Job, OssUser

pytestmark = pytest.mark.story

CAT = (HERE / "photos" / "chelsea.png").read_bytes()
QUEUE = "acs:mns:cn-hangzhou:1000000000000000:/queues/imagelabels-failures/messages"
MEMORY = 384
GREEDY = """
    import json, os, time
    from functions.aliyun_label import index

    def die(event, when):
        key = json.loads(event)["data"]["oss"]["object"]["key"]
        if key.startswith(when) and not os.path.exists(os.environ["ENOUGH"]):
            kept = b"x" * 500_000_000
            while when == "before":
                time.sleep(1)  # until the platform ends the process: nothing may be done before that

    def handler(event, context):
        die(event, "before")
        answer = index.handler(event, context)
        die(event, "after")
        return answer
    """


class WithOtherRuntimes(DemoEmulator):
    """Both functions get their events in the less usual form. The one of Alibaba Cloud can die of its memory."""

    def functions(self) -> list[dict[str, Any]]:
        oss, cos = super().functions()
        by_hand = {name: value for name, value in oss.items() if name != "trigger"} | {"name": "by_hand"}
        oss["trigger"] |= {"eventSchema": "CloudEvents", "suffix": ".png"}
        oss["environment"] |= {"ENOUGH": str(self.enough)}
        oss |= {
            "code": str(code(self.data / "greedy", GREEDY)),
            "paths": [*oss["paths"], str(HERE)],
            "memory": MEMORY,
            "asyncInvokeConfig": {
                "maxAsyncRetryAttempts": 2,
                "destinationConfig": {"onFailure": {"destination": QUEUE}},
            },
        }
        cos["trigger"] |= {"event_name": "trigger"}
        return [oss, cos, by_hand]

    @property
    def enough(self) -> Path:
        """If this file is there, the function needs no more memory than it has."""
        return self.data / "enough"

    def post(self, path: str, body: object = None) -> Any:
        data = b"" if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/_emulator/{path}", data=data, method="POST")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WithOtherRuntimes]:
    port = free_port()
    started = WithOtherRuntimes(port, tmp_path_factory.mktemp("runtimes"), "--time-scale", "0.01")
    with started:
        assert started.ready()
        yield started


@pytest.fixture
def jobs(emulator: WithOtherRuntimes) -> Iterator[dict[str, Job]]:
    users: dict[str, OssUser | CosUser] = {"aliyun": OssUser(emulator.port), "tencent": CosUser(emulator.port)}
    ledger = wiring.index(emulator.index, emulator.settings).ledger()
    yield {cloud: Job(emulator, user, ledger) for cloud, user in users.items()}
    for user in users.values():
        user.close()


@pytest.mark.parametrize("cloud", ["aliyun", "tencent"])
def test_pictures_are_labelled_and_removed_by_events_of_the_less_usual_form(jobs: dict[str, Job], cloud: str) -> None:
    job = jobs[cloud]
    for key in ("plain.png", "照片/a+b 50%.png"):
        job.put(key, CAT)
        job.settle()
        assert "cat" in job.labels(key)
        assert job.tags(key)["label:cat"] == "mammal"
        job.user.delete(key)
        job.settle()
        assert job.record(key) is None


def test_a_list_of_events_of_eventbridge_labels_each_picture(emulator: WithOtherRuntimes, jobs: dict[str, Job]) -> None:
    job, keys = jobs["aliyun"], ["first.PNG", "second.PNG"]
    events = []  # No trigger takes these pictures.
    for key in keys:
        job.put(key, CAT)
        record = {
            "eventName": "ObjectCreated:PutObject",
            "oss": {"bucket": {"name": job.user.bucket}, "object": {"key": key}},
        }
        events.append(
            {"specversion": "1.0", "source": "acs.oss", "type": "oss:ObjectCreated:PutObject", "data": record}
        )
    answer = emulator.post("functions/by_hand/invoke", events)
    assert [record["state"] for record in answer["records"]] == ["labelled"] * 2
    for key in keys:
        assert "cat" in job.labels(key)


def test_a_function_that_dies_of_its_memory_is_retried_ends_in_the_failures_and_harms_nothing(
    emulator: WithOtherRuntimes, jobs: dict[str, Job]
) -> None:
    job, mine = jobs["aliyun"], {"trip": "a b", "label:summer": "1"}
    keys = ["before.png", "after.png"]
    for key in keys:
        job.user.put_tagged(key, CAT, mine)
    job.put("beside.png", CAT)
    failures = emulator.settle()
    assert [(failure["attempts"], failure["error"]["errorType"]) for failure in failures] == [
        (3, "FunctionOOMError")
    ] * 2

    sent = emulator.control(f"functions/{OSS_FUNCTION}/messages")["messages"]
    assert [message["destination"] for message in sent] == [QUEUE] * 2
    subjects = {json.loads(message["body"]["requestPayload"])["data"]["oss"]["object"]["key"] for message in sent}
    assert subjects == set(keys)
    for message in sent:
        assert message["body"]["requestContext"]["approximateInvokeCount"] == 3
        assert "Process exited unexpectedly" in message["body"]["responsePayload"]

    # One function died before it had begun, and the other one after its work. Pictures and tags are the user's still.
    for key in keys:
        assert job.user.sdk.get_object(key).read() == CAT
        assert job.tags(key).items() >= mine.items()
    assert job.record("before.png") is None
    assert "cat" in job.labels("after.png")
    assert "cat" in job.labels("beside.png")

    emulator.enough.touch()
    assert emulator.post(f"functions/{OSS_FUNCTION}/failures/redrive") == {"redriven": 2}
    job.settle()
    for key in keys:
        assert "cat" in job.labels(key)
        assert sum(line.paid_calls for line in job.ledger.history(job.ref(key))) <= 1
