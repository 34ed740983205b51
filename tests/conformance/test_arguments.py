"""These tests show how the program explains mistakes."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import pytest

from tests.conformance.__main__ import main
from tests.conformance.bench import ENVIRONMENT, Bench, arguments, run


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "name a bucket with --endpoint and --bucket"),
        (["--endpoint", "https://oss-cn-hangzhou.aliyuncs.com"], "name the bucket with --bucket"),
        (["--endpoint", "oss-cn-hangzhou.aliyuncs.com", "--bucket", "b"], "--endpoint is an address like"),
        (
            ["--endpoint", "https://key:secret@oss-cn-hangzhou.aliyuncs.com", "--bucket", "b"],
            "--endpoint is an address",
        ),
        (["--endpoint", "https://s3.amazonaws.com", "--bucket", "b"], "is not an address of OSS or COS"),
        (["--endpoint", "http://127.0.0.1:1", "--bucket", "b", "--cloud", "aliyun"], "does not tell the region"),
        (
            ["--endpoint", "https://cos.ap-beijing.myqcloud.com", "--bucket", "b", "--cloud", "aliyun"],
            "is an address of tencent, not of aliyun",
        ),
        (["--endpoint", "https://oss-cn-hangzhou.aliyuncs.com", "--bucket", "b"], "no credentials: set ALIBABA_CLOUD"),
        (["--endpoint", "https://cos.ap-beijing.myqcloud.com", "--bucket", "b"], "no credentials: set TENCENTCLOUD_"),
    ],
)
def test_a_mistake_would_not_be_explained(argv: Sequence[str], said: str) -> None:
    lines = list[str]()
    assert main(argv, {}, lines.append) == 2
    assert len(lines) == 1
    assert said in lines[0]
    assert "secret@" not in lines[0]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--prefix", ""], "--prefix is a name that ends in a slash"),
        (["--prefix", "a"], "--prefix is a name that ends in a slash"),
        (["--prefix", "../"], "--prefix is a name that ends in a slash"),
        (["--max-cny", "free"], "are numbers from 0"),
        (["--max-cny", "NaN"], "are numbers from 0"),
        (["--max-requests", "-1"], "are numbers from 0"),
        (["--throwaway-bucket", "conformance"], "must be another bucket"),
        (["--instance", "http://127.0.0.1:1"], "name it with --instance-name"),
    ],
)
def test_a_wrong_option_would_be_taken(both: Bench, more: Sequence[str], said: str) -> None:
    status, lines = run(both, *more)
    assert (status, both.spoiler.arrived) == (2, [])
    assert said in lines


def test_a_wrong_secret_would_be_shown_or_end_in_a_traceback(both: Bench) -> None:
    lines = list[str]()
    wrong = {**ENVIRONMENT, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "nobody-knows-it"}
    assert main(arguments(both, "--yes"), wrong, lines.append) == 2
    assert lines[-1].startswith("conformance: GET ?versions of the bucket conformance was answered with 403")
    assert "nobody-knows-it" not in "".join(lines)


@pytest.mark.parametrize("where", ["--endpoint", "--emulator", "--instance"])
def test_an_address_where_nobody_answers_would_end_in_a_traceback(both: Bench, where: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
        more = ["--instance-name", "photos-inst"] if where == "--instance" else []
        status, said = run(both, "--yes", where, nobody, *more)
    assert (status, said.rpartition("conformance: no answer from ")[2][:3]) == (2, "Tab" if more else "the")
