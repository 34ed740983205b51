"""`imagelabels functions`: whoever has only the wheel can run the label functions in the emulator."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from emulator import services
from emulator.arguments import parser
from emulator.functions.deployment import FunctionFiles
from imagelabels import settings
from imagelabels.cli.main import main
from tests import shown


def test_the_emulator_deploys_the_list_as_it_was_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["functions", "oss://photos/2026/", "cos://photos-1250000000", "--port", "9001"]) == 0
    file = tmp_path / "functions.json"
    file.write_text(capsys.readouterr().out)
    functions = FunctionFiles(services.PLATFORMS, tmp_path, tmp_path / "python").read(file)
    assert [(one.platform.cloud, one.function.name) for one in functions] == [
        ("aliyun", "aliyun_label"),
        ("tencent", "tencent_label"),
    ]
    for one in functions:
        assert (one.function.code / "index.py").is_file()
        assert one.rule is not None
        assert settings.load(one.function.environment).index == "tablestore://emulated"
    assert [fields["trigger"] for fields in json.loads(file.read_text())] == [
        {"bucket": "photos", "prefix": "2026/"},
        {"bucket": "photos-1250000000"},
    ]


def test_it_says_how_to_start_the_emulator_and_which_variables_commands_need(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["functions", "cos://photos-1250000000", "--port", "9001"]) == 0
    said = capsys.readouterr().err
    start = said.partition("start `")[2].partition("`")[0].split()
    assert start[0] == "imagelabels-emulator"
    args = parser().parse_args(start[1:])
    assert (args.port, args.cos_bucket, args.bucket) == (9001, ["photos-1250000000"], [])
    assert [str(path) for path in args.deploy] == ["functions.json"]
    assert "  export IMAGELABELS_ENDPOINT_COS=http://127.0.0.1:9001\n" in said
    assert "  export IMAGELABELS_INDEX=tablestore://emulated\n" in said


def test_the_program_in_the_docs_would_add_a_function_that_the_emulator_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["functions", "oss://photos", "cos://photos-1250000000"]) == 0
    file = tmp_path / "functions.json"
    file.write_text(capsys.readouterr().out)
    page = (shown.ROOT / "docs" / "page.md").read_text("utf-8")
    program = page.partition("# album.py\n")[2].partition("```")[0]
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
    functions = FunctionFiles(services.PLATFORMS, tmp_path, tmp_path / "python").read(file)
    assert [one.function.name for one in functions[2:]] == ["album-aliyun", "album-tencent"]
    for one in functions[2:]:
        assert one.function.code.name == f"{one.platform.cloud}_album"
        assert (one.function.code / "index.py").is_file()
        assert one.url is not None
        assert one.rule is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["file:///photos/"], "no function labels file://: name a bucket of OSS or COS"),
        (["oss://a", "oss://b"], "two buckets of aliyun are named"),
        (["pictures"], "pictures does not begin like a URI"),
        ([], "URI"),
        (["oss://a", "--port", "0"], "--port"),
    ],
)
def test_what_no_function_can_label_is_refused_in_words(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["functions", *words]) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert said.out == ""


def test_the_emulator_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        parser().parse_args(["--version"])
    assert capsys.readouterr().out.startswith("imagelabels-emulator ")


def test_settings_of_the_environment_are_in_the_list_and_none_is_ignored(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (
        ("IMAGELABELS_BUDGET_TOTAL", "5"),
        ("IMAGELABELS_DETECTOR", "oss"),
        ("IMAGELABELS_ENDPOINT_OSS", "https://oss-cn-hangzhou.aliyuncs.com"),
        ("IMAGELABELS_INDEX", "tablestore://real"),
    ):
        monkeypatch.setenv(name, value)
    assert main(["functions", "oss://photos", "cos://photos-1250000000"]) == 0
    said = capsys.readouterr()
    oss, cos = (one["environment"] for one in json.loads(said.out))
    assert (oss["IMAGELABELS_BUDGET_TOTAL"], cos["IMAGELABELS_BUDGET_TOTAL"]) == ("5", "5")
    assert (oss["IMAGELABELS_DETECTOR"], "IMAGELABELS_DETECTOR" in cos) == ("oss", False)
    assert (oss["IMAGELABELS_ENDPOINT_OSS"], oss["IMAGELABELS_INDEX"]) == (
        "http://127.0.0.1:9000",
        "tablestore://emulated",
    )
    assert "  export IMAGELABELS_BUDGET_TOTAL=5\n" in said.err
    assert "real" not in said.err
    monkeypatch.setenv("IMAGELABELS_BUDGET_TOTAL", "few")
    assert main(["functions", "oss://photos"]) == 2
    assert "IMAGELABELS_BUDGET_TOTAL: few is not a number of calls" in capsys.readouterr().err


def test_a_detector_that_reads_every_store_is_in_both_functions(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IMAGELABELS_DETECTOR", "embedded")
    assert main(["functions", "oss://photos", "cos://photos-1250000000"]) == 0
    functions = json.loads(capsys.readouterr().out)
    assert {one["environment"]["IMAGELABELS_DETECTOR"] for one in functions} == {"embedded"}
