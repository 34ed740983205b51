"""`python -m emulator up` in a process of its own, as a user runs it."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import oss2
import pytest

from emulator.arguments import parser
from tests.emulator.functions.deployed import code, gone

pytestmark = pytest.mark.story

ROOT = Path(__file__).parents[2]

DETECTOR = """
    import json, sys
    for line in sys.stdin:
        path = line.rstrip("\\n")
        label = {
            "LabelId": "dog", "LabelName": "狗", "LabelConfidence": 0.9, "CentricScore": 0.5,
            "LabelLevel": 2, "ParentLabelName": "动物", "Language": "zh-Hans",
        }
        print(json.dumps({"path": path, "labels": [label]}), flush=True)
    """

RECORDER = """
    import json, os, time
    def handler(event, context):
        with open(os.environ["RECORD"], "a", encoding="utf-8") as file:
            print(json.dumps({
                "event": json.loads(event), "pid": os.getpid(), "key": context.credentials.access_key_id,
                "hush": [name for name in os.environ if "HUSH" in name],
            }, ensure_ascii=False), file=file)
        if os.path.exists(os.environ["RECORD"] + ".hang"):
            time.sleep(3600)
        if os.path.exists(os.environ["RECORD"] + ".fail"):
            raise ValueError("told to fail")
        return "seen"
    """


SLOW = "Executing <"
"""The debug mode of asyncio tells with these words which callbacks took long on a busy machine."""
NO_COMPLAINT = re.compile(rf"{SLOW}|[0-9:.]{{12}} refused ")
"""Refused requests are told one by one."""


class Emulator:
    def __init__(self, process: subprocess.Popen[str], ready: str) -> None:
        self.process = process
        self.ready = ready
        self.url = ready.split(",")[0].removeprefix("ready on ")

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait()

    def control(self, path: str, body: bytes | None = None) -> Any:
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/_emulator/{path}", data=body)) as answer:
            return json.load(answer)

    @contextmanager
    def bucket(self, name: str = "photos", key: str = "emulator") -> Iterator[oss2.Bucket]:
        bucket = oss2.Bucket(oss2.Auth(key, key), self.url, name)
        try:
            yield bucket
        finally:
            bucket.session.session.close()


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """Return the command with just enough options to start: a data folder, a bucket and a detector."""
    detector = code(tmp_path / "detector", DETECTOR, "detect.py") / "detect.py"
    return [
        *(sys.executable, "-m", "emulator", "up", "--port", "0", "--data", str(tmp_path / "data")),
        *("--bucket", "photos", "--detector", shlex.join([sys.executable, str(detector)])),
    ]


@pytest.fixture
def function(tmp_path: Path) -> list[str]:
    folder = code(tmp_path / "code", RECORDER)
    return ["--function", str(folder), "--function-env", f"RECORD={tmp_path / 'record'}", "--time-scale", "0"]


@contextmanager
def up(command: list[str], complaints: list[str] | None = None, **environment: str) -> Iterator[Emulator]:
    """Run the emulator in a process. In the end its error output must be the `complaints`, which the block may fill."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "error", "PYTHONDEVMODE": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        ready = process.stdout.readline().strip()
        try:
            assert ready, process.stderr.read()
            yield Emulator(process, ready)
        finally:
            process.terminate()
            process.wait()
            errors = process.stderr.read().splitlines()
        assert [line for line in errors if not NO_COMPLAINT.match(line)] == (complaints or [])


