"""These tests use keys that were pasted with a space or a line break.

Both functions and the commands must name the variable, and must not print, log or raise the value.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from functions.aliyun_label.index import handler
from functions.tencent_label.index import main_handler
from imagelabels import wiring
from imagelabels.cli import main as cli
from imagelabels.domain.errors import Misconfigured

ALIYUN = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN")
TENCENT = ("TENCENTCLOUD_SECRETID", "TENCENTCLOUD_SECRETKEY", "TENCENTCLOUD_SESSIONTOKEN")
VALUES = ("KEYIDkeyid", "SECRETsecret", "TOKENtoken")
STRAY = (" {}", "{}\n", "{}\r\nX: y")
EVENTS = Path(__file__).parents[1] / "events"


@pytest.fixture(autouse=True)
def environ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    for name, value in zip((*ALIYUN, *TENCENT), VALUES * 2, strict=True):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FC_REGION", "cn-hangzhou")
    monkeypatch.setenv("TENCENTCLOUD_REGION", "ap-guangzhou")
    monkeypatch.setenv("IMAGELABELS_ENDPOINT_OSS", "http://127.0.0.1:9")
    monkeypatch.setenv("IMAGELABELS_ENDPOINT_COS", "http://127.0.0.1:9")
    monkeypatch.setenv("IMAGELABELS_INDEX", f"sqlite:///{tmp_path}/labels.db")
    wiring._built.cache_clear()
    yield monkeypatch
    wiring._built.cache_clear()


def on_aliyun() -> Any:
    context = SimpleNamespace(function=SimpleNamespace(timeout=90), request_id="r", credentials=None)
    return handler((EVENTS / "aliyun" / "append_object.json").read_bytes(), context)


def on_tencent() -> Any:
    return main_handler({"Records": []}, {"request_id": "r", "time_limit_in_ms": 90_000})


@pytest.mark.parametrize("stray", STRAY, ids=["space before", "newline behind", "header behind"])
@pytest.mark.parametrize(("function", "names"), [(on_aliyun, ALIYUN), (on_tencent, TENCENT)], ids=["aliyun", "tencent"])
@pytest.mark.parametrize("which", range(3))
def test_a_function_names_the_variable_and_quotes_nothing(
    environ: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    function: Callable[[], Any],
    names: tuple[str, ...],
    which: int,
    stray: str,
) -> None:
    environ.setenv(names[which], stray.format(VALUES[which]))
    with pytest.raises(Misconfigured, match=names[which]) as caught:
        function()
    output = "".join(traceback.format_exception(caught.value)) + "".join(capsys.readouterr())
    assert not any(value in output for value in VALUES)


@pytest.mark.parametrize("stray", STRAY, ids=["space before", "newline behind", "header behind"])
@pytest.mark.parametrize(("scheme", "names"), [("oss", ALIYUN), ("cos", TENCENT)])
@pytest.mark.parametrize("which", range(3))
def test_a_command_names_the_variable_and_quotes_nothing(
    environ: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    scheme: str,
    names: tuple[str, ...],
    which: int,
    stray: str,
) -> None:
    environ.setenv("IMAGELABELS_DETECTOR", "oss" if scheme == "oss" else "ci")
    assert cli.main(["index", "create"]) == 0
    environ.setenv(names[which], stray.format(VALUES[which]))
    assert cli.main(["undo", f"{scheme}://photos-1250000000/", "--dry-run"]) == 2
    output = "".join(capsys.readouterr())
    assert names[which] in output
    assert not any(value in output for value in VALUES)
