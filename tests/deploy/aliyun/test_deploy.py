"""These tests run `imagelabels deploy aliyun` with the vendor's SDKs against emulated services."""

from __future__ import annotations

import re

import pytest

from imagelabels.cli.main import main
from imagelabels.deploy.aliyun.parameters import MARK, Parameters
from imagelabels.deploy.template.document import shipped
from tests.deploy.aliyun.cloud import GIVEN, KEY, packages
from tests.deploy.aliyun.conftest import Deploy
from tests.deploy.aliyun.control_plane import Refused

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
Out = pytest.CaptureFixture[str]


def test_nothing_would_run_after_a_first_deployment(deploy: Deploy, capsys: Out) -> None:
    assert deploy() == 0
    (stack,) = deploy.cloud.plane.stacks.values()
    assert stack.status == "CREATE_COMPLETE"
    assert (stack.name, stack.values["BucketName"], stack.values["Timeout"]) == ("imagelabels", "my-photos", "90")
    keys = [stack.values["CodeKey"], stack.values["LayerKey"]]
    assert deploy.cloud.keys() == sorted(keys)
    for part, key in zip(("code", "layer"), keys, strict=True):
        assert re.fullmatch(rf"imagelabels/aliyun-python3\.10-imm-tablestore/[0-9a-f]{{16}}/{part}\.zip", key)
    printed = capsys.readouterr().out
    assert "stack: made" in printed
    assert "Index: tablestore://my-labels" in printed
    assert "attach: the detector imm needs no binding" in printed
    assert deploy.cloud.imm.bindings.bound == {}


def test_nobody_would_hear_what_the_deployment_costs(deploy: Deploy, capsys: Out) -> None:
    for options in ((), ("--dry-run",)):
        assert deploy(*options) == 0
        printed = capsys.readouterr().out
        assert re.search(r"^costs: without a picture, each month .*\d USD", printed, re.MULTILINE)
        assert "the queue of failed events" in printed
    assert deploy.plain("--undo", Region="cn-hangzhou") == 0
    assert "costs:" not in capsys.readouterr().out


def test_a_second_deployment_would_change_what_is_right_already(deploy: Deploy, capsys: Out) -> None:
    assert deploy() == 0
    deploy.cloud.plane.calls.clear()
    capsys.readouterr()
    assert deploy() == 0
    assert deploy.cloud.plane.stacks["id-1"].status == "CREATE_COMPLETE"
    printed = capsys.readouterr().out
    assert printed.count(" is there\n") == 3
    assert "the way back" not in printed


def test_a_dry_run_would_change_something(deploy: Deploy, capsys: Out) -> None:
    assert deploy("--dry-run", Detector="oss") == 0
    assert deploy.cloud.plane.changes == []
    assert deploy.cloud.keys() == []
    assert deploy.cloud.imm.bindings.bound == {}
    printed = capsys.readouterr().out
    assert "stack: imagelabels would be made by ros:CreateStack" in printed
    assert "    BucketName: my-photos" in printed
    assert re.search(r"    would make: .*Function.*Trigger", printed)
    assert "attach: my-photos would be bound to the IMM project imagelabels" in printed


