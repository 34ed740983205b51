"""IMM beside the other services, started by `python -m emulator up`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from alibabacloud_imm20200930.client import Client
from alibabacloud_imm20200930.models import DetectImageLabelsRequest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.core import DaraCore

from emulator.arguments import parser
from tests.emulator.functions.deployed import code
from tests.emulator.test_main import DETECTOR, up

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


def test_project_and_rate_have_the_defaults_of_the_documentation() -> None:
    args = parser().parse_args(["up", "--data", "here"])
    assert (args.imm_project, args.imm_rate) == ("imagelabels", 100)


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "many"])
def test_a_rate_that_is_none_is_refused(rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["up", "--data", "here", "--imm-rate", rate])
    assert "--imm-rate" in capsys.readouterr().err


def test_the_project_that_is_named_labels_what_is_in_oss(tmp_path: Path) -> None:
    detector = code(tmp_path / "detector", DETECTOR, "detect.py") / "detect.py"
    command = [
        *(sys.executable, "-m", "emulator", "up", "--port", "0", "--data", str(tmp_path / "data")),
        *("--bucket", "photos", "--detector", shlex.join([sys.executable, str(detector)]), "--imm-project", "mine"),
    ]
    with up(command) as emulator:
        with emulator.bucket() as bucket:
            bucket.put_object("a.jpg", b"a picture")
        address = emulator.url.removeprefix("http://")
        client = Client(
            Config(access_key_id="emulator", access_key_secret="emulator", endpoint=address, protocol="HTTP")
        )
        try:
            asked = DetectImageLabelsRequest(project_name="mine", source_uri="oss://photos/a.jpg")
            assert [label.label_name for label in client.detect_image_labels(asked).body.labels] == ["狗"]
            asked.project_name = "imagelabels"
            with pytest.raises(AlibabaCloudException):
                client.detect_image_labels(asked)
        finally:
            for name, session in DaraCore._sessions.items():
                if address in name:
                    session.close()
        assert emulator.control("calls")["IMM DetectImageLabels"] == 2
