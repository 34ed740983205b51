"""The log of requests tells why the URL of a function gave no success."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from emulator.core.request_log import RequestLog
from emulator.tencent.scf.platform import ServerlessCloudFunction
from tests.emulator.invoking import RunningFunctions, deployed, running_functions, waiting_call

SOURCE = """
    import json, pathlib, time

    def handler(event, context):
        asked = json.loads((json.loads(event) if isinstance(event, bytes) else event)["body"])
        if "touch" in asked:
            pathlib.Path(asked["touch"]).touch()
        while "wait" in asked and not pathlib.Path(asked["wait"]).exists():
            time.sleep(0.01)
        if "raise" in asked:
            raise ValueError(asked["raise"])
        return asked["answer"]
    """
TIME = re.compile(r"\d\d:\d\d:\d\d\.\d\d\d ")
ID = r" \[[0-9a-f-]{36}\]"


@contextmanager
def running(data: Path, which: str = "refused") -> Iterator[tuple[RunningFunctions, list[str]]]:
    """Run functions that have a URL, and collect the lines of the log without their times."""
    lines: list[str] = []
    log = RequestLog(which, lambda text: lines.append(TIME.sub("", text, count=1)))
    functions = (
        deployed(data, "album", source=SOURCE, http={"methods": ["POST"]}, instances=1),
        deployed(data, "signed", source=SOURCE, http={"auth": "function"}),
        deployed(data, "gallery", ServerlessCloudFunction(), SOURCE, {}, instances=1),
    )
    with running_functions(data, *functions, requests=log) as emulated:
        yield emulated, lines


@pytest.fixture
def log(tmp_path: Path) -> Iterator[tuple[RunningFunctions, list[str]]]:
    with running(tmp_path) as both:
        yield both


def ask(emulated: RunningFunctions, name: str, **asked: Any) -> Any:
    return emulated.raw("POST", f"/_functions/{name}/a%20b?token=hush", {}, json.dumps(asked).encode())


@pytest.mark.parametrize(
    ("name", "asked", "told"),
    [
        ("album", {"raise": "no 狗"}, r"failed FC URL POST album/a%20b 502 ValueError: no 狗"),
        ("album", {"answer": {"statusCode": 99}}, r"failed FC URL POST album/a%20b 502 BadResponse: .+ statusCode .+"),
        ("album", {"answer": {"statusCode": 404}}, r"refused FC URL POST album/a%20b 404 The function answered .+"),
        ("signed", {}, r"refused FC URL POST signed/a%20b 400 MissingRequiredHeader: required HTTP header .+"),
        ("gallery", {"raise": "no 狗"}, r"refused SCF URL POST gallery/a%20b 430 ValueError: no 狗"),
        ("gallery", {"answer": {"statusCode": 99}}, r"failed SCF URL POST gallery/a%20b 502 invalid HTTP response: .+"),
        ("gallery", {"answer": {"statusCode": 404}}, r"refused SCF URL POST gallery/a%20b 404 The function .+"),
    ],
)
def test_a_url_would_give_no_success_and_the_log_no_reason(
    log: tuple[RunningFunctions, list[str]], name: str, asked: dict[str, Any], told: str
) -> None:
    emulated, lines = log
    _, headers, _ = ask(emulated, name, **asked)
    (text,) = lines
    assert re.fullmatch(told + ID, text), text
    assert text.endswith(f"[{headers['X-Fc-Request-Id'] or headers['X-Scf-Request-Id']}]")


def test_a_request_that_reaches_no_function_would_leave_no_reason(log: tuple[RunningFunctions, list[str]]) -> None:
    emulated, lines = log
    emulated.raw("GET", "/_functions/no%0A/x?token=hush")
    emulated.raw("GET", "/_functions/album/x")
    emulated.raw("POST", "/_functions/gallery/", {}, b"x" * (6 * 1024 * 1024 + 1))
    assert lines[0] == "refused Function URL GET /_functions/no%0A 404 No function with a URL is called no%0A."
    assert lines[1].startswith("refused FC URL GET album/x 403 AccessDenied: The HTTP trigger does not take the method")
    assert lines[2].startswith("refused SCF URL POST gallery/ 413 The size of request exceeds the upper limit")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("album", "refused FC URL POST album/a%20b 429 ResourceExhausted: The limit of instances"),
        ("gallery", "refused SCF URL POST gallery/a%20b 432 Function [ gallery ] concurrency exceeded"),
    ],
)
def test_a_busy_function_would_leave_no_reason(
    log: tuple[RunningFunctions, list[str]], tmp_path: Path, name: str, told: str
) -> None:
    emulated, lines = log
    with waiting_call(lambda asked: ask(emulated, name, answer="", **asked), tmp_path):
        ask(emulated, name, answer="")
        if name == "gallery":
            emulated.scf(name)
    assert lines[0].startswith(told)
    assert all(line.startswith("refused SCF POST Invoke 200 432: Function [ gallery ]") for line in lines[1:])
    assert len(lines) == (2 if name == "gallery" else 1)


def test_the_line_would_not_show_the_id_that_the_client_got(tmp_path: Path) -> None:
    with running(tmp_path, "all") as (emulated, lines):
        queued = {"X-Fc-Invocation-Type": "Async"}
        _, by_url, _ = emulated.raw("POST", "/_functions/album/", queued, b'{"answer": ""}')
        by_api = emulated.fc3("album", {"answer": ""}, x_fc_invocation_type="Async").headers["x-fc-request-id"]
    assert f"answered FC URL POST album/ 202 [{by_url['X-Fc-Request-Id']}]" in lines
    assert any(line.startswith("answered FC POST") and line.endswith(f" 202 [{by_api}]") for line in lines)
