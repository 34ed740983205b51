"""The log of requests: what it says of a refused request, which requests it tells, and what it never shows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import oss2
import pytest
from aiohttp import web

from emulator.aliyun.fc.service import FunctionComputeService
from emulator.aliyun.imm.service import ImmService
from emulator.aliyun.oss.service import OssService
from emulator.aliyun.tablestore.service import TablestoreService
from emulator.aliyun.tablestore.store import RowStore
from emulator.core import request_log
from emulator.core.keyring import Keyring
from emulator.core.parts import Key
from emulator.core.refusal import Refusal
from emulator.core.request_log import LONGEST_REASON, LONGEST_SUBJECT, Notes, RequestLog, line, shown
from emulator.core.server import Server
from emulator.core.service import Host, Service
from emulator.objectstore.store import ObjectStore
from emulator.tencent.cos.service import CosService
from emulator.tencent.scf.service import ScfService
from tests.emulator.running import Running, refused

SECRET = "hush-hush-secret"
TIME = re.compile(r"\d\d:\d\d:\d\d\.\d\d\d ")


class Failing:
    """A service whose every request ends in a fault of its own."""

    host_names = ""

    def owns(self, host_name: str) -> bool:
        return False

    def recognises(self, request: web.Request, host: Host) -> bool:
        return request.raw_path.startswith("/fail")

    async def answer(self, request: web.Request, host: Host) -> web.Response:
        request_log.note("Toy", lambda: "it", "R1")
        request_log.note_refusal(Refusal("Broken"), "It is broken.")
        return web.Response(status=500)


@contextmanager
def running(data: Path, which: str = "refused") -> Iterator[tuple[Running, list[str]]]:
    """Run all services, and collect the lines of their log without their times."""
    lines: list[str] = []
    with ExitStack() as stack:
        objects, rows = ObjectStore(data / "oss"), RowStore(data / "tablestore")
        cos = ObjectStore(data / "cos")
        for store in (objects, rows, cos):
            stack.callback(store.close)
        keyring = Keyring(Key("emulator", SECRET))
        services: list[Service] = [
            Failing(),
            TablestoreService(rows, keyring),
            FunctionComputeService([], keyring),
            ImmService(objects, keyring),
            ScfService([], keyring),
            CosService(cos, keyring),
            OssService(objects, keyring),
        ]
        server = Server(services, requests=RequestLog(which, lambda text: lines.append(TIME.sub("", text, count=1))))
        stack.enter_context(server.running())
        yield Running(server, objects, keyring, stack), lines


@pytest.fixture
def log(tmp_path: Path) -> Iterator[tuple[Running, list[str]]]:
    with running(tmp_path) as both:
        yield both


def client(oss: Running, secret: str = SECRET) -> oss2.Bucket:
    bucket = oss2.Bucket(oss2.AuthV4("emulator", secret), oss.endpoint, "photos", region="cn-hangzhou")
    oss.stack.callback(bucket.session.session.close)
    return bucket


def test_a_refused_request_would_leave_no_line(log: tuple[Running, list[str]]) -> None:
    oss, lines = log
    error = refused(client(oss).put_object_acl, "a.jpg", "private")
    assert lines == [
        f"refused OSS PUT photos/a.jpg?acl 404 NoSuchBucket: The specified bucket does not exist. [{error.request_id}]"
    ]


def test_the_log_would_not_say_which_region_or_which_part_was_wrong(log: tuple[Running, list[str]]) -> None:
    oss, lines = log
    bucket = client(oss)
    bucket.create_bucket()
    elsewhere = oss2.Bucket(oss2.AuthV4("emulator", SECRET), oss.endpoint, "photos", region="cn-beijing")
    oss.stack.callback(elsewhere.session.session.close)
    refused(elsewhere.get_object, "a.jpg")
    assert "(the request is signed for cn-beijing, and the region is cn-hangzhou)" in lines[-1]
    upload = bucket.init_multipart_upload("a.jpg").upload_id
    parts = [
        oss2.models.PartInfo(number, bucket.upload_part("a.jpg", upload, number, b"small").etag) for number in (1, 2)
    ]
    refused(bucket.complete_multipart_upload, "a.jpg", upload, parts)
    assert "(part 1 has 5 bytes, and the least is 102400)" in lines[-1]


def test_a_request_that_succeeds_would_be_told(log: tuple[Running, list[str]]) -> None:
    oss, lines = log
    client(oss).create_bucket()
    client(oss).put_object("a.jpg", b"")
    assert lines == []


@pytest.mark.parametrize(("which", "count"), [("all", 2), ("none", 0)])
def test_a_choice_of_requests_would_be_ignored(tmp_path: Path, which: str, count: int) -> None:
    with running(tmp_path, which) as (oss, lines):
        client(oss).create_bucket()
        refused(client(oss).get_object, "no")
        assert len(lines) == count
        assert all(re.fullmatch(r"answered OSS PUT photos 200 \[[0-9A-F]{24}\]", line) for line in lines[:1])


@pytest.mark.parametrize(
    ("method", "target", "headers", "told"),
    [
        ("GET", "/photos", {}, r"refused OSS GET photos 404 NoSuchBucket: .+ \[[0-9A-F]{24}\]"),
        (
            "GET",
            "/a.jpg",
            {"Host": "photos-1250000000.cos.ap-guangzhou.myqcloud.com"},
            r"refused COS GET photos-1250000000/a.jpg 403 AccessDenied: Access Denied\. \[\S{32}\]",
        ),
        (
            "POST",
            "/PutRow",
            {"x-ots-instancename": "inst", "x-ots-apiversion": "2015-12-31"},
            r"refused Tablestore POST inst/PutRow 40\d OTS\w+: .+ \[[0-9a-f-]{36}\]",
        ),
        ("POST", "/", {"x-acs-action": "GetProject"}, r"refused IMM POST GetProject 400 \w+: .+ \[[0-9A-F-]{36}\]"),
        ("POST", "/", {"x-tc-action": "Invoke"}, r"refused SCF POST Invoke 200 AuthFailure\.\w+: .+ \[[0-9a-f-]{36}\]"),
        (
            "POST",
            "/2023-03-30/functions/f/invocations?x=hush",
            {},
            r"refused FC POST /2023-03-30/functions/f/invocations 400 MissingRequiredHeader: .+ \[[0-9a-f-]{36}\]",
        ),
        ("GET", "/_emulator/no", {}, r"refused GET /_emulator/no 404 Not Found: .+"),
        ("GET", "/", {"Host": "evil.example"}, r"refused GET / 403 Forbidden: The request has the host name .+"),
        ("GET", "/fail", {}, r"failed Toy GET it 500 Broken: It is broken\. \[R1\]"),
    ],
)
def test_a_service_would_refuse_without_a_line(
    log: tuple[Running, list[str]], method: str, target: str, headers: dict[str, str], told: str
) -> None:
    server, lines = log
    server.raw(method, target, headers)
    (text,) = lines
    assert re.fullmatch(told, text), text


def test_the_line_would_not_show_the_id_that_the_client_got(log: tuple[Running, list[str]]) -> None:
    server, lines = log
    _, headers, _ = server.raw("POST", "/", {"x-acs-action": "GetProject"})
    assert f"[{headers['x-acs-request-id']}]" in lines[0]


def test_the_line_would_show_a_signature_or_a_secret(log: tuple[Running, list[str]]) -> None:
    oss, lines = log
    for secret in (SECRET, "wrong"):
        url = client(oss, secret).sign_url("GET", "a.jpg", 60, slash_safe=True)
        signature = url.rpartition("=")[2]
        assert len(signature) > 20
        oss.raw("GET", url.removeprefix(oss.endpoint), {"Host": f"photos.{oss.address}", "Cookie": SECRET})
        assert signature not in lines[-1]
        refused(client(oss, secret).get_object, "a.jpg", params={"x-oss-process": "hush"})
    oss.raw("GET", "/photos/a", {"Authorization": f"OSS emulator:{SECRET}"})
    oss.raw("GET", f"/photos/a?OSSAccessKeyId=emulator&Expires=1&Signature={SECRET}&security-token={SECRET}")
    oss.raw("GET", f"/photos/a?X-Amz-Signature={SECRET}&x-cos-security-token={SECRET}", {"Authorization": SECRET})
    assert len(lines) == 7
    assert not any("hush" in line or hashlib.sha256(b"").hexdigest() in line for line in lines)


def test_a_key_could_forge_a_line_or_move_the_cursor(log: tuple[Running, list[str]]) -> None:
    oss, lines = log
    refused(
        client(oss).get_object, "a\n12:00:00.000 refused\x1b[2J\u202e图\udcff.jpg".encode("utf-8", "ignore").decode()
    )
    oss.raw("GET", "/photos/%FF%0A")
    assert r"photos/a\n12:00:00.000 refused\x1b[2J\u202e图.jpg 404" in lines[0]
    assert r"photos/\udcff\n 404" in lines[1]
    assert all(line.isprintable() for line in lines)


def test_a_long_key_would_fill_the_screen(log: tuple[Running, list[str]]) -> None:
    oss, lines = log
    refused(client(oss).get_object, "k" * 1000)
    assert "k...(1007 characters) 404 NoSuchBucket" in lines[0]
    assert len(lines[0]) < LONGEST_SUBJECT + LONGEST_REASON + 100


@pytest.mark.parametrize(
    ("status", "code", "verb"),
    [
        (200, "", "answered"),
        (304, "", "answered"),
        (404, "NoSuchKey", "refused"),
        (501, "NotImplemented", "refused"),
        (200, "AuthFailure", "refused"),
        (200, "InternalError", "failed"),
        (500, "InternalError", "failed"),
        (503, "", "failed"),
    ],
)
def test_a_fault_of_the_emulator_would_look_like_one_of_the_client(status: int, code: str, verb: str) -> None:
    assert line("GET", status, Notes(code=code)).split()[0] == verb


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a b", "a b"), ("图", "图"), ("\t", r"\t"), ("\x7f", r"\x7f"), ("abcdef", "abcde...(6 characters)")],
)
def test_a_text_would_be_shown_otherwise(text: str, expected: str) -> None:
    assert shown(text, 5) == expected


def test_a_fault_that_a_user_wants_would_look_like_a_failure_of_the_emulator() -> None:
    assert line("GET", 500, Notes(code="InternalError", faults=["error"])).split()[0] == "spoiled"
