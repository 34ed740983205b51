"""What `imagelabels deploy aliyun` refuses: wrong values, buckets, keys and permissions, in words and in time."""

from __future__ import annotations

import re

import pytest

from imagelabels.cli.main import main
from tests.deploy.aliyun.cloud import GIVEN, KEY
from tests.deploy.aliyun.conftest import Deploy
from tests.deploy.aliyun.stack_parameters import Refused

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
Out = pytest.CaptureFixture[str]


def test_keys_that_expire_midway_would_leave_a_riddle(deploy: Deploy, capsys: Out) -> None:
    expired = Refused(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
    deploy.cloud.plane.fail = lambda action: expired if action == "CreateStack" else None
    assert deploy() == 1
    printed = capsys.readouterr().out
    assert "stopped at stack: InvalidSecurityToken.Expired: Specified SecurityToken is expired." in printed
    assert "done: account, packages, upload; not done: stack, attach; the same command goes on from here" in printed
    deploy.cloud.plane.fail = lambda action: None
    assert deploy() == 0
    assert len(deploy.cloud.keys()) == 2


@pytest.mark.parametrize("action", ["ListStacks", "CreateStack", "GetStack"])
def test_a_missing_permission_would_not_be_named(deploy: Deploy, action: str, capsys: Out) -> None:
    forbidden = Refused(403, "Forbidden.RAM", "User not authorized to operate on the specified resource.")
    deploy.cloud.plane.fail = lambda called: forbidden if called == action else None
    assert deploy() == 1
    assert f"give these keys the permission ros:{action}" in capsys.readouterr().out


def test_an_object_of_somebody_else_would_be_overwritten(deploy: Deploy, capsys: Out) -> None:
    assert deploy("--dry-run") == 0
    assert deploy() == 0
    key = deploy.cloud.plane.stacks["id-1"].values["CodeKey"]
    deploy.cloud.bucket().put_object(key, b"somebody else's")
    capsys.readouterr()
    assert deploy() == 1
    assert f"stopped at upload: it exists already: oss://my-packages/{key} has another content" in (
        capsys.readouterr().out
    )
    assert deploy.cloud.bucket().get_object(key).read() == b"somebody else's"


@pytest.mark.parametrize("parameter", ["BucketName", "CodeBucket"])
def test_a_bucket_that_is_not_there_would_be_found_out_late(deploy: Deploy, parameter: str, capsys: Out) -> None:
    assert deploy(**{parameter: "absent"}) == 1
    assert "stopped at account: no such bucket: oss://absent: make the bucket" in capsys.readouterr().out
    assert deploy.cloud.plane.changes == []


def test_a_bucket_in_another_region_would_be_found_out_late(deploy: Deploy, capsys: Out) -> None:
    deploy.cloud.plane.region = "cn-shanghai"
    assert deploy(Region="cn-shanghai") == 1
    printed = capsys.readouterr().out
    assert "stopped at account: another region: the bucket my-packages is in cn-hangzhou, and the stack in" in printed
    assert "or Region=cn-hangzhou" in printed
    assert deploy.cloud.plane.changes == []


def test_a_former_key_that_is_not_there_would_reach_the_stack(deploy: Deploy, capsys: Out) -> None:
    assert deploy() == 0
    deploy.cloud.plane.calls.clear()
    assert deploy(CodeKey="imagelabels/old/code.zip", LayerKey="imagelabels/old/layer.zip") == 1
    printed = capsys.readouterr().out
    assert "stopped at upload: no such key: oss://my-packages/imagelabels/old/code.zip is not there: correct" in printed
    assert deploy.cloud.plane.changes == []


def test_former_archives_for_another_runtime_would_reach_the_stack(deploy: Deploy, capsys: Out) -> None:
    keys = {part: f"imagelabels/aliyun-python3.12-imm-tablestore/{'0' * 16}/{part}.zip" for part in ("code", "layer")}
    assert deploy(CodeKey=keys["code"], LayerKey=keys["layer"]) == 2
    message = "CodeKey holds aliyun-python3.12-imm-tablestore, but the stack is for aliyun-python3.10-imm-tablestore"
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(("name", "value"), [("BucketName", "my-packages"), ("InstanceName", "other"), ("Name", "x1")])
def test_another_bucket_or_index_would_take_this_ones_away(deploy: Deploy, name: str, value: str, capsys: Out) -> None:
    assert deploy() == 0
    assert deploy(**{name: value}) == 2
    assert re.search(f"{name} is .* in the stack imagelabels, and stays so: deploy another", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"BucketNames": "a"}, "BucketNames is not one of .*did you mean BucketName"),
        (
            {"BucketName": "My_Photos"},
            r"BucketName: 'My_Photos' does not fit the pattern \^\[a-z0-9\]\S+\. The OSS bucket whose",
        ),
        ({"CreateBucket": "perhaps"}, "CreateBucket: perhaps is not true or false. If this is true"),
        ({"Detector": "ims"}, "Detector: 'ims' is not one of imm, oss, embedded"),
        ({"Timeout": "soon"}, "Timeout: soon is not of type Number. The seconds"),
        ({"Timeout": "74"}, "Timeout: 74 is outside the limits of the parameter, from 75 to 900. The seconds"),
        ({"MemorySize": "1000"}, "MemorySize: 1000 is not one of 512, 1024"),
        ({"ImmServiceRole": ""}, "ImmServiceRole: '' is outside the limits of the parameter, at least 1. The role"),
        ({"Region": "hangzhou"}, r"Region: 'hangzhou' does not fit the pattern \S+ The region of the stack"),
        ({"StackName": "1st"}, r"StackName: '1st' does not fit the pattern \S+ The name of the stack"),
        ({"CodeKey": "a.zip"}, "name CodeKey and LayerKey together"),
        ({"CodeKey": "", "LayerKey": "b"}, "CodeKey: '' is outside the limits of the parameter, at least 1"),
    ],
)
def test_a_wrong_value_would_reach_the_cloud(deploy: Deploy, more: dict[str, str], message: str, capsys: Out) -> None:
    assert deploy(**more) == 2
    assert re.search(message, capsys.readouterr().err)
    assert deploy.cloud.plane.calls == []


