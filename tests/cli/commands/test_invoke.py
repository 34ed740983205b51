"""`imagelabels invoke`, over function platforms in memory."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from imagelabels.cli.commands import invoke
from imagelabels.cli.main import main
from imagelabels.clouds import FunctionPlatform
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.ports.invoker import Invoker
from tests.invoking import DeployedFunction, FakeInvoker
from tests.site import Terminal

A, B = "oss://photos/2026/a.jpg", "oss://photos/2026/b.jpg"


def event(refs: Sequence[ObjectRef], request: str | None = None) -> bytes:
    return json.dumps([ref.uri for ref in refs]).encode()


def labelled(event: bytes) -> dict[str, Any]:
    return {"records": [{"uri": uri, "state": "labelled", "label_ids": ["dog"]} for uri in json.loads(event)]}


def answering(**record: Any) -> DeployedFunction:
    return lambda event: {"records": [{"uri": uri, **record} for uri in json.loads(event)]}


class Invocations:
    """Runs the command over one function, `label`."""

    def __init__(self, function: DeployedFunction) -> None:
        self.invoker = FakeInvoker({"label": function})
        self.asked: list[tuple[str, str | None]] = []

    def connect(self, scheme: str, through: str | None) -> tuple[FunctionPlatform, Invoker]:
        self.asked.append((scheme, through))
        return FunctionPlatform("fake", "NAME", "a function", lambda session: self.invoker, event), self.invoker

    def __call__(self, *words: str) -> int:
        return invoke.run(invoke.command().parsed(*words), self.connect)


def shown(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_each_picture_has_a_line_with_its_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    assert Invocations(labelled)("label", A, B) == 0
    assert shown(capsys) == [f"{A}: labelled: dog", f"{B}: labelled: dog"]


def test_a_picture_that_is_named_twice_is_given_to_the_function_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert Invocations(labelled)("label", A, B, A) == 0
    assert shown(capsys) == [f"{A}: labelled: dog", f"{B}: labelled: dog"]


@pytest.mark.parametrize(
    ("record", "status", "line"),
    [
        ({"state": "labelled", "notes": ["no_labels"]}, 0, "labelled: no_labels"),
        ({"state": "labelled", "notes": ["corrected"], "label_ids": ["cat"]}, 0, "labelled: corrected; cat"),
        ({"state": "unchanged", "label_ids": ["cat", "mammal"]}, 0, "unchanged: cat, mammal"),
        ({"state": "skipped", "reason": "not_image"}, 0, "skipped: not_image"),
        ({"state": "removed"}, 0, "removed"),
        (
            {"state": "parked", "reason": "forbidden", "message": "no permission"},
            1,
            "parked: forbidden (no permission)",
        ),
        ({"state": "failed", "reason": "bad_event"}, 1, "failed: bad_event"),
        ({"state": "labelled", "label_ids": ["\x1b[31m"]}, 0, "labelled: \\x1b[31m"),
        ({"state": "\n", "reason": "\u202e", "message": "\x07"}, 1, "\\n: \\u202e (\\x07)"),
    ],
)
def test_an_outcome_is_shown_with_what_is_worth_knowing_and_no_terminal_obeys_it(
    capsys: pytest.CaptureFixture[str], record: dict[str, Any], status: int, line: str
) -> None:
    assert Invocations(answering(**record))("label", A) == status
    assert shown(capsys) == [f"{A}: {line}"]


def test_a_failure_inside_the_function_is_shown_with_its_kind_and_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(event: bytes) -> None:
        raise ValueError("no\x1b dog" + "!" * 5000)

    assert Invocations(fail)("label", A) == 1
    (line,) = shown(capsys)
    assert line.startswith(f"{A}: failed: ValueError: no\\x1b dog!!!")


def test_a_platform_that_does_not_run_the_function_is_shown_and_the_next_pictures_are_tried(
    capsys: pytest.CaptureFixture[str],
) -> None:
    uris = [f"oss://photos/{number}.jpg" for number in range(41)]
    command = Invocations(labelled)
    command.invoker.fails = [Unavailable("throttled", "too many invocations")]
    assert command("label", *uris) == 1
    lines = shown(capsys)
    assert lines[0] == f"{uris[0]}: failed: too many invocations"
    assert lines[40] == f"{uris[40]}: labelled: dog"


def test_what_is_accepted_for_later_is_shown_with_the_id_of_its_request(capsys: pytest.CaptureFixture[str]) -> None:
    command = Invocations(labelled)
    assert command("label", A, B, "--async") == 0
    assert shown(capsys) == [f"{A}: accepted: request request-1", f"{B}: accepted: request request-1"]
    assert len(command.invoker.waiting) == 1


def test_programs_get_one_line_of_json_for_each_picture(capsys: pytest.CaptureFixture[str]) -> None:
    command = Invocations(labelled)
    assert command("label", A, "--format", "json") == 0
    (line,) = map(json.loads, shown(capsys))
    assert (line["uri"], line["state"], line["label_ids"], line["request_id"]) == (A, "labelled", ["dog"], "request-1")
    command.invoker.fails = [Unavailable("throttled", "busy")] * 2
    assert command("label", A, "--format", "json") == 1
    (line,) = map(json.loads, shown(capsys))
    assert (line["state"], line["reason"], line["message"], line["request_id"]) == ("failed", "throttled", "busy", None)
    assert command("label", A, "--async", "--format", "json") == 1
    (line,) = map(json.loads, shown(capsys))
    assert line == {
        "uri": A,
        "request_id": None,
        "accepted": False,
        "error": {"reason": "throttled", "message": "busy"},
    }


def test_the_lines_fit_a_terminal_of_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    message = "the role needs a permission that it does not have, as the service says at some length"
    record = {"state": "parked", "reason": "forbidden", "message": message}
    assert Invocations(answering(**record))("label", A) == 1
    lines = terminal.getvalue().splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 80


def test_the_platform_is_chosen_by_the_uris_and_by_through() -> None:
    command = Invocations(labelled)
    command("label", A, "--through", "fc2")
    command("label", "cos://photos-1250000000/a.jpg")
    assert command.asked == [("oss", "fc2"), ("cos", None)]


def test_pictures_of_two_clouds_are_refused_before_anything_is_invoked(capsys: pytest.CaptureFixture[str]) -> None:
    command = Invocations(labelled)
    assert command("label", A, "cos://photos-1250000000/a.jpg") == 2
    assert "the URIs are of oss:// and cos://" in capsys.readouterr().err
    assert command.asked == []


def test_a_picture_that_no_event_can_name_is_refused_before_anything_is_invoked() -> None:
    def refuse(refs: Sequence[ObjectRef], request: str | None = None) -> bytes:
        if any(ref.key == "bad" for ref in refs):
            raise Misconfigured("cannot be given to a function")
        return event(refs)

    invoker = FakeInvoker({"label": labelled})
    connect: Callable[..., Any] = lambda *_: (FunctionPlatform("x", "", "", lambda session: invoker, refuse), invoker)  # noqa: E731
    uris = [f"oss://photos/{number}.jpg" for number in range(50)]
    with pytest.raises(Misconfigured):
        invoke.run(invoke.command().parsed("label", *uris, "oss://photos/bad"), connect)
    assert invoker.events == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "FUNCTION is missing"),
        (["label"], "URI is missing: pictures in buckets of one cloud"),
        (["label", "oss://photos/2026/"], "oss://photos/2026/ names all objects below it: name each picture"),
        (["label", "oss://photos"], "oss://photos names all objects below it"),
        (["label", "file:///home/me/a.jpg"], "no function reads: use `imagelabels detect`"),
        (["label", "/home/me/a.jpg"], "is a path of this machine"),
        (["label", "s3://photos/a.jpg"], "does not begin like a URI"),
        (["label", A, "--through", "lambda"], "lambda is not one of fc, fc2, scf"),
        (["label", A, "--through", "scf"], "no function behind scf labels oss:// objects: use fc or fc2"),
        (["label", A], "FC_REGION is not set"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_to_do(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FC_REGION", "ALIBABA_CLOUD_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    assert main(["invoke", *words]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("environ", "words", "said"),
    [
        ({}, [A], "no credentials"),
        (
            {"ALIBABA_CLOUD_ACCESS_KEY_ID": "id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "secret"},
            [A, "--through", "fc2"],
            "IMAGELABELS_FC_ACCOUNT_ID is not set: name the account",
        ),
        ({"IMAGELABELS_FC_ACCOUNT_ID": "me"}, [A], "IMAGELABELS_FC_ACCOUNT_ID is not the id of an account"),
        ({"IMAGELABELS_ENDPOINT_FC": "fc.example.com"}, [A], "IMAGELABELS_ENDPOINT_FC: must be http:// or https://"),
        ({"IMAGELABELS_ENDPOINT_CF": "x"}, [A], "did you mean IMAGELABELS_ENDPOINT"),
        (
            {"TENCENTCLOUD_SECRETID": "id", "TENCENTCLOUD_SECRETKEY": "secret"},
            ["cos://photos-1250000000/a.jpg"],
            "TENCENTCLOUD_REGION is not set: name the function's region",
        ),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_named(
    environ: dict[str, str],
    words: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "TENCENTCLOUD_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"FC_REGION": "cn-hangzhou", **environ}.items():
        monkeypatch.setenv(name, value)
    assert main(["invoke", "label", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_missing_sdk_is_named_with_the_extra_that_brings_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {"FC_REGION": "cn-hangzhou", "ALIBABA_CLOUD_ACCESS_KEY_ID": "a", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "b"}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(sys.modules, "fc2", None)
    for name in ("imagelabels.providers.aliyun.fc2.invoker", "imagelabels.providers.aliyun.fc2.failures"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setenv("IMAGELABELS_FC_ACCOUNT_ID", "1234567890123456")
    assert main(["invoke", "pictures/label", A, "--through", "fc2"]) == 2
    assert "'imagelabels[deploy]'" in capsys.readouterr().err