def refused(command: list[str]) -> tuple[int, str]:
    """Return the exit code and the error output of an emulator that cannot start."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        if ready := process.stdout.readline():
            process.terminate()
        errors = process.stderr.read()
    assert ready == ""
    assert "Traceback" not in errors
    return process.returncode, errors


def records(tmp_path: Path, count: int) -> list[dict[str, Any]]:
    """Wait until the function has written as many records as expected, and return them."""
    file = tmp_path / "record"
    while len(lines := file.read_text(encoding="utf-8").splitlines() if file.exists() else []) < count:
        time.sleep(0.02)
    return [json.loads(line) for line in lines]


def test_upload_calls_the_function_in_its_own_process_with_the_event(
    tmp_path: Path, command: list[str], function: list[str]
) -> None:
    suffix = ["--trigger-suffix", ".jpg"]
    with up([*command, *function, *suffix], HUSH_HUSH="secret") as emulator, emulator.bucket() as bucket:
        assert emulator.ready.endswith(", key id emulator, secret emulator")
        assert emulator.process.stdout is not None
        assert emulator.process.stdout.readline().strip() == (
            f"function function: state at {emulator.url}/_emulator/functions/function,"
            f" log in {tmp_path / 'data/functions/function.log'}"
        )
        bucket.put_object("note.txt", b"no picture")
        put = bucket.put_object("图 片+%41.jpg", b"bytes")
        records(tmp_path, 1)  # the queue does not keep the order
        bucket.delete_object("图 片+%41.jpg")
        created, removed = records(tmp_path, 2)
        (event,) = created["event"]["events"]
        assert event["eventName"] == "ObjectCreated:PutObject"
        assert event["oss"]["object"]["key"] == "图 片+%41.jpg"
        assert event["oss"]["object"]["eTag"] == put.etag
        assert event["responseElements"]["requestId"] == put.request_id
        assert removed["event"]["events"][0]["eventName"] == "ObjectRemoved:DeleteObject"
        assert created["hush"] == []
        assert created["key"].startswith("STS.")
        assert created["pid"] != emulator.process.pid
        pids = {process["pid"] for process in emulator.control("functions/function")["processes"]}
        assert created["pid"] in pids
        assert emulator.stop() == 0
        assert all(gone(pid) for pid in pids)


def test_a_misspelt_bucket_of_a_trigger_or_a_clock_that_runs_ahead_would_not_be_told_at_the_start(
    tmp_path: Path, command: list[str]
) -> None:
    folder = code(tmp_path / "code", "def handler(event, context): print('hello')")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "clock").write_text("86400.0")
    options = ["--function", str(folder), "--trigger-bucket", "photoz", "--verbose"]
    with up([*command, *options], complaints := []) as emulator:
        assert emulator.process.stdout is not None
        told = [emulator.process.stdout.readline().strip() for _ in range(3)]
        assert told[0] == f"the clock of OSS and COS is 86400 seconds ahead, as {emulator.url}/_emulator/clock tells"
        assert told[2] == (
            "function function: the bucket photoz of its trigger does not exist yet;"
            " --bucket photoz or any client makes it"
        )
        request = urllib.request.Request(f"{emulator.url}/_emulator/functions/function/invoke", data=b"{}")
        with urllib.request.urlopen(request) as answer:
            request_id = answer.headers["X-Fc-Request-Id"]
        lines = ("FC Invoke Start RequestId: " + request_id, "hello", "FC Invoke End RequestId: " + request_id)
        complaints += [f"function {request_id} {line}" for line in lines]


def test_labels_come_from_the_detector_command(command: list[str]) -> None:
    with up(command) as emulator, emulator.bucket() as bucket:
        bucket.put_object("a.jpg", b"bytes")
        answer = json.loads(bucket.get_object("a.jpg", process="image/labels").read())
        assert [label["LabelName"] for label in answer["Labels"]] == ["狗"]
        assert emulator.control("health") == {"status": "ok", "process": emulator.process.pid}
        assert emulator.stop(signal.SIGINT) == 0


def test_failing_function_is_retried_listed_and_put_back(
    tmp_path: Path, command: list[str], function: list[str]
) -> None:
    (tmp_path / "record.fail").touch()
    complaints: list[str] = []
    with up([*command, *function], complaints) as emulator, emulator.bucket() as bucket:
        bucket.put_object("a.jpg", b"bytes")
        while not (failures := emulator.control("functions/function/failures")["failures"]):
            time.sleep(0.02)
        assert failures[0]["error"]["errorMessage"] == "told to fail"
        complaints.append(
            f"emulator: function function failed for good on the event with request id {failures[0]['request_id']}:"
            f" ValueError: told to fail; {tmp_path / 'data/functions/function.log'} has the function's output,"
            " GET /_emulator/functions/function/failures lists the event"
        )
        assert len(records(tmp_path, 4)) == 4
        (tmp_path / "record.fail").unlink()
        assert emulator.control("functions/function/failures/redrive", b"") == {"redriven": 1}
        assert len(records(tmp_path, 5)) == 5


def test_event_under_way_when_the_emulator_is_killed_is_delivered_again(
    tmp_path: Path, command: list[str], function: list[str]
) -> None:
    (tmp_path / "record.hang").touch()
    with up([*command, *function, "--function-timeout", "5"]) as emulator, emulator.bucket() as bucket:
        bucket.put_object("a.jpg", b"bytes")
        records(tmp_path, 1)
        assert emulator.stop(signal.SIGKILL) == -signal.SIGKILL
    (tmp_path / "record.hang").unlink()
    with up([*command, *function]) as emulator, emulator.bucket() as bucket:
        first, again = records(tmp_path, 2)
        assert first["event"] == again["event"]
        assert bucket.get_object("a.jpg").read() == b"bytes"


def test_a_client_that_waits_for_a_function_does_not_keep_the_emulator_from_stopping(
    tmp_path: Path, command: list[str], function: list[str]
) -> None:
    (tmp_path / "record.hang").touch()
    answers = []
    with up([*command, *function, "--function-timeout", "3600"]) as emulator:
        caller = threading.Thread(target=lambda: answers.append(emulator.control("functions/function/invoke", b"{}")))
        caller.start()
        records(tmp_path, 1)
        assert emulator.stop() == 0
        caller.join()
    assert answers[0]["errorType"] == "ProcessExitedError"


def test_root_key_comes_from_the_environment_and_its_secret_is_not_shown(command: list[str]) -> None:
    key = "not-the-default"
    with up(command, EMULATOR_ACCESS_KEY_ID=key, EMULATOR_ACCESS_KEY_SECRET=key) as emulator:
        assert emulator.ready.endswith(", key id not-the-default")
        with emulator.bucket(key=key) as bucket:
            bucket.put_object("a", b"")
        with emulator.bucket() as bucket, pytest.raises(oss2.exceptions.ServerError, match="InvalidAccessKeyId"):
            bucket.put_object("a", b"")


def test_a_refused_request_would_not_be_told_on_the_error_output(command: list[str]) -> None:
    with up(command) as emulator, emulator.bucket() as bucket:
        with pytest.raises(oss2.exceptions.NoSuchKey) as caught:
            bucket.get_object("a")
        assert emulator.stop() == 0
        assert emulator.process.stderr is not None
        told = emulator.process.stderr.read().splitlines()
        (line,) = [line for line in told if not line.startswith(SLOW)]
        said = f"refused OSS GET photos/a 404 NoSuchKey: The specified key does not exist. [{caught.value.request_id}]"
        assert line.partition(" ")[2] == said


def test_port_in_use_is_told(command: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, said = refused([port if part == "0" else part for part in command])
    assert (status, said.count("\n")) == (1, 1)
    assert f"cannot listen on port {port}" in said
    assert "--port" in said


def test_data_folder_of_a_running_emulator_is_refused(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / "lock").open("w") as lock:
        lock.write("4711\n")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        status, said = refused(command)
    assert status == 1
    assert "in use by another emulator (process 4711)" in said


def test_detector_that_cannot_work_stops_it_before_it_listens(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "detector" / "detect.py").write_text("import sys; sys.exit('the model file /m is missing')")
    status, said = refused(command)
    assert status == 1
    assert "the model file /m is missing" in said


@pytest.mark.parametrize(
    ("more", "status", "named"),
    [
        (["--function", "/nowhere"], 1, "code and paths are folders, and '/nowhere' is none"),
        (["--function", ".", "--handler", "index"], 1, "index.handler"),
        (["--function", ".", "--trigger-event", "PutObject"], 1, "no such trigger event: PutObject"),
        (["--trigger-suffix", ".jpg"], 1, "--function"),
        (["--function-env", "hush"], 2, "NAME=VALUE"),
        (["--function-timeout", "0"], 2, "above 0"),
        (["--function-python", "/nowhere/python"], 2, "/nowhere/python"),
        (["--bucket", "No_Such"], 2, "No_Such"),
        (["--port", "99999"], 2, "99999 is no port"),
        (["--port", "-1"], 2, "-1 is no port"),
        (["--port", "http"], 2, "http is no port"),
        (["--data", ""], 2, "the name of the folder is empty"),
        (["--data", "LICENSE"], 2, "LICENSE is a file and no folder"),
        (["--detector", "'x"], 2, "'x is no command"),
        (["--detector", " "], 2, "the command is empty"),
        (["--time-scale", "nan"], 2, "nan is not a number from 0 up"),
        (["--time-scale", "-1"], 2, "-1 is not a number from 0 up"),
        (["--index-lag", "soon"], 2, "soon is not a number of seconds above 0"),
        (["--imm-rate", "inf"], 2, "inf is not a number above 0"),
        (["--credentials-seconds", "0"], 2, "0 is not a number of seconds above 0"),
        (["--function-memory", "0"], 2, "0 is not a number of MB above 0"),
        (["--function", ".", "--function-instances", "1000"], 2, "1000 is not a number from 1 to 999"),
        (["--function", ".", "--function-service", "a b"], 1, "the name of a service is up to 128"),
        (["--scf-rate", "0"], 2, "0 is not a number above 0"),
        (["--cos-bucket", "photos"], 2, "APPID"),
        (["--deploy", "/nowhere.json"], 1, "/nowhere.json: No such file"),
        (["--dat", "x", "--bukket", "y"], 2, "unrecognized arguments: --dat x --bukket y"),
    ],
)
def test_argument_that_makes_no_sense_is_named(
    command: list[str], capsys: pytest.CaptureFixture[str], more: list[str], status: int, named: str
) -> None:
    from emulator.__main__ import main

    try:
        ended = main([*command[3:], *more])
    except SystemExit as system_exit:
        ended = system_exit.code if isinstance(system_exit.code, int) else -1
    said = capsys.readouterr().err
    assert ended == status
    assert named in said.splitlines()[0]
    assert len(said.splitlines()) <= 2
    assert "'hush'" not in said


@pytest.mark.parametrize(
    ("called", "shown"),
    [("/venv/bin/imagelabels-emulator", "imagelabels-emulator"), ("/x/__main__.py", "python -m emulator")],
)
def test_the_help_that_is_pointed_to_is_called_as_the_emulator_was(
    called: str, shown: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", [called])
    with pytest.raises(SystemExit):
        parser().parse_args(["up"])
    assert f"`{shown} up --help`" in capsys.readouterr().err


def test_every_argument_is_explained() -> None:
    (up_parser,) = (action for action in parser()._actions if action.choices)
    assert isinstance(up_parser.choices, dict)
    arguments = up_parser.choices["up"]._actions
    assert len(arguments) > 15
    assert all(argument.help for argument in arguments)


@pytest.mark.parametrize(
    "name",
    [
        "store.sqlite",
        "cos/store.sqlite",
        "tablestore/tablestore.sqlite",
        "objects",
        "functions",
        "functions/function.sqlite",
        "functions/function.log/folder",
        "clock/folder",
    ],
)
def test_data_folder_that_holds_something_else_is_named(
    tmp_path: Path, command: list[str], function: list[str], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    from emulator.__main__ import main

    file = tmp_path / "data" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"this is no database " * 100)
    assert main([*command[3:], *function]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"emulator: the data folder {tmp_path / 'data'} holds what the emulator cannot use")
    assert said.count("\n") == 1


def test_rules_of_a_file_strike_from_the_start(command: list[str], tmp_path: Path) -> None:
    rules = {"rules": [{"do": "error", "operation": "PUT object", "code": "InternalError", "times": 1}]}
    (tmp_path / "faults.json").write_text(json.dumps(rules))
    with (
        up([*command, "--faults", str(tmp_path / "faults.json"), "--seed", "9", "--log-requests", "none"]) as emulator,
        emulator.bucket() as photos,
    ):
        with pytest.raises(oss2.exceptions.ServerError) as caught:
            photos.put_object("a", b"x")
        assert caught.value.code == "InternalError"
        photos.put_object("a", b"x")
        shown = emulator.control("faults")
    assert shown["seed"] == 9
    assert shown["rules"] == [{**rules["rules"][0], "matched": 2, "applied": 1}]


def test_a_wrong_file_of_rules_is_told_in_one_line(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "faults.json").write_text('{"rules": [{"do": "drop", "share": 2}]}')
    ended = subprocess.run(
        [*command, "--faults", str(tmp_path / "faults.json")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr == (
        f"emulator: the file of faults {tmp_path / 'faults.json'}: rule 1: share takes a number from 0 to 1, not '2'\n"
    )
