"""`imagelabels attach` binds a bucket of the emulated OSS to a project of the emulated IMM."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagelabels.cli.main import main
from tests.deploy.aliyun.cloud import Cloud, running
from tests.scripted import Answer, scripted

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
Out = pytest.CaptureFixture[str]


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with running(tmp_path) as ready:
        for name, value in {**ready.environ, "FC_REGION": "cn-hangzhou"}.items():
            monkeypatch.setenv(name, value)
        yield ready


def test_a_bucket_is_bound_once_and_freed_again(cloud: Cloud, capsys: Out) -> None:
    words = ["attach", "oss://my-photos", "imagelabels"]
    assert [main(words), main(words), main([*words, "--detach"]), main([*words, "--detach"])] == [0, 0, 0, 0]
    assert capsys.readouterr().out.splitlines() == [
        "my-photos is bound to the IMM project imagelabels",
        "my-photos was bound already to the IMM project imagelabels",
        "my-photos is freed from the IMM project imagelabels",
        "my-photos is not bound to the IMM project imagelabels",
    ]


def test_a_bucket_of_another_project_stays_there(cloud: Cloud, capsys: Out) -> None:
    cloud.imm.bindings.bound["my-photos"] = {"ProjectName": "payroll"}
    assert main(["attach", "oss://my-photos", "imagelabels"]) == 1
    assert "my-photos belongs to the IMM project payroll: `imagelabels attach oss://my-photos payroll --detach`" in (
        capsys.readouterr().err
    )
    assert main(["attach", "oss://my-photos", "imagelabels", "--detach"]) == 0
    assert cloud.imm.bindings.bound["my-photos"] == {"ProjectName": "payroll"}


def test_a_project_or_bucket_that_is_not_there_is_refused_in_words(cloud: Cloud, capsys: Out) -> None:
    assert main(["attach", "oss://my-photos", "absent"]) == 1
    assert "ResourceNotFound.Project: The specified resource Project is not found." in capsys.readouterr().err
    assert main(["attach", "oss://absent", "imagelabels"]) == 1
    assert "NoSuchBucket: The bucket does not exist." in capsys.readouterr().err


def test_a_token_would_be_printed_when_the_signature_is_wrong(
    cloud: Cloud, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "server string to sign is: POST x-acs-security-token:a+secret/token x-acs-signature-nonce:1"
    answer = {"RequestId": "1", "Code": "SignatureDoesNotMatch", "Message": said}
    with scripted() as server:
        server.will(Answer(400, {"Content-Type": "application/json"}, json.dumps(answer).encode()))
        monkeypatch.setenv("IMAGELABELS_ENDPOINT_IMM", server.endpoint)
        assert main(["attach", "oss://my-photos", "imagelabels"]) == 1
    printed = "".join(capsys.readouterr())
    assert "SignatureDoesNotMatch" in printed
    assert "a+secret/token" not in printed


@pytest.mark.parametrize("place", ["cos://photos-1250000000", "oss://my-photos/a.jpg", "my-photos"])
def test_what_is_no_bucket_of_oss_is_refused(place: str, capsys: Out) -> None:
    assert main(["attach", place, "imagelabels"]) == 2
    assert "oss://" in capsys.readouterr().err