def test_a_dry_run_would_make_packages(deploy: Deploy, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(deploy.folder)
    assert deploy.plain("--dry-run", **GIVEN) == 0
    printed = capsys.readouterr().out
    assert "packages: aliyun-python3.10-imm-tablestore would be made in dist" in printed
    assert "CodeKey: (known when the packages are made)" in printed
    assert "proof: a picture would be uploaded as oss://my-photos/imagelabels-proof-" in printed
    assert not (deploy.folder / "dist").exists()


def test_a_dry_run_of_an_upgrade_would_not_say_what_changes(deploy: Deploy, capsys: Out) -> None:
    assert deploy() == 0
    packages(deploy.folder, "2")
    capsys.readouterr()
    assert deploy("--dry-run", LogDays="60") == 0
    printed = capsys.readouterr().out
    assert "stack: imagelabels would be changed by ros:UpdateStack" in printed
    assert "    LogDays: 30 -> 60" in printed
    assert re.search(r"    would change: .*Logstore", printed)
    assert "    would make anew, and remove the former: Layer" in printed
    assert "BucketName: " not in printed


def test_a_dry_run_without_a_change_would_announce_one(deploy: Deploy, capsys: Out) -> None:
    assert deploy() == 0
    capsys.readouterr()
    assert deploy("--dry-run") == 0
    assert "stack: imagelabels is there" in capsys.readouterr().out


def test_an_upgrade_would_leave_the_old_code_or_lose_the_way_back(deploy: Deploy, capsys: Out) -> None:
    assert deploy() == 0
    former = dict(deploy.cloud.plane.stacks["id-1"].values)
    packages(deploy.folder, "2")
    assert deploy() == 0
    stack = deploy.cloud.plane.stacks["id-1"]
    assert stack.status == "UPDATE_COMPLETE"
    assert stack.values["CodeKey"] != former["CodeKey"]
    assert {former["CodeKey"], stack.values["CodeKey"]} <= set(deploy.cloud.keys())
    keys = {name: former[name] for name in ("CodeKey", "LayerKey")}
    words = " ".join(f"{name}={value}" for name, value in keys.items())
    own = "Region=cn-hangzhou StackName=imagelabels"
    assert f"the way back: imagelabels deploy aliyun --param {own} {words}\n" in capsys.readouterr().out
    assert deploy.only(Region="cn-hangzhou", **keys) == 0
    assert {name: stack.values[name] for name in keys} == keys
    printed = capsys.readouterr().out
    assert "packages: none is made" in printed
    assert "upload: the former archives are there" in printed


def test_a_parameter_that_nobody_names_would_fall_back_to_its_default(deploy: Deploy) -> None:
    assert deploy(LogDays="90", KeyPrefix="photos/") == 0
    assert deploy.only(Region="cn-hangzhou", MemorySize="2048") == 0
    values = deploy.cloud.plane.stacks["id-1"].values
    assert (values["LogDays"], values["KeyPrefix"], values["MemorySize"]) == ("90", "photos/", "2048")
    assert deploy.only(Region="cn-hangzhou", KeyPrefix="") == 0
    assert values is not deploy.cloud.plane.stacks["id-1"].values
    assert deploy.cloud.plane.stacks["id-1"].values["KeyPrefix"] == ""


def test_the_detector_oss_would_stay_unbound(deploy: Deploy, capsys: Out) -> None:
    assert deploy(Detector="oss") == 0
    assert deploy.cloud.imm.bindings.bound["my-photos"]["ProjectName"] == "imagelabels"
    assert deploy(Detector="oss") == 0
    printed = capsys.readouterr().out
    assert "attach: my-photos is bound to the IMM project imagelabels already" in printed
    assert "AttachOSSBucket" not in printed
    assert deploy("--dry-run", Detector="oss") == 0
    assert "attach: my-photos is bound to the IMM project imagelabels already" in capsys.readouterr().out


def test_a_bucket_of_another_project_would_be_taken_away(deploy: Deploy, capsys: Out) -> None:
    deploy.cloud.imm.bindings.bound["my-photos"] = {"ProjectName": "payroll"}
    assert deploy(Detector="oss") == 1
    printed = capsys.readouterr().out
    assert "stopped at attach: it is bound already: my-photos belongs to the IMM project payroll" in printed
    assert "done: account, packages, upload, stack; not done: attach; the same command goes on from here" in printed
    assert deploy.cloud.imm.bindings.bound["my-photos"] == {"ProjectName": "payroll"}
    assert deploy("--dry-run", Detector="oss") == 1


def test_undo_would_leave_the_stack_or_the_binding(deploy: Deploy, capsys: Out) -> None:
    assert deploy(Detector="oss") == 0
    capsys.readouterr()
    assert deploy.plain("--undo", "--dry-run", Region="cn-hangzhou") == 0
    printed = capsys.readouterr().out
    assert "attach: my-photos would be freed from the IMM project imagelabels" in printed
    assert "stack: imagelabels would be deleted" in printed
    assert deploy.cloud.plane.stacks["id-1"].status == "CREATE_COMPLETE"
    assert deploy.plain("--undo", Region="cn-hangzhou") == 0
    printed = capsys.readouterr().out
    assert "stack: imagelabels is deleted" in printed
    assert "the Tablestore instance my-labels with the index and the queue imagelabels-failures stay" in printed
    assert deploy.cloud.plane.stacks["id-1"].status == "DELETE_COMPLETE"
    assert deploy.cloud.imm.bindings.bound == {}
    assert deploy.plain("--undo", Region="cn-hangzhou") == 0
    assert "stack: imagelabels is not there" in capsys.readouterr().out
    assert deploy() == 0


def test_undo_or_deploy_would_touch_what_others_made(deploy: Deploy, capsys: Out) -> None:
    assert deploy() == 0
    record = deploy.cloud.plane.stacks["id-1"]
    record.body = record.body.replace(MARK, "This stack holds the payroll,")
    deploy.cloud.plane.calls.clear()
    assert deploy() == 1
    assert "it exists already: somebody else made the stack imagelabels: choose another StackName" in (
        capsys.readouterr().out
    )
    assert deploy("--dry-run") == 1
    assert deploy.plain("--undo", Region="cn-hangzhou") == 0
    assert "stack: imagelabels stays, since somebody else made it" in capsys.readouterr().out
    assert deploy.cloud.plane.changes == []


@pytest.mark.parametrize("status", ["CREATE_FAILED", "CREATE_ROLLBACK_COMPLETE", "CREATE_ROLLBACK_FAILED"])
def test_a_stack_that_exists_half_would_leave_a_riddle(deploy: Deploy, status: str, capsys: Out) -> None:
    deploy.cloud.plane.breaks = ("Trigger", "NoPermission: the keys may not fc:CreateTrigger")
    assert deploy() == 1
    printed = capsys.readouterr().out
    assert "    2026-11-28T10:00:00 Trigger: CREATE_FAILED: NoPermission: the keys may not fc:CreateTrigger" in printed
    assert "stopped at stack: CREATE_ROLLBACK_COMPLETE: Resource Trigger failed: NoPermission" in printed
    deploy.cloud.plane.breaks = None
    record = deploy.cloud.plane.stacks["id-1"]
    record.status = record.next_status = status
    assert deploy() == 1
    printed = capsys.readouterr().out
    assert f"stopped at account: {status}: " in printed
    assert "--undo deletes what is there of the stack, and then the command makes it anew" in printed
    assert deploy.plain("--undo", Region="cn-hangzhou") == 0
    assert deploy() == 0


def test_a_failed_change_would_pass_for_a_change(deploy: Deploy, capsys: Out) -> None:
    assert deploy() == 0
    deploy.cloud.plane.breaks = ("Function", "the memory is too small")
    assert deploy(MemorySize="512") == 1
    printed = capsys.readouterr().out
    assert "stopped at stack: ROLLBACK_COMPLETE: Resource Function failed: the memory is too small" in printed
    deploy.cloud.plane.breaks = None
    assert deploy(MemorySize="512") == 0
    assert deploy.cloud.plane.stacks["id-1"].values["MemorySize"] == "512"


def test_a_deletion_that_fails_would_pass_for_one(deploy: Deploy, capsys: Out) -> None:
    assert deploy() == 0
    deploy.cloud.plane.breaks = ("LogProject", "it is in use")
    assert deploy.plain("--undo", Region="cn-hangzhou") == 1
    printed = capsys.readouterr().out
    assert "LogProject: DELETE_FAILED: it is in use" in printed
    assert "stopped at stack: DELETE_FAILED" in printed


def test_a_stack_in_progress_would_be_changed_at_once(deploy: Deploy, capsys: Out) -> None:
    assert deploy() == 0
    record = deploy.cloud.plane.stacks["id-1"]
    record.status, record.next_status = "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"
    assert deploy(LogDays="7") == 0
    assert "account: the stack imagelabels is being worked on, which is waited for" in capsys.readouterr().out
    assert record.values["LogDays"] == "7"


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


def test_a_bucket_that_the_stack_creates_would_have_to_be_there(deploy: Deploy) -> None:
    assert deploy(BucketName="new-photos", CreateBucket="true") == 0


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
            "BucketName: 'My_Photos' does not fit AllowedPattern. The OSS bucket whose",
        ),
        ({"CreateBucket": "perhaps"}, "CreateBucket: perhaps is not of type Boolean. If this is true"),
        ({"Detector": "ims"}, "Detector: 'ims' is not one of AllowedValues, which are imm, oss, embedded"),
        ({"Timeout": "soon"}, "Timeout: soon is not of type Number. The seconds"),
        ({"Timeout": "74"}, "Timeout: 74 is outside the limits of the parameter, from 75 to 900. The seconds"),
        ({"MemorySize": "1000"}, "MemorySize: 1000 is not one of AllowedValues, which are 512, 1024"),
        ({"ImmServiceRole": ""}, "ImmServiceRole: '' is outside the limits of the parameter, at least 1. The role"),
        ({"Region": "hangzhou"}, "Region: 'hangzhou' does not fit AllowedPattern. The region of the stack"),
        ({"StackName": "1st"}, "StackName: '1st' does not fit AllowedPattern. The name of the stack"),
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
    assert "--param InstanceName=VALUE is missing: The name of the Tablestore" in capsys.readouterr().err
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


def test_a_secret_would_be_printed(deploy: Deploy, monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    assert deploy() == 0
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "wrong-secret")
    assert deploy() == 1
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", KEY.secret)
    repeated = Refused(400, "InvalidParameter", f"{KEY.secret} is refused")
    deploy.cloud.plane.fail = lambda action: repeated if action == "UpdateStack" else None
    assert deploy() == 1
    printed = "".join(capsys.readouterr())
    assert "stopped at account: SignatureDoesNotMatch" in printed
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


def test_the_template_would_not_be_recognised_as_ours() -> None:
    from tests.deploy.aliyun.control_plane import _description

    assert _description(shipped()).startswith(MARK)
    assert Parameters(shipped()).known["StackName"]["Default"] == "imagelabels"
