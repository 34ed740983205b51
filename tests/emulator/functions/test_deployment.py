"""The file that lists functions: how it is read, and why it may be refused."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator.aliyun.fc.http_trigger import HttpTrigger
from emulator.aliyun.fc.triggers import OssTriggerRule
from emulator.functions.deployment import Deployed, FunctionFiles
from emulator.functions.triggers import ChangeFilter
from emulator.services import PLATFORMS
from emulator.tencent.scf.function_url import FunctionUrl
from emulator.tencent.scf.triggers import CosTriggerRule

LABEL: dict[str, Any] = {"cloud": "tencent", "name": "label", "code": "code"}


def read(tmp_path: Path, content: object) -> list[Deployed]:
    (tmp_path / "code").mkdir(exist_ok=True)
    file = tmp_path / "functions.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return FunctionFiles(PLATFORMS, tmp_path / "data", Path(sys.executable)).read(file)


def test_functions_of_both_clouds_come_with_what_their_clouds_expect(tmp_path: Path) -> None:
    oss = {"cloud": "aliyun", "name": "other", "code": "code", "trigger": {"bucket": "photos"}}
    first, second = read(tmp_path, [LABEL | {"trigger": {"bucket": "photos-1250000000"}}, oss])
    assert (first.function.handler, second.function.handler) == ("index.main_handler", "index.handler")
    assert (first.platform.name, second.platform.name) == ("Scf", "Fc")
    assert isinstance(first.rule, CosTriggerRule)
    assert isinstance(second.rule, OssTriggerRule)
    assert first.rule.changes.events == ("cos:ObjectCreated:*", "cos:ObjectRemove:*")
    assert first.rule.function == "label"
    assert first.function.temporary != second.function.temporary


def test_the_example_of_the_page_would_be_refused(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "emulator" / "functions.md").read_text("utf-8")
    example = next(block for block in page.split("```json\n")[1:] if block.startswith("[")).partition("```")[0]
    for folder in ("thumbs", "shared", "label"):
        (tmp_path / folder).mkdir()
    first, second = read(tmp_path, example)
    assert (first.function.name, second.function.name) == ("thumbs", "label")
    assert first.url is not None
    assert second.function.settings.load_timeout == 65


def test_every_field_counts_and_folders_are_relative_to_the_file(tmp_path: Path) -> None:
    trigger = {
        "bucket": "photos-1250000000",
        "events": ["cos:ObjectCreated:Put"],
        "prefix": "in/",
        "suffix": ".jpg",
        "key_encoding": "percent",
    }
    given = {"handler": "a.b", "paths": ["."], "environment": {"A": "1"}, "timeout": 3, "memory": 128}
    (one,) = read(tmp_path, [LABEL | given | {"trigger": trigger}])
    function = one.function
    assert (function.code, function.search_paths) == (tmp_path / "code", (tmp_path,))
    assert (function.handler, function.environment, function.timeout, function.memory) == ("a.b", {"A": "1"}, 3, 128)
    assert one.rule == CosTriggerRule(
        "label",
        ChangeFilter("photos-1250000000", ("cos:ObjectCreated:Put",), "in/", ".jpg"),
        key_encoding="percent",
    )


def test_a_function_may_have_a_service_and_a_limit_of_instances(tmp_path: Path) -> None:
    (one,) = read(tmp_path, [LABEL | {"cloud": "aliyun", "service": "pictures", "instances": 3}])
    assert (one.function.service, one.function.instances) == ("pictures", 3)


def test_what_only_one_cloud_can_set_comes_by_the_vendors_names(tmp_path: Path) -> None:
    lifecycle = {"initializer": {"handler": "index.start", "timeout": 10}}
    aliyun = LABEL | {"cloud": "aliyun", "instanceLifecycleConfig": lifecycle, "instanceConcurrency": 1}
    tencent = LABEL | {"name": "other", "InitTimeout": 90, "AsyncTriggerConfig": {"MsgTTL": 60}}
    first, second = (deployed.function.settings for deployed in read(tmp_path, [aliyun, tencent]))
    assert first.initializer is not None
    assert (first.initializer.handler, first.initializer.timeout) == ("index.start", 10)
    assert (first.asynchronous, first.pre_stop, first.load_timeout) == (None, None, None)
    assert second.asynchronous is not None
    assert (second.asynchronous.age, second.load_timeout) == (60, 90)


def test_a_function_may_have_a_url_beside_its_trigger(tmp_path: Path) -> None:
    http = {"auth": "function", "methods": ["GET", "HEAD", "GET"]}
    first, second = read(tmp_path, [FC | {"http": http, "trigger": {"bucket": "photos"}}, LABEL | {"http": {}}])
    assert first.url == HttpTrigger("own", "function", ("GET", "HEAD"))
    assert first.rule is not None
    assert second.url == FunctionUrl(second.function)


def test_a_custom_runtime_starts_the_declared_command_or_the_file_bootstrap(tmp_path: Path) -> None:
    program = {"command": ["python3"], "args": ["server.py"], "port": 9100}
    declared = FC | {"runtime": "custom.debian12", "custom": program, "instances": 1}
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "bootstrap").touch()
    first, second, third = read(tmp_path, [declared, FC | {"runtime": "custom"}, FC | {"runtime": "python3.12"}])
    assert (first.function.command, first.function.port) == (("python3", "server.py"), 9100)
    assert (second.function.command, second.function.port) == ((str(tmp_path / "code" / "bootstrap"),), None)
    assert (third.function.runtime, third.function.custom) == ("python3.12", False)


def test_function_without_a_trigger_is_called_by_hand_only(tmp_path: Path) -> None:
    assert read(tmp_path, [LABEL])[0].rule is None


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.json: No such file"):
        FunctionFiles(PLATFORMS, tmp_path, Path(sys.executable)).read(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "functions.json: not JSON"),
        ("[" * 100_000, "functions.json: not JSON"),
        ("{}", "must be a list of functions"),
        ("7", "a list"),
    ],
)
def test_file_that_is_no_list_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(tmp_path, content)


FC: dict[str, Any] = {"cloud": "aliyun", "name": "own", "code": "code"}
COS = {"bucket": "photos-1250000000"}


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("label", "must be an object with fields"),
        ({"name": "label", "code": "code"}, "cloud is missing"),
        ({"cloud": "tencent", "code": "code"}, "name is missing"),
        ({"cloud": "tencent", "name": "label"}, "code is missing"),
        (LABEL | {"cloud": "aws"}, "cloud is aliyun or tencent, not 'aws'"),
        (LABEL | {"name": "../x"}, "name is up to 60 of letters"),
        (LABEL | {"code": "nowhere"}, "code and paths are folders, and '.*nowhere' is none"),
        (LABEL | {"paths": ["nowhere"]}, "code and paths are folders, and '.*nowhere' is none"),
        (LABEL | {"handler": "handler"}, "not of the form file.function"),
        (LABEL | {"handlers": "index.handler"}, "there is no field 'handlers'; known are cloud, name"),
        (LABEL | {"timeout": "3"}, 'timeout must be a number, not "3"'),
        (LABEL | {"timeout": True}, "timeout must be a number, not true"),
        *(
            (
                LABEL | {"timeout": timeout},
                f"timeout is more than 0 and at most 86400 seconds, not {re.escape(str(timeout)[:20])}",
            )
            for timeout in (0, -1, 86_401, 10**400, 1e308, float("inf"), float("nan"))
        ),
        (LABEL | {"memory": 1.5}, "memory must be a whole number, not 1.5"),
        (LABEL | {"memory": 0}, "memory must be 1 MB or more, not 0"),
        (LABEL | {"instances": 0}, "limit of instances must be 1 to 999, not 0"),
        (LABEL | {"instances": 10**9}, "limit of instances must be 1 to 999"),
        (LABEL | {"instances": True}, "instances must be a whole number, not true"),
        (LABEL | {"service": "pictures"}, "service is for aliyun: functions of tencent belong to none"),
        (LABEL | {"cloud": "aliyun", "service": "a.b"}, "the name of a service is up to 128"),
        (LABEL | {"environment": {"A=B": "1"}}, "'A=B' cannot be an environment variable"),
        (LABEL | {"environment": {"A": "\0"}}, "'A' cannot be an environment variable"),
        (LABEL | {"environment": {"A": "\ud800"}}, "'A' cannot be an environment variable"),
        (LABEL | {"environment": {"\ud800": "a"}}, r"'\\ud800' cannot be an environment variable"),
        (LABEL | {"code": "\x1b"}, r"code and paths are folders, and '.*\\x1b' is none"),
        (LABEL | {"code": "\0"}, r"code and paths are folders, and '.*\\x00' is none"),
        (LABEL | {"paths": [1]}, "paths: 1 must be a text, not 1"),
        (LABEL | {"environment": {"A": 1}}, "environment: A must be a text, not 1"),
        (LABEL | {"environment": {"SCF_X": "1"}}, "refuses variables that begin with .*: SCF_X"),
        (LABEL | {"environment": {"TENCENTCLOUD_SECRETID": "1"}}, "refuses .*: TENCENTCLOUD_SECRETID"),
        (LABEL | {"asyncInvokeConfig": {}}, "asyncInvokeConfig is for aliyun: functions of tencent do not have it"),
        (LABEL | {"cloud": "aliyun", "DeadLetterConfig": {}}, "DeadLetterConfig is for tencent: functions of aliyun"),
        (
            LABEL | {"cloud": "aliyun", "instanceConcurrency": 2},
            "instanceConcurrency: an instance",
        ),
        (LABEL | {"cloud": "aliyun", "asyncInvokeConfig": 1}, "asyncInvokeConfig must be an object, not 1"),
        (LABEL | {"trigger": []}, r"trigger must be an object, not \[\]"),
        (LABEL | {"trigger": {}}, "trigger: bucket is missing"),
        (LABEL | {"trigger": {"bucket": "photos"}}, "'photos' is no bucket of COS"),
        (LABEL | {"trigger": COS | {"event": "x"}}, "there is no field 'event'"),
        (LABEL | {"trigger": COS | {"events": "cos:ObjectCreated:*"}}, 'trigger: events must be a list, not "cos:'),
        (LABEL | {"trigger": COS | {"events": [1]}}, "events: 1 must be a text, not 1"),
        (LABEL | {"trigger": COS | {"events": []}}, "events is empty: the trigger needs at least one event"),
        (LABEL | {"trigger": COS | {"events": ["\x1b"]}}, r"events: no such trigger event: \\x1b; known are"),
        (FC | {"trigger": {"bucket": "Photos"}}, "bucket: 'Photos' is no bucket name"),
        (LABEL | {"trigger": COS | {"events": ["oss:ObjectCreated:*"]}}, "no such trigger event: oss:ObjectCreated"),
        (LABEL | {"trigger": COS | {"key_encoding": "x"}}, "key_encoding is raw or percent"),
        (
            {"cloud": "aliyun", "name": "a", "code": "code", "trigger": {"bucket": "photos", "key_encoding": "raw"}},
            "key_encoding is for tencent",
        ),
        (LABEL | {"runtime": "Python3.9"}, "runtimes of tencent are Python3.10, not 'Python3.9'"),
        (LABEL | {"runtime": "python3.12"}, "runtimes of tencent are Python3.10"),
        (LABEL | {"custom": {}}, "no web functions and no custom runtimes of tencent"),
        (FC | {"runtime": "custom-container"}, "python3.10, python3.12, custom, .*, not 'custom-container'"),
        (
            FC | {"runtime": "custom"},
            "there is no file .*bootstrap to start: add it, or name the program in custom.command",
        ),
        (FC | {"custom": {}}, "custom needs one of the runtimes custom, custom.debian10"),
        (FC | {"runtime": "custom", "custom": {"command": []}}, "command and args are strings that are not empty"),
        (FC | {"runtime": "custom", "custom": {"args": ["a\0"]}}, "command and args are strings"),
        (FC | {"runtime": "custom", "custom": {"args": ["\ud800"]}}, "command and args are strings"),
        (FC | {"runtime": "custom", "custom": {"port": 65536}}, "port is 1 to 65535, not 65536"),
        (FC | {"runtime": "custom", "custom": {"port": 9100}}, "port of its own needs .instances.: 1"),
        (FC | {"http": {"auth": "NONE"}}, "auth is anonymous or function, not 'NONE'"),
        (FC | {"http": {"methods": ["TRACE"]}}, "no such method: 'TRACE'"),
        (FC | {"http": {"methods": []}}, "methods is empty"),
        (FC | {"http": {"methods": [1]}}, "methods: 1 must be a text, not 1"),
        (FC | {"http": {"path": "/"}}, "there is no field 'path'; known are auth, methods"),
    ],
)
def test_what_is_wrong_with_a_function_is_said_with_its_place_in_the_file(
    tmp_path: Path, function: object, message: str
) -> None:
    with pytest.raises(ValueError, match=rf"functions.json: function (\S* \(number 2\)|number 2): .*{message}"):
        read(tmp_path, [LABEL, function])
