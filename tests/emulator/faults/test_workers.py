"""Faults of the processes of functions: killed or stopped at a request, keys that end, clocks that are wrong."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from emulator.core.parts import Worker
from tests.emulator.faults.running import Emulated, emulated
from tests.emulator.invoking import deployed

WRITER = """
    import json, os, oss2
    def handler(event, context):
        asked, keys = json.loads(event), context.credentials
        auth = oss2.StsAuth(keys.access_key_id, keys.access_key_secret, keys.security_token)
        bucket = oss2.Bucket(auth, asked["endpoint"], "photos")
        done = []
        for key in asked["keys"]:
            try:
                bucket.put_object(key, b"x")
                done.append("written")
            except oss2.exceptions.OssError as error:
                done.append(error.code)
        return [os.getpid(), done]
    """


def invoke(running: Emulated, event: object, name: str) -> Any:
    """Return the result of a function, or the error on which it failed."""
    status, answer = running.control("POST", f"functions/{name}/invoke", event)
    assert status == 200
    return answer


def write(running: Emulated, *written: str) -> Any:
    """Let the function write these objects, and return what it returns."""
    return invoke(running, {"endpoint": running.oss.endpoint, "keys": written}, "writer")


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Emulated]:
    """Return the emulator with a function that writes objects under the keys that its event lists."""
    with emulated(tmp_path / "data", deployed(tmp_path, "writer", source=WRITER)) as running:
        yield running


def keys(running: Emulated) -> list[str]:
    return [each.key for each in running.oss.bucket().list_objects().object_list]


def test_the_number_of_a_request_counts_those_that_an_earlier_rule_refuses(writer: Emulated) -> None:
    writer.rules(
        {"do": "error", "operation": "PUT object", "key": "a", "code": "InternalError"},
        {"do": "kill", "operation": "PUT object", "at": 2},
    )
    assert "errorMessage" in write(writer, "a", "b", "c")
    assert [call["faults"] for call in writer.calls(function="writer")] == [["error"], ["kill"]]


@pytest.mark.parametrize(("when", "written"), [("before", ["a"]), ("after", ["a", "b"])])
def test_a_process_is_killed_at_the_nth_request_of_an_invocation(
    writer: Emulated, when: str, written: list[str]
) -> None:
    writer.rules({"do": "kill", "operation": "PUT object", "at": 2, "when": when, "function": "writer"})
    assert "errorMessage" in write(writer, "a", "b", "c")
    assert keys(writer) == written
    assert [call["faults"] for call in writer.calls(function="writer")] == [[], ["kill"]]
    pid, done = write(writer, "d")
    assert done == ["written"]
    assert pid != writer.calls(key="a")[0]["process"]
    assert writer.calls(key="d")[0]["process"] == pid


def test_a_process_is_stopped_at_its_request_and_goes_on_later(writer: Emulated) -> None:
    writer.sleeps.held = True
    writer.rules({"do": "stop", "operation": "PUT object", "at": 1, "seconds": 40, "times": 1})
    function = writer.functions[0]
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(write(writer, "a")))
    thread.start()
    writer.sleeps.wait_for_one()
    processes: Any = function.runtime.state()["processes"]
    while stopped(processes[0]["pid"]) != "T":
        time.sleep(0.01)
    assert results == []
    writer.sleeps.end()
    thread.join()
    assert results[0][1] == ["written"]
    assert writer.sleeps.asked == [40.0]


def test_a_process_that_two_faults_stop_does_not_go_on_when_the_shorter_one_is_over() -> None:
    class Told(Worker):
        signals: ClassVar[list[int]] = []

        def signal(self, number: int) -> None:
            self.signals.append(number)

    worker = Told("writer", 1)
    worker.stop()
    worker.stop()
    worker.go_on()
    assert worker.signals == [signal.SIGSTOP, signal.SIGSTOP]
    worker.go_on()
    assert worker.signals == [signal.SIGSTOP, signal.SIGSTOP, signal.SIGCONT]


def stopped(pid: int) -> str:
    """Return the letter of the state of a process, which is T for one that is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_token_that_ends_midway_is_refused_as_expired_until_the_next_invocation(writer: Emulated) -> None:
    writer.rules({"do": "expire", "operation": "PUT object", "at": 2, "times": 1})
    pid, done = write(writer, "a", "b", "c")
    assert done == ["written", "SecurityTokenExpired", "SecurityTokenExpired"]
    assert write(writer, "d") == [pid, ["written"]]
    codes = [(call["key"], call["code"], call["faults"]) for call in writer.calls(function="writer")]
    assert codes[:2] == [("a", "", []), ("b", "SecurityTokenExpired", ["expire"])]


