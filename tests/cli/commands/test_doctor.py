"""These tests run `imagelabels doctor` on files, as a person or a pipeline does."""

import json
import re
from pathlib import Path

import pytest

from imagelabels.cli.main import main
from imagelabels.deploy.template import document
from imagelabels.deploy.tencent import plan


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALIBABA_CLOUD_ACCESS_KEY_ID", "TENCENTCLOUD_SECRETID", "FC_REGION"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template with an error in its trigger."""
    path = tmp_path / "template.yml"
    text = document.shipped().replace("oss:ObjectCreated:PutObject\n", "oss:ObjectCreated:*\n")
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("cloud", ["aliyun", "tencent"])
def test_a_pipeline_would_be_stopped_by_what_we_ship(cloud: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--cloud", cloud, "--offline"]) == 0
    printed = capsys.readouterr()
    assert printed.out == "Nothing is wrong as far as these checks can see.\n"
    assert printed.err == "only the file was looked at, and no account, because --offline was given\n"


def test_nobody_would_know_that_the_account_was_not_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--cloud", "aliyun"]) == 0
    assert "no account, because no keys are in the environment" in capsys.readouterr().err


def test_keys_without_a_bucket_would_end_in_a_call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TENCENTCLOUD_SECRETID", "id")
    assert main(["doctor", "--cloud", "tencent"]) == 0
    assert "no bucket is named: give it with --param Bucket=" in capsys.readouterr().err


def test_a_finding_would_lack_its_cause_or_its_cure(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--cloud", "aliyun", "--template", str(template), "--offline"]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith(
        "error: event-wildcard\n    Trigger.TriggerConfig.events: oss:ObjectCreated:* is a wildcard."
    )
    assert "    What follows: The wildcard also brings" in printed
    assert "    What to do: Name the events one by one" in printed
    assert printed.endswith("\n1 error\n")
    assert max(map(len, printed.splitlines())) <= 80


def test_a_program_could_not_read_the_findings(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--cloud", "aliyun", "--template", str(template), "--offline", "--format", "json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)
    assert finding["check"] == "event-wildcard"
    assert finding["severity"] == "error"
    assert finding["where"] == "Trigger.TriggerConfig.events"
    assert list(finding) == ["check", "severity", "where", "cause", "consequence", "cure"]


def test_a_program_would_get_no_list_where_nothing_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--cloud", "tencent", "--offline", "--format", "json"]) == 0
    assert capsys.readouterr().out == "[]\n"


def test_a_warning_alone_would_stop_a_pipeline(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--cloud", "aliyun", "--offline", "--param", "KeySuffix=.jpg"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("warning: letter-case\n")
    assert printed.endswith("\n1 warning\n")


@pytest.mark.parametrize(
    ("region", "check"), [("ap-southeast-5", "runtime-not-in-region"), ("", "runtime-preview"), ("cn-hangzhou", "")]
)
def test_a_region_without_the_runtime_would_be_overlooked(
    region: str, check: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["Runtime=python3.12", *([f"Region={region}"] if region else [])]
    status = main(["doctor", "--cloud", "aliyun", "--offline", "--format", "json", "--param", *words])
    assert [finding["check"] for finding in json.loads(capsys.readouterr().out)] == ([check] if check else [])
    assert status == (1 if check == "runtime-not-in-region" else 0)


def test_a_resource_that_nobody_checked_would_seem_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "template.yml"
    server = "Resources:\n  Server: {Type: 'ALIYUN::ECS::Instance', Properties: {ImageId: debian}}\n"
    path.write_text(document.shipped().replace("Resources:\n", server, 1), encoding="utf-8")
    assert main(["doctor", "--cloud", "aliyun", "--template", str(path), "--offline"]) == 0
    assert "no check knows the type of Server (ALIYUN::ECS::Instance)" in capsys.readouterr().err


@pytest.mark.parametrize("cloud", ["aliyun", "tencent"])
@pytest.mark.parametrize(
    "text",
    ["", "a: [", "[" * 5000, "steps: {}", "a: &a [*a]", "x: &a [1,1,1,1]\ny: &b [*a,*a,*a,*a]\n", "\x00", "- - -", "5"],
)
def test_a_file_of_another_kind_would_end_in_a_traceback(
    cloud: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file.yml"
    path.write_text(text, encoding="utf-8")
    option = "--template" if cloud == "aliyun" else "--plan"
    assert main(["doctor", "--cloud", cloud, option, str(path), "--offline", "--format", "json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)
    assert finding["check"] in ("not-readable", "function-missing")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--cloud", "azure"], "azure is not one of aliyun, tencent"),
        (["--offline"], "--cloud is missing"),
        (["--cloud", "aliyun", "--plan", "plan.yml"], "--plan is for tencent: use --template"),
        (["--cloud", "tencent", "--template", "template.yml"], "--template is for aliyun: use --plan"),
        (["--cloud", "aliyun", "--template", "absent.yml"], "absent.yml cannot be read: No such file"),
        (["--cloud", "aliyun", "--template", "."], ". cannot be read: Is a directory"),
        (["--cloud", "aliyun", "--param", "Timeout"], "Timeout is not NAME=VALUE"),
        (["--cloud", "aliyun", "--param", "Timeouts=1"], "Timeouts is not one of .*did you mean Timeout"),
        (["--cloud", "aliyun", "--param", "Timeout=long"], "Timeout: long is not of type Number"),
        (["--cloud", "aliyun", "--param", "Timeout=5"], "Timeout: 5 is outside the limits"),
        (["--cloud", "aliyun", "--param", "Detector=ci"], "Detector: 'ci' is not one of imm, oss, embedded"),
        (["--cloud", "aliyun", "--param", "Region=mars"], "Region: 'mars' does not fit the pattern"),
        (["--cloud", "aliyun", "--offline", "--probe"], "--probe looks at the account: leave --offline out"),
        (["--cloud", "aliyun", "--param", "Timeout=90", "Timeout=91"], "Timeout is given twice"),
        (["--cloud", "tencent", "--param", "Memory=much"], "Memory: much is not a whole number"),
        (["--cloud", "tencent", "--param", "IndexKeySecret=x"], "IndexKeySecret is a secret"),
    ],
)
def test_a_mistake_of_the_user_would_not_be_named(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", *words]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert re.search(message, printed.err), printed.err


def test_a_key_in_a_file_would_be_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = "LTAI" + "5tExample4Example"
    path = tmp_path / "template.yml"
    text = document.shipped().replace("Default: AliyunIMMDefaultRole", f"Default: {key}")
    path.write_text(text, encoding="utf-8")
    assert main(["doctor", "--cloud", "aliyun", "--template", str(path), "--offline"]) == 1
    printed = capsys.readouterr()
    assert "secret-in-plain-text" in printed.out
    assert key not in printed.out + printed.err
    path.write_text(
        plan.shipped().replace("Key: FC_REGION, Value: '${IndexRegion}'", "Key: DB_PASSWORD, Value: hunter2"), "utf-8"
    )
    assert main(["doctor", "--cloud", "tencent", "--plan", str(path), "--offline"]) == 1
    printed = capsys.readouterr()
    assert "secret-in-plain-text" in printed.out
    assert "hunter2" not in printed.out + printed.err


def test_a_file_could_give_orders_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "template.yml"
    text = document.shipped().replace("Handler: index.handler", 'Handler: ["\\e[31m\\u202e"]')
    path.write_text(text, encoding="utf-8")
    assert main(["doctor", "--cloud", "aliyun", "--template", str(path), "--offline"]) == 1
    assert all(char.isprintable() or char == "\n" for char in capsys.readouterr().out)
