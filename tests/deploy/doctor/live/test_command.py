"""`imagelabels doctor` looks at an account on the emulator, as a person runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imagelabels.cli.main import main
from imagelabels.deploy.doctor import offline
from imagelabels.deploy.template import document
from tests.deploy.doctor.live.account import Account, account
from tests.deploy.doctor.live.deployed import NAME, OnFunctionCompute

pytestmark = pytest.mark.story

PARAMETERS = {
    "BucketName": "photos",
    "InstanceName": "photos-inst",
    "CodeBucket": "packages",
    "Region": "cn-hangzhou",
}


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    with account(tmp_path, "aliyun") as running:
        for name, value in running.environ.items():
            monkeypatch.setenv(name, value)
        deployed = OnFunctionCompute(running)
        deployed.environment(**offline.aliyun(document.shipped(), PARAMETERS, "").environment)
        yield running


def doctor(*options: str) -> int:
    words = [f"{name}={value}" for name, value in PARAMETERS.items()]
    return main(["doctor", "--cloud", "aliyun", *options, "--param", *words])


def findings(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def test_the_account_that_our_template_makes_would_be_called_ill(
    running: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor("--format", "json") == 0
    assert findings(capsys) == []
    assert any("/2023-03-30/functions/" in request for request in running.requests)


def test_an_error_on_the_account_would_not_fail_a_pipeline(
    running: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    running.functions.answers["GetFunction"][NAME]["timeout"] = 3
    assert doctor("--format", "json") == 1
    (finding,) = findings(capsys)
    assert (finding["check"], finding["severity"], finding["where"]) == (
        "timeout-below-lease",
        "error",
        "function imagelabels",
    )