def test_rules_tell_clients_from_functions(writer: Emulated) -> None:
    error = {"do": "error", "operation": "PUT object", "code": "InternalError"}
    writer.rules({**error, "from": "functions"})
    writer.oss.bucket().put_object("a", b"x")
    assert write(writer, "b")[1] == ["InternalError"]
    writer.rules({**error, "from": "clients"})
    assert write(writer, "c")[1] == ["written"]
    writer.rules({**error, "function": "another"})
    assert write(writer, "d")[1] == ["written"]


CLOCKS = """
    import datetime, email.utils, pickle, time
    from datetime import date, datetime as when, timezone
    class Holder:
        clock = time.time
    def handler(event, context):
        pickled = pickle.loads(pickle.dumps(when(2020, 1, 2)))
        assert isinstance(pickled, when) and isinstance(pickled, date) and not isinstance(date(2020, 1, 2), when)
        assert when.strptime("2020", "%Y") - when(2020, 1, 1) == datetime.timedelta(0)
        return [
            Holder().clock(), time.time(), time.time_ns() / 1e9, time.clock_gettime(time.CLOCK_REALTIME),
            when.now().timestamp(),
            when.now(timezone.utc).timestamp(), when.utcnow().replace(tzinfo=timezone.utc).timestamp(),
            time.mktime(time.localtime()), email.utils.mktime_tz(email.utils.parsedate_tz(email.utils.formatdate())),
            time.mktime(time.strptime(time.ctime())), time.mktime(time.strptime(time.strftime("%c"), "%c")),
        ]
    """


def test_each_function_sees_its_own_clock_and_the_right_one_without_a_rule(tmp_path: Path) -> None:
    functions = [deployed(tmp_path, name, source=CLOCKS) for name in ("ahead", "behind", "right")]
    with emulated(tmp_path / "data", *functions) as running:
        offset = {"ahead": 100_000.0, "behind": -100_000.0, "right": 0.0}
        running.rules(
            {"do": "clock", "function": "ahead", "seconds": 100_000},
            {"do": "clock", "function": "behind", "seconds": -100_000},
        )
        for name, seconds in offset.items():
            before = time.time()
            moments = invoke(running, b"", name)
            after = time.time()
            for moment in moments:  # However long the call took, the moment lies in it. Some forms have whole seconds.
                assert int(before) - 1 <= moment - seconds <= after + 1, name
        running.control("DELETE", "faults")
        assert abs(invoke(running, b"", "ahead")[0] - time.time()) < 1000


def test_a_new_process_of_a_function_has_a_key_of_its_own(tmp_path: Path) -> None:
    source = """
        import os
        def handler(event, context):
            return os._exit(1) if event == b"end" else [os.getpid(), context.credentials.access_key_id]
        """
    with emulated(tmp_path / "data", deployed(tmp_path, "one", source=source)) as running:
        pid, key = invoke(running, b"", "one")
        assert invoke(running, b"", "one") == [pid, key]
        invoke(running, b"end", "one")
        other, another = invoke(running, b"", "one")
        assert other != pid
        assert another != key
        found = running.oss.keyring.find(another)
        assert found is not None
        assert found.worker is not None
        assert (found.worker.function, found.worker.pid) == ("one", other)
