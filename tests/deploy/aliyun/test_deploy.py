"""These tests run `imagelabels deploy aliyun` with the vendor's SDKs against emulated services."""

from __future__ import annotations

import re

import pytest

from imagelabels.deploy.aliyun.parameters import MARK, Parameters
from imagelabels.deploy.template.document import shipped
from tests.deploy.aliyun.cloud import GIVEN, packages
from tests.deploy.aliyun.conftest import Deploy

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


def test_switching_the_api_on_and_off_would_not_show_its_address_or_leave_it_there(deploy: Deploy, capsys: Out) -> None:
    assert deploy() == 0
    capsys.readouterr()
    assert deploy("--dry-run", CreateAlbum="true") == 0
    printed = capsys.readouterr().out
    assert "    CreateAlbum: false -> true" in printed
    assert re.search(r"    would make: .*AlbumFunction.*AlbumTrigger", printed)
    assert deploy(CreateAlbum="true") == 0
    assert "AlbumAddress: " in capsys.readouterr().out
    assert deploy("--dry-run", CreateAlbum="false") == 0
    assert re.search(r"    would remove: .*AlbumFunction.*AlbumTrigger", capsys.readouterr().out)


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
    assert deploy(KeyPrefix="my photos/") == 0
    packages(deploy.folder, "3")
    assert deploy(KeyPrefix="", LogDays="60") == 0
    assert " 'KeyPrefix=my photos/' LogDays=30\n" in capsys.readouterr().out
    assert deploy.only(Region="cn-hangzhou", **keys, KeyPrefix="") == 0
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
    assert "imagelabels attach" not in printed
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


def test_a_bucket_that_the_stack_creates_would_have_to_be_there(deploy: Deploy) -> None:
    assert deploy(BucketName="new-photos", CreateBucket="true") == 0


def test_the_template_would_not_be_recognised_as_ours() -> None:
    from tests.deploy.aliyun.control_plane import _description

    assert _description(shipped()).startswith(MARK)
    assert Parameters(shipped()).known["StackName"]["Default"] == "imagelabels"
