"""A client that hangs up in the middle of its body leaves no traceback in the log, whatever service it asked."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import oss2
import pytest

from tests.emulator.aliyun.imm.running import running_imm
from tests.emulator.aliyun.smq.running import failing, signed
from tests.emulator.invoking import running_functions
from tests.emulator.running import REGION, RunningServer, running_cos, running_oss, running_tablestore


@contextmanager
def no_complaint(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.ERROR):
        yield
    assert [record.getMessage() for record in caplog.records] == []


def hang_up(running: RunningServer, method: str, target: str, headers: dict[str, str]) -> None:
    """Send the head of a request and three of the ten bytes of its body, and wait until the server is done with it."""
    sent = {"Host": running.address, "Content-Length": "10", **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    with socket.create_connection(("127.0.0.1", running.server.port)) as client:
        client.sendall(f"{method} {target} HTTP/1.1\r\n{head}\r\nabc".encode())
        client.shutdown(socket.SHUT_WR)
        while client.recv(1000):
            pass
    assert running.raw("GET", "/_emulator/health")[0] == 200


def test_imm_logs_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running_imm(tmp_path) as imm, no_complaint(caplog):
        hang_up(imm, "POST", "/", {"x-acs-action": "DetectImageLabels"})


def test_simple_message_queue_logs_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running_functions(tmp_path, failing(tmp_path)) as functions, no_complaint(caplog):
        target = "/queues/failures/messages"
        hang_up(functions, "POST", target, signed("POST", target))


def test_tablestore_logs_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running_tablestore(tmp_path) as tablestore, no_complaint(caplog):
        hang_up(tablestore, "POST", "/PutRow", {"x-ots-instancename": "photos"})


@pytest.mark.parametrize("query", ["", "tagging"])
def test_oss_logs_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture, query: str) -> None:
    with running_oss(tmp_path) as oss, no_complaint(caplog):
        oss.bucket().create_bucket()
        oss.bucket().put_object("a", b"bytes")
        params = {query: ""} if query else {}
        request = oss2.http.Request("PUT", oss.endpoint, params=params, region=REGION, product="oss")
        oss.auth("v4")._sign_request(request, "photos", "a")
        headers = {name: value for name, value in request.headers.items() if value is not None}
        hang_up(oss, "PUT", f"/photos/a?{query}=" if query else "/photos/a", headers)


@pytest.mark.parametrize("query", ["", "tagging"])
def test_cos_logs_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture, query: str) -> None:
    with running_cos(tmp_path) as cos, no_complaint(caplog):
        cos.ask_cos("PUT", "a", body=b"bytes")
        headers = cos.signed_headers("PUT", "a", {query: ""} if query else {}, body=bytes(10))
        hang_up(cos, "PUT", f"/a?{query}=" if query else "/a", headers)
