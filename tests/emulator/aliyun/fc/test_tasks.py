"""Asynchronous tasks, configurations and reserved concurrency, asked for by the vendor's unmodified clients."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from emulator.functions.settings import Asynchronous, Settings
from tests.emulator.invoking import RunningFunctions, deployed, running_functions, waiting_call

TASKS = Settings(Asynchronous((), tasks=True))


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[RunningFunctions]:
    functions = deployed(tmp_path, "tasks", instances=1, settings=TASKS), deployed(tmp_path)
    with running_functions(tmp_path, *functions) as running:
        yield running


def started(emulated: RunningFunctions, task_id: str | None, event: object, name: str = "tasks") -> int:
    chosen: dict[str, Any] = {} if task_id is None else {"x_fc_async_task_id": task_id}
    return emulated.fc3(name, event, x_fc_invocation_type="Async", **chosen).status


def task(emulated: RunningFunctions, task_id: str, name: str = "tasks") -> Any:
    return emulated.fc3_client().get_async_task(name, task_id, models.GetAsyncTaskRequest()).body


def listed(emulated: RunningFunctions, **filters: Any) -> Any:
    return emulated.fc3_client().list_async_tasks("tasks", models.ListAsyncTasksRequest(**filters)).body


def refused(call: Any, *args: Any) -> tuple[int, str]:
    with pytest.raises(AlibabaCloudException) as caught:
        call(*args)
    return caught.value.status_code, caught.value.code


def until(there: Any) -> None:
    while not there():
        time.sleep(0.01)


def test_an_id_that_is_kept_is_refused_and_starts_nothing(emulated: RunningFunctions, tmp_path: Path) -> None:
    assert started(emulated, "batch-1", {}) == 202
    assert refused(started, emulated, "batch-1", {"touch": str(tmp_path / "twice")}) == (409, "AsyncTaskAlreadyExists")
    emulated.settle("tasks", delivered=1, failed=0)
    assert refused(started, emulated, "batch-1", {"touch": str(tmp_path / "twice")})[0] == 409
    assert not (tmp_path / "twice").exists()


def test_a_task_tells_its_life(emulated: RunningFunctions) -> None:
    started(emulated, "batch-1", {"key": "dog.jpg"})
    emulated.settle("tasks")
    told = task(emulated, "batch-1")
    assert (told.task_id, told.status, told.already_retried_times) == ("batch-1", "Succeeded", 0)
    assert [event.status for event in told.events] == ["Enqueued", "Running", "Succeeded"]
    assert told.started_time <= told.end_time
    assert json.loads(told.task_payload) == {"key": "dog.jpg"}
    assert json.loads(told.return_payload)["event"] == {"key": "dog.jpg"}


def test_a_task_that_fails_tells_its_error_and_its_retries(tmp_path: Path) -> None:
    retried = Settings(Asynchronous((0.0, 0.0), tasks=True))
    with running_functions(tmp_path, deployed(tmp_path, "tasks", settings=retried)) as emulated:
        started(emulated, "batch-1", {"raise": "no dog"})
        emulated.settle("tasks", failed=1)
        told = task(emulated, "batch-1")
        assert (told.status, told.already_retried_times) == ("Failed", 2)
        assert told.task_error_message == "UnhandledInvocationError"
        assert [event.status for event in told.events].count("Retrying") == 2
        assert json.loads(told.return_payload)["errorMessage"] == "no dog"


def test_a_running_task_that_is_stopped_ends_with_its_instance(emulated: RunningFunctions, tmp_path: Path) -> None:
    started(emulated, "batch-1", {"touch": str(tmp_path / "begun"), "wait": str(tmp_path / "never")})
    until((tmp_path / "begun").exists)
    assert task(emulated, "batch-1").status == "Running"
    client = emulated.fc3_client()
    client.stop_async_task("tasks", "batch-1", models.StopAsyncTaskRequest())
    emulated.settle("tasks", failed=0)
    assert task(emulated, "batch-1").status == "Stopped"
    assert refused(client.stop_async_task, "tasks", "batch-1", models.StopAsyncTaskRequest())[0] == 412
    assert started(emulated, "batch-2", {}) == 202
    emulated.settle("tasks", delivered=1)


def test_tasks_are_listed_by_status_and_prefix_page_by_page(emulated: RunningFunctions) -> None:
    for name in ("a-1", "a-2", "b-1"):
        started(emulated, name, {"raise": "x"} if name == "a-2" else {})
    emulated.settle("tasks")
    assert [one.task_id for one in listed(emulated).tasks] == ["b-1", "a-2", "a-1"]
    assert [one.task_id for one in listed(emulated, prefix="a-", sort_order_by_time="asc").tasks] == ["a-1", "a-2"]
    assert [one.task_id for one in listed(emulated, status="Failed").tasks] == ["a-2"]
    first = listed(emulated, limit=2)
    second = listed(emulated, limit=2, next_token=first.next_token)
    assert [one.task_id for one in (*first.tasks, *second.tasks)] == ["b-1", "a-2", "a-1"]
    assert (second.next_token, first.tasks[0].task_payload) == (None, None)
    assert listed(emulated, include_payload=True, limit=1).tasks[0].task_payload == "{}"
    assert listed(emulated, started_time_begin=round(time.time() * 1000) + 60_000).tasks == []


@pytest.mark.parametrize(
    "wrong", [{"limit": 101}, {"status": "Lost"}, {"sort_order_by_time": "up"}, {"next_token": "x"}]
)
def test_a_filter_that_says_nothing_is_refused(emulated: RunningFunctions, wrong: dict[str, Any]) -> None:
    assert refused(lambda: listed(emulated, **wrong)) == (400, "InvalidArgument")


def test_a_task_that_is_not_there_is_not_a_function_that_is_not_there(emulated: RunningFunctions) -> None:
    assert refused(task, emulated, "nobody") == (404, "AsyncTaskNotFound")
    assert refused(task, emulated, "nobody", "missing") == (404, "FunctionNotFound")


def test_a_client_turns_tasks_on_and_the_next_start_remembers_it(tmp_path: Path) -> None:
    def function() -> Any:
        return deployed(tmp_path, "label")

    with running_functions(tmp_path, function()) as emulated:
        client = emulated.fc3_client()
        assert refused(client.get_async_invoke_config, "label", models.GetAsyncInvokeConfigRequest())[0] == 404
        config = models.PutAsyncInvokeConfigInput(async_task=True, max_async_retry_attempts=0)
        answer = client.put_async_invoke_config("label", models.PutAsyncInvokeConfigRequest(body=config)).body
        assert (answer.async_task, answer.max_async_retry_attempts) == (True, 0)
        started(emulated, "batch-1", {}, "label")
        emulated.settle("label")
    with running_functions(tmp_path, function()) as emulated:
        assert task(emulated, "batch-1", "label").status == "Succeeded"
        assert refused(started, emulated, "batch-1", {}, "label")[0] == 409
        emulated.fc3_client().delete_async_invoke_config("label", models.DeleteAsyncInvokeConfigRequest())
        assert started(emulated, "batch-1", {}, "label") == 202


def test_calls_above_the_reserved_concurrency_are_refused_and_tasks_wait(
    emulated: RunningFunctions, tmp_path: Path
) -> None:
    client = emulated.fc3_client()
    assert refused(client.get_concurrency_config, "label")[0] == 404
    limit = models.PutConcurrencyConfigRequest(body=models.PutConcurrencyInput(reserved_concurrency=1))
    assert client.put_concurrency_config("label", limit).body.reserved_concurrency == 1
    with waiting_call(lambda event: emulated.fc3("label", event), tmp_path):
        assert refused(emulated.fc3, "label", {}) == (429, "ResourceExhausted")
        assert started(emulated, None, {}, "label") == 202
        assert emulated.control("functions/label/queue")["delivered"] == 0
    emulated.settle("label", delivered=1)
    client.delete_concurrency_config("label")
    (tmp_path / "again").mkdir()
    with waiting_call(lambda event: emulated.fc3("label", event), tmp_path / "again"):
        assert emulated.fc3("label", {}).status == 200


def test_tasks_of_a_service_of_version_2_have_their_own_names(tmp_path: Path) -> None:
    with running_functions(tmp_path, deployed(tmp_path, "tasks", service="pictures")) as emulated:
        client = emulated.fc2_client()
        client.put_function_async_invoke_config("pictures", "LATEST", "tasks", {"statefulInvocation": True})
        config = client.get_function_async_invoke_config("pictures", "LATEST", "tasks").data
        assert config["statefulInvocation"] is True
        headers = {"x-fc-invocation-type": "Async", "x-fc-stateful-async-invocation-id": "batch-1"}
        emulated.fc2("pictures", "tasks", {}, headers=headers)
        emulated.settle("tasks", delivered=1)
        path = "/2016-08-15/services/pictures/functions/tasks/stateful-async-invocations"
        told = client._do_request(
            "GET", f"{path}/batch-1", client._build_common_headers("GET", f"{path}/batch-1")
        ).json()
        assert (told["invocationId"], told["status"], told["serviceName"]) == ("batch-1", "Succeeded", "pictures")
        page = client._do_request("GET", path, client._build_common_headers("GET", path)).json()
        assert [one["invocationId"] for one in page["invocations"]] == ["batch-1"]
