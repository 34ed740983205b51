"""These tests run `imagelabels deploy tencent` with the vendor's SDK against an emulated control plane."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from imagelabels.cli.main import main
from imagelabels.deploy.tencent import run
from tests.deploy.tencent.control_plane import KEY, SECRET, ControlPlane, serving

EVENTS = {
    "cos:ObjectCreated:Put",
    "cos:ObjectCreated:Post",
    "cos:ObjectCreated:Copy",
    "cos:ObjectCreated:CompleteMultipartUpload",
    "cos:ObjectRemove:Delete",
    "cos:ObjectRemove:DeleteMarkerCreated",
}
Deploy = Callable[..., int]


@pytest.fixture
def plane() -> ControlPlane:
    return ControlPlane()


@pytest.fixture
def deploy(plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deploy]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TENCENTCLOUD_SECRETID", KEY)
    monkeypatch.setenv("TENCENTCLOUD_SECRETKEY", SECRET)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIexample")
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "another-secret")
    monkeypatch.setattr(run, "PAUSE", 0.0)
    archives = {name: tmp_path / f"{name}.zip" for name in ("Code", "Layer")}
    for name, path in archives.items():
        path.write_bytes(f"the {name}".encode())
    params = {
        "Region": "ap-guangzhou",
        "AppId": "1250000000",
        "Bucket": "photos-1250000000",
        "DeadLetterQueue": "failures",
        "Index": "tablestore://my-labels",
        "IndexEndpoint": "https://my-labels.cn-shenzhen.ots.aliyuncs.com",
        "IndexRegion": "cn-shenzhen",
        **{name: str(path) for name, path in archives.items()},
    }
    with serving(plane) as endpoint:

        def call(*options: str, **more: str) -> int:
            words = [f"{name}={value}" for name, value in (params | more).items()]
            return main(["deploy", "tencent", "--no-proof", *options, "--endpoint", endpoint, "--param", *words])

        yield call


def test_nothing_would_run_after_a_first_deployment(deploy: Deploy, plane: ControlPlane) -> None:
    assert deploy() == 0
    function = plane.functions["imagelabels"]
    assert function["Runtime"] == "Python3.10"
    assert function["Timeout"] == 90
    assert function["Layers"] == [{"LayerName": "imagelabels", "LayerVersion": 1}]
    assert function["DeadLetterConfig"] == {"Type": "CMQ-QUEUE", "Name": "failures"}
    assert {"Key": "IMAGELABELS_INDEX", "Value": "tablestore://my-labels"} in function["Environment"]["Variables"]
    assert "ClsLogsetId" not in function
    assert plane.invoke["imagelabels"] == {"RetryConfig": [{"RetryNum": 2}], "MsgTTL": 21600}
    assert {one["TriggerDesc"].split('"')[3] for one in plane.triggers if one["Type"] == "cos"} == EVENTS
    assert [role for role, _ in plane.attached] == ["imagelabels-function"]


def test_nothing_would_look_after_what_stands_still(deploy: Deploy, plane: ControlPlane) -> None:
    assert deploy(BudgetPerDay="1000", Prefix="2026/") == 0
    label, timer = plane.functions["imagelabels"], plane.functions["imagelabels-timer"]
    assert (timer["Handler"], timer["Timeout"]) == ("index.resume", 300)
    assert timer["Environment"] == label["Environment"]
    assert {"Key": "IMAGELABELS_BUDGET_PER_DAY", "Value": "1000"} in timer["Environment"]["Variables"]
    (trigger,) = (one for one in plane.triggers if one["Type"] == "timer")
    assert (trigger["FunctionName"], trigger["TriggerDesc"]) == ("imagelabels-timer", "0 */10 * * * * *")
    assert trigger["CustomArgument"] == "cos://photos-1250000000/2026/"


def test_a_second_deployment_would_change_what_is_right_already(deploy: Deploy, plane: ControlPlane) -> None:
    assert deploy() == 0
    plane.calls.clear()
    assert deploy() == 0
    assert plane.changes == []


def test_a_dry_run_would_change_the_account_or_print_a_secret(
    deploy: Deploy, plane: ControlPlane, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy("--dry-run") == 0
    assert plane.changes == []
    printed = "".join(capsys.readouterr())
    assert "function: would be made by scf CreateFunction" in printed
    assert "Timeout: 90" in printed
    assert "trigger cos:ObjectRemove:Delete: would be made by scf CreateTrigger" in printed
    assert deploy() == 0
    printed += "".join(capsys.readouterr())
    for secret in (SECRET, "another-secret", "LTAIexample"):
        assert secret not in printed


def test_an_upgrade_would_leave_the_old_code_or_lose_the_old_layer(
    deploy: Deploy, plane: ControlPlane, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy() == 0
    (tmp_path / "Layer.zip").write_bytes(b"a new layer")
    plane.calls.clear()
    capsys.readouterr()
    assert deploy("--dry-run") == 0
    assert "function: would be changed by scf UpdateFunctionCode, scf UpdateFunctionConf" in capsys.readouterr().out
    assert deploy() == 0
    of_both = ["UpdateFunctionCode", "UpdateFunctionConfiguration"] * 2
    assert plane.changes == ["PublishLayerVersion", *of_both]
    assert plane.functions["imagelabels"]["Layers"] == [{"LayerName": "imagelabels", "LayerVersion": 2}]
    assert len(plane.layers) == 2


def test_a_change_by_hand_would_stay_unnoticed(
    deploy: Deploy, plane: ControlPlane, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy() == 0
    plane.functions["imagelabels"]["Timeout"] = 3
    assert deploy("--dry-run") == 0
    assert "Timeout is 3, and shall be 90" in capsys.readouterr().out
    assert deploy() == 0
    assert plane.functions["imagelabels"]["Timeout"] == 90


def test_another_prefix_would_leave_the_old_triggers_and_permissions(deploy: Deploy, plane: ControlPlane) -> None:
    assert deploy() == 0
    plane.calls.clear()
    assert deploy(Prefix="photos/") == 0
    assert plane.changes == ["UpdatePolicy", *["DeleteTrigger", "CreateTrigger"] * 7]
    assert all('"Prefix":"photos/"' in one["TriggerDesc"] for one in plane.triggers if one["Type"] == "cos")
    assert [one["CustomArgument"] for one in plane.triggers if one["Type"] == "timer"] == [
        "cos://photos-1250000000/photos/"
    ]
    assert all("/photos/*" in policy["PolicyDocument"] for policy in plane.policies.values())


def test_a_role_with_old_trust_would_keep_it(deploy: Deploy, plane: ControlPlane) -> None:
    assert deploy() == 0
    plane.roles["imagelabels-function"] |= {
        "Description": "Made by imagelabels deploy. Digest old",
        "PolicyDocument": "",
    }
    assert deploy() == 0
    assert "scf.qcloud.com" in plane.roles["imagelabels-function"]["PolicyDocument"]


def test_keys_that_expire_midway_would_leave_a_riddle(
    deploy: Deploy, plane: ControlPlane, capsys: pytest.CaptureFixture[str]
) -> None:
    plane.fail = lambda action: "AuthFailure.TokenFailure" if action == "CreateFunction" else None
    assert deploy() == 1
    printed = capsys.readouterr().out
    assert "stopped at function: AuthFailure.TokenFailure" in printed
    assert (
        "done: role, policy, attachment, layer; not done: function, retries, trigger cos:ObjectCreated:Put" in printed
    )
    assert "the same command goes on from here" in printed
    plane.fail = lambda action: None
    plane.calls.clear()
    assert deploy() == 0
    assert plane.changes[0] == "CreateFunction"
    assert len(plane.layers) == 1


@pytest.mark.parametrize("broken", ["CreatePolicy", "AttachRolePolicy", "PublishLayerVersion", "CreateTrigger"])
def test_a_deployment_that_is_half_made_could_not_be_undone_or_ended(
    broken: str, deploy: Deploy, plane: ControlPlane
) -> None:
    plane.fail = lambda action: "InternalError" if action == broken else None
    assert deploy() == 1
    plane.fail = lambda action: None
    assert deploy("--undo") == 0
    assert not any((plane.roles, plane.policies, plane.attached, plane.layers, plane.functions, plane.triggers))
    plane.fail = lambda action: "InternalError" if action == broken else None
    assert deploy() == 1
    plane.fail = lambda action: None
    assert deploy() == 0
    assert len(plane.triggers) == len(EVENTS) + 1


def test_undo_would_leave_what_the_plan_made(
    deploy: Deploy, plane: ControlPlane, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy() == 0
    plane.calls.clear()
    assert deploy("--undo", "--dry-run") == 0
    assert plane.changes == []
    assert "function: would be taken away" in capsys.readouterr().out
    assert deploy("--undo") == 0
    assert not any((plane.roles, plane.policies, plane.attached, plane.layers, plane.functions, plane.triggers))
    assert deploy("--undo") == 0


def test_undo_would_ask_for_what_it_does_not_use(plane: ControlPlane, deploy: Deploy) -> None:
    assert deploy() == 0
    with serving(plane) as endpoint:
        words = ["Region=ap-guangzhou", "Bucket=photos-1250000000"]
        assert main(["deploy", "tencent", "--undo", "--endpoint", endpoint, "--param", *words]) == 0
    assert plane.functions == {}


def test_undo_or_deploy_would_touch_what_others_made(
    deploy: Deploy, plane: ControlPlane, capsys: pytest.CaptureFixture[str]
) -> None:
    plane.roles["imagelabels-function"] = {"RoleName": "imagelabels-function", "Description": "of the payroll"}
    plane.policies[7] = {"PolicyId": 7, "PolicyName": "imagelabels-function", "Description": ""}
    plane.attached.append(("imagelabels-function", 7))
    assert deploy("--dry-run") == 1
    assert "role: exists, and somebody else made it: deploy would stop here" in capsys.readouterr().out
    assert deploy() == 1
    assert "stopped at role: it exists already: somebody else made it" in capsys.readouterr().out
    assert deploy("--undo") == 0
    assert plane.changes == []
    assert "role: stays, since somebody else made it" in capsys.readouterr().out


def test_a_wrong_secret_would_be_printed(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TENCENTCLOUD_SECRETKEY", "wrong-secret")
    assert deploy() == 1
    printed = "".join(capsys.readouterr())
    assert "stopped at role: AuthFailure.SignatureFailure: the secret is not that of the" in printed
    assert "check TENCENTCLOUD_SECRETID and TENCENTCLOUD_SECRETKEY\n" in printed
    assert "wrong-secret" not in printed


def test_an_answer_that_repeats_a_secret_would_be_printed(
    deploy: Deploy, plane: ControlPlane, capsys: pytest.CaptureFixture[str]
) -> None:
    plane.fail = lambda action: "InvalidParameter: another-secret is refused" if action == "CreateFunction" else None
    assert deploy() == 1
    assert "another-secret" not in (printed := capsys.readouterr().out)
    assert "(secret) is refused" in printed


def test_an_answer_that_repeats_the_request_would_print_the_token(
    deploy: Deploy, plane: ControlPlane, capsys: pytest.CaptureFixture[str]
) -> None:
    repeated = "AuthFailure.SignatureFailure: x-tc-token: a+secret/token"
    plane.fail = lambda action: repeated if action == "CreateFunction" else None
    assert deploy() == 1
    printed = "".join(capsys.readouterr())
    assert "stopped at function: AuthFailure.SignatureFailure" in printed
    assert "a+secret/token" not in printed


def test_an_answer_that_repeats_the_token_of_the_call_would_be_printed(
    deploy: Deploy, plane: ControlPlane, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TENCENTCLOUD_SESSIONTOKEN", "the-session-token")
    plane.fail = lambda action: f"AuthFailure.TokenFailure: the-session-token, {SECRET}"
    for options in (("--dry-run",), (), ("--undo",)):
        deploy(*options)
        printed = "".join(capsys.readouterr())
        assert "AuthFailure.TokenFailure" in printed
        assert "the-session-token" not in printed
        assert SECRET not in printed


def test_a_function_that_cannot_start_would_be_waited_for(
    deploy: Deploy, plane: ControlPlane, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy() == 0
    plane.functions["imagelabels"] |= {"Status": "CreateFailed", "StatusDesc": "the layer is broken"}
    assert deploy() == 1
    assert "stopped at function: CreateFailed: the layer is broken" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"Code": "absent.zip"}, "absent.zip cannot be read .*imagelabels package tencent"),
        ({"Memory": "much"}, "Memory: much is not a whole number"),
        ({"Memory": "500"}, "500 is no multiple of 128"),
        ({"Timeout": "30"}, "30 s is less than twice"),
        ({"Bucket": "photos"}, "Bucket: photos does not fit: the bucket of the pictures, with the APPID"),
        ({"Buckets": "photos-1"}, "Buckets is not one of .*did you mean Bucket"),
        ({"IndexKeySecret": "x"}, "IndexKeySecret is a secret: set the environment variable ALIBABA"),
        ({"Code": ""}, "Code: It has neither ZipFile nor a bucket and a key. Name Code and Layer, or"),
        ({"PackageBucket": "p", "CodeKey": "/c"}, "Code: It has ZipFile, and a bucket or a key too. Name Code and"),
    ],
)
def test_a_wrong_value_would_reach_the_cloud(
    more: dict[str, str], message: str, deploy: Deploy, plane: ControlPlane, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy(**more) == 2
    assert re.search(message, capsys.readouterr().err)
    assert plane.changes == []


def test_keys_of_the_index_that_are_missing_would_be_missed_by_the_function_alone(
    deploy: Deploy, plane: ControlPlane, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
    assert deploy() == 2
    assert "Set ALIBABA_CLOUD_ACCESS_KEY_SECRET where you deploy, to a key that may" in capsys.readouterr().err
    assert plane.changes == []


def test_a_packed_policy_would_not_reach_the_function(deploy: Deploy, plane: ControlPlane) -> None:
    def variables() -> dict[str, str]:
        entries = plane.functions["imagelabels"]["Environment"]["Variables"]
        return {entry["Key"]: entry["Value"] for entry in entries}

    assert deploy() == 0
    assert "IMAGELABELS_POLICY" not in variables()
    assert deploy(PolicyFile="/var/user/policy.toml") == 0
    assert variables()["IMAGELABELS_POLICY"] == "/var/user/policy.toml"


def test_the_embedded_detector_would_look_for_its_model_outside_the_layer(deploy: Deploy, plane: ControlPlane) -> None:
    assert deploy(Detector="embedded") == 0
    model = {"Key": "IMAGELABELS_MODEL", "Value": "/opt/models/efficientnet-lite0-int8.onnx"}
    assert model in plane.functions["imagelabels"]["Environment"]["Variables"]


def test_a_large_archive_would_be_read_into_memory(
    deploy: Deploy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "Code.zip").open("wb") as file:
        file.truncate(50_000_001)
    assert deploy() == 2
    assert "upload it to a bucket of the region and name PackageBucket" in capsys.readouterr().err


def test_a_missing_value_would_end_in_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deploy", "tencent", "--param", "Region=ap-guangzhou"]) == 2
    said = capsys.readouterr().err
    assert "--param AppId=VALUE is missing: the account's APPID" in said
    assert "; --param Index=VALUE is missing: where rows" in said
    assert "; --param IndexRegion=VALUE is missing: the region of the Tablestore" in said
    assert "IndexKeyId" not in said
    assert main(["deploy", "tencent", "--param", "Region"]) == 2
    assert "Region is not NAME=VALUE" in capsys.readouterr().err


def test_a_call_without_an_answer_would_end_in_words_of_the_http_library(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TENCENTCLOUD_SECRETID", KEY)
    monkeypatch.setenv("TENCENTCLOUD_SECRETKEY", SECRET)
    words = ["deploy", "tencent", "--undo", "--param", "Region=ap-guangzhou", "Bucket=photos-1250000000"]
    assert main([*words, "--endpoint", "http://127.0.0.1:1"]) == 1
    said = capsys.readouterr().out
    assert ": no answer: http://127.0.0.1:1 gave none to scf:ListTriggers: check the network and the region\n" in said


def test_keys_or_an_address_that_are_missing_would_end_in_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["deploy", "tencent", "--undo", "--param", "Region=ap-guangzhou", "Bucket=photos-1250000000"]
    monkeypatch.delenv("TENCENTCLOUD_SECRETID", raising=False)
    assert main(words) == 2
    assert "no credentials: set TENCENTCLOUD_SECRETID and TENCENTCLOUD_SECRETKEY, or" in capsys.readouterr().err
    monkeypatch.setenv("TENCENTCLOUD_SECRETID", KEY)
    monkeypatch.setenv("TENCENTCLOUD_SECRETKEY", SECRET)
    assert main([*words, "--endpoint", "127.0.0.1:9"]) == 2
    assert "--endpoint must be an address, such as http://127.0.0.1:9000" in capsys.readouterr().err
