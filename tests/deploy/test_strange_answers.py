"""What a deployment makes of answers that are none of the cloud's: those of a proxy, cut ones, and other JSON."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from imagelabels.cli.main import main
from imagelabels.deploy.aliyun import account
from imagelabels.deploy.aliyun.account import Account
from imagelabels.deploy.aliyun.stacks import Stack
from imagelabels.deploy.progress import CallFailed
from imagelabels.deploy.tencent.plan import Call
from imagelabels.deploy.tencent.sdk import Sender

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

ANSWERS = {
    "nothing": b"",
    "a page": b"<html>Sign in to the guests' network</html>",
    "null": b"null",
    "a number": b"3",
    "a list": b"[]",
    "an empty object": b"{}",
    "deep": b"[" * 100_000,
    "not UTF-8": b"\xff\xfe",
    "a response of null": b'{"Response":null}',
    "a response that is a list": b'{"Response":[]}',
    "an error of null": b'{"Response":{"Error":null}}',
    "an error without a code": b'{"Response":{"Error":{}}}',
    "other types": b'{"Stacks":"x","StackId":3,"Status":null,"Parameters":3,"Outputs":"abc","Stack":[]}',
}
STACK = Stack("id-1", "CREATE_COMPLETE", "", "")
ASKED: dict[str, Callable[[Account], object]] = {
    "ListStacks": lambda opened: opened.stacks.find("imagelabels"),
    "GetStack": lambda opened: opened.stacks.get("id-1"),
    "CreateStack": lambda opened: opened.stacks.create("imagelabels", "{}", {}),
    "GetBucketLocation": lambda opened: opened.buckets.check_region("BucketName", "my-photos"),
}


class Proxy:
    """A server that gives the same answer to everybody. A cut answer ends before its announced length."""

    def __init__(self) -> None:
        self.answer, self.cut = b"", False
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(proxy.answer) + proxy.cut))
                self.end_headers()
                self.wfile.write(proxy.answer)

            do_GET = do_POST

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # The base class names it so.
                """Tests need no log."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    proxy = Proxy()
    thread = threading.Thread(target=proxy.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield proxy
    proxy.server.shutdown()
    thread.join()
    proxy.server.server_close()


def environ(proxy: Proxy) -> dict[str, str]:
    return {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIexample",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "a-secret-that-nobody-prints",
        "IMAGELABELS_ENDPOINT_OSS": proxy.address,
        "IMAGELABELS_ENDPOINT_IMM": proxy.address,
        "TENCENTCLOUD_SECRETID": "AKIDexample",
        "TENCENTCLOUD_SECRETKEY": "a-secret-that-nobody-prints",
    }


def said(function: Callable[[], object]) -> str:
    with pytest.raises(CallFailed) as raised:
        function()
    return str(raised.value)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_none_of_tencents_would_end_in_a_traceback(proxy: Proxy, name: str) -> None:
    proxy.answer = ANSWERS[name]
    sender = Sender("ap-guangzhou", environ(proxy), proxy.address)
    assert said(lambda: sender.send(Call("cam", "GetRole", {}, ()), {"RoleName": "a"})).startswith(
        "no answer: what came back to cam GetRole is no answer of this API"
    )


def test_a_cut_answer_of_tencent_would_end_in_a_traceback(proxy: Proxy) -> None:
    proxy.answer, proxy.cut = b'{"Response":{"RequestId":"1"}}', True
    sender = Sender("ap-guangzhou", environ(proxy), proxy.address)
    assert said(lambda: sender.send(Call("cam", "GetRole", {}, ()), {"RoleName": "a"})).startswith("no answer: ")
    proxy.cut = False
    assert sender.send(Call("cam", "GetRole", {}, ()), {"RoleName": "a"}) == {"RequestId": "1"}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_none_of_alibabas_would_end_in_a_traceback(proxy: Proxy, name: str, asked: str) -> None:
    proxy.answer = ANSWERS[name]
    opened = account.opened("cn-hangzhou", environ(proxy), lambda line: None, proxy.address)
    try:
        assert "a-secret" not in said(lambda: ASKED[asked](opened))
    finally:
        opened.close()


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_none_of_alibabas_would_hide_why_a_stack_failed(proxy: Proxy, name: str) -> None:
    proxy.answer = ANSWERS[name]
    opened = account.opened("cn-hangzhou", environ(proxy), lambda line: None, proxy.address)
    asked: list[Callable[[], object]] = [
        lambda: opened.stacks.failures(STACK),
        lambda: opened.stacks.preview("imagelabels", None, "{}", {}),
        lambda: opened.bindings.project_of("my-photos"),
    ]
    try:
        for ask in asked:
            with suppress(CallFailed):
                assert not ask()
    finally:
        opened.close()


def test_a_file_without_an_end_would_be_read_for_ever(capsys: pytest.CaptureFixture[str]) -> None:
    assert Path("/dev/zero").exists()
    for cloud, option in (("aliyun", "--template"), ("tencent", "--plan")):
        assert main(["doctor", "--cloud", cloud, option, "/dev/zero", "--offline"]) == 2
        assert "/dev/zero has more than 1000000 bytes" in capsys.readouterr().err