def test_what_a_stack_needs_would_be_missing_without_a_word(deploy: Deploy, capsys: Out) -> None:
    assert deploy.plain(BucketName="my-photos") == 2
    assert "--param Region=VALUE is missing: The region of the stack" in capsys.readouterr().err
    assert deploy.plain(Region="cn-hangzhou", BucketName="my-photos") == 2
    said = capsys.readouterr().err
    assert "--param InstanceName=VALUE is missing: The name of the Tablestore" in said
    assert "--param CodeBucket=VALUE is missing: The OSS bucket" in said
    assert deploy.cloud.plane.changes == []


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"Detector": "embedded", "MemorySize": "512"}, "1 vCPU with 512 MB is outside the ratio"),
        (
            {"Region": "ap-southeast-1", "Runtime": "python3.12"},
            r"Singapore .ap-southeast-1. does not have python3\.12",
        ),
        ({"KeySuffix": ".png/", "KeyPrefix": "a"}, ""),
    ],
)
def test_values_that_do_not_fit_each_other_would_reach_the_stack(
    deploy: Deploy, more: dict[str, str], message: str, capsys: Out
) -> None:
    deploy.cloud.plane.region = more.get("Region", "cn-hangzhou")
    assert deploy(**more) == (2 if message else 0)
    assert re.search(message, capsys.readouterr().err)
    assert deploy.cloud.plane.changes == ([] if message else ["CreateStack"])


def test_packages_that_are_missing_or_too_large_would_be_uploaded(deploy: Deploy, capsys: Out) -> None:
    assert deploy(Runtime="python3.12") == 2
    assert re.search(
        "python3.12-imm-tablestore-code.zip cannot be read .No such file or directory.: `imagelabels package aliyun"
        " --runtime python3.12 --detector imm --out ",
        capsys.readouterr().err,
    )
    with (deploy.folder / "imagelabels-aliyun-python3.10-imm-tablestore-layer.zip").open("wb") as file:
        file.truncate(100_000_001)
    assert deploy() == 2
    assert "layer.zip has 100.0 MB, and Function Compute takes 100 MB" in capsys.readouterr().err


def test_a_policy_would_be_named_that_is_not_in_the_package(deploy: Deploy, capsys: Out) -> None:
    assert deploy.plain("--no-proof", **(GIVEN | {"PolicyFile": "/code/policy.toml"})) == 2
    assert "`imagelabels package aliyun --policy FILE` and name their folder with --packages" in capsys.readouterr().err
    assert deploy(PolicyFile="/code/policy.toml") == 0


def test_keys_that_the_cloud_does_not_know_would_be_answered_with_a_signature(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "unknown")
    assert deploy() == 1
    printed = "".join(capsys.readouterr())
    assert "there is no such access key: check ALIBABA_CLOUD_ACCESS_KEY_ID\n" in printed
    assert "Signature=" not in printed


def test_a_secret_would_be_printed(deploy: Deploy, monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    assert deploy() == 0
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "wrong-secret")
    assert deploy() == 1
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", KEY.secret)
    repeated = Refused(400, "InvalidParameter", f"{KEY.secret} is refused")
    deploy.cloud.plane.fail = lambda action: repeated if action == "UpdateStack" else None
    assert deploy() == 1
    printed = "".join(capsys.readouterr())
    wrong = "the secret is not that of the access key: check ALIBABA_CLOUD_ACCESS_KEY_ID and"
    assert f"stopped at account: SignatureDoesNotMatch: {wrong} ALIBABA_CLOUD_ACCESS_KEY_SECRET\n" in printed
    assert "(secret) is refused" in printed
    assert "wrong-secret" not in printed
    assert KEY.secret not in printed


def test_keys_or_an_address_that_are_missing_would_end_in_a_traceback(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    words = ["deploy", "aliyun", "--undo", "--param", "Region=cn-hangzhou"]
    assert main([*words, "--endpoint", "127.0.0.1:9"]) == 2
    assert "--endpoint must be an address, such as http://127.0.0.1:9000" in capsys.readouterr().err
    assert main([*words, "--endpoint", "http://127.0.0.1:9"]) == 1
    assert "127.0.0.1:9 gave none to ros:ListStacks: check the network" in capsys.readouterr().out
    monkeypatch.delenv("ALIBABA_CLOUD_ACCESS_KEY_ID")
    assert main(words) == 2
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in capsys.readouterr().err
