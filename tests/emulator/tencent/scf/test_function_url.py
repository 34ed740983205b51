"""URLs of functions of SCF, called as any HTTP client calls them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.functions.function import Function
from emulator.tencent.scf.function_url import FunctionUrl
from emulator.tencent.scf.platform import ServerlessCloudFunction
from tests.emulator.invoking import RunningFunctions, deployed, running_functions, waiting_call

SOURCE = """
    import json, os, pathlib, time

    def handler(event, context):
        asked = json.loads(event["body"] or "{}") if "x-do" in event["headers"] else {}
        if "touch" in asked:
            pathlib.Path(asked["touch"]).touch()
        while "wait" in asked and not os.path.exists(asked["wait"]):
            time.sleep(0.01)
        if "raise" in asked:
            raise ValueError(asked["raise"])
        if "exit" in asked:
            os._exit(3)
        if "make" in asked:
            return "x" * asked["make"]
        return asked.get("answer", event)
    """


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[RunningFunctions]:
    scf = ServerlessCloudFunction()
    functions = (
        deployed(tmp_path, "album", scf, SOURCE, {}),
        deployed(tmp_path, "single", scf, SOURCE, {"auth": "NONE"}, instances=1),
        deployed(tmp_path, "hasty", scf, SOURCE, {}, timeout=0.5),
    )
    with running_functions(tmp_path, *functions) as running:
        yield running


def do(emulated: RunningFunctions, name: str = "album", method: str = "POST", **asked: Any) -> Any:
    """Return what a client gets whose body tells the function what to do."""
    return emulated.raw(method, f"/_functions/{name}/", {"X-Do": "1"}, json.dumps(asked).encode())


def failed(answer: Any) -> tuple[int, str]:
    """Return the status and the message of an error, whose document has them and the request id."""
    status, headers, body = answer
    document = json.loads(body)
    assert (document["statusCode"], document["errorCode"]) == (status, -1)
    assert document["requestId"] == headers["X-Scf-Request-Id"]
    return status, document["errorMessage"]


def test_the_event_is_that_of_the_vendors_page(emulated: RunningFunctions) -> None:
    target = "/_functions/album/a%20b?q=1&q=2&name=%E7%8B%97"
    status, headers, body = emulated.raw("PUT", target, {"User-Agent": "browser"}, "狗".encode())
    event = json.loads(body)
    sent = event.pop("headers")
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert (sent["user-agent"], sent["x-scf-remote-addr"]) == ("browser", "127.0.0.1")
    assert event == {"httpMethod": "PUT", "path": "/a b", "queryString": {"q": "1,2", "name": "狗"}, "body": "狗"}


def test_every_address_of_a_url_reaches_its_function(emulated: RunningFunctions, tmp_path: Path) -> None:
    host = FunctionUrl(Function(tmp_path / "code-album", "index.handler", name="album")).host
    assert host.startswith("1250000000-")
    assert host.endswith(".ap-guangzhou.tencentscf.com")
    for name in (host, f"{host.partition('.')[0]}.localhost:{emulated.server.port}"):
        assert json.loads(emulated.raw("GET", "/x", {"Host": name})[2])["path"] == "/x"


def test_an_answer_of_the_function_is_the_clients(emulated: RunningFunctions) -> None:
    page = {"statusCode": 201, "headers": {"Content-Type": "text/html"}, "body": "<p>狗</p>"}
    status, headers, body = do(emulated, answer=page)
    assert (status, headers["Content-Type"], body.decode()) == (201, "text/html", "<p>狗</p>")
    assert do(emulated, "album", "HEAD", answer=page)[::2] == (201, b"")
    assert do(emulated, answer="words")[::2] == (200, b"words")
    assert do(emulated, answer=[1])[::2] == (200, b"[1]")
    picture = {"statusCode": 200, "isBase64Encoded": True, "body": "/9g="}
    assert do(emulated, answer=picture)[2] == b"\xff\xd8"


def test_a_function_that_fails_is_answered_with_the_number_of_its_error(
    emulated: RunningFunctions, tmp_path: Path
) -> None:
    failure = do(emulated, **{"raise": "no 狗"})
    assert failed(failure) == (430, "user code exception caught")
    assert "ValueError: no 狗" in json.loads(failure[2])["stackTrace"]
    assert failed(do(emulated, exit=True)) == (439, "User process exit when running")
    late = do(emulated, "hasty", wait=str(tmp_path / "never"))
    assert failed(late) == (433, "Invoking task timed out after 0.5 seconds")
    assert failed(do(emulated, make=7_000_000))[0] == 407
    assert failed(do(emulated, answer={"statusCode": 99}))[0] == 502
    with waiting_call(lambda asked: do(emulated, "single", **asked), tmp_path) as reply:
        assert failed(do(emulated, "single"))[0] == 432
    assert reply()[0] == 200


def test_a_body_above_the_limit_is_refused(emulated: RunningFunctions) -> None:
    assert failed(emulated.raw("POST", "/_functions/album/", {}, b"x" * (6 * 1024 * 1024 + 1)))[0] == 413


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"auth": "CAM"}, "no authentication 'CAM'"), ({"methods": ["GET"]}, "take every method")],
)
def test_what_the_emulator_does_not_have_is_refused_by_name(
    tmp_path: Path, fields: dict[str, object], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        deployed(tmp_path, "album", ServerlessCloudFunction(), SOURCE, fields)
