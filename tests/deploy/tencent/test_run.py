"""These tests stop a deployment before and after every change, and go on from there."""

import ast
import json
from collections.abc import Mapping
from typing import Any

import pytest

from imagelabels.deploy.package.sources import entry_points
from imagelabels.deploy.package.target import CLOUDS
from imagelabels.deploy.progress import CallFailed
from imagelabels.deploy.tencent.plan import Call, read, shipped
from imagelabels.deploy.tencent.run import Run
from imagelabels.deploy.tencent.values import examples
from tests.deploy.tencent.control_plane import ControlPlane, Refused

CHANGES = 27
"""The plan makes so many changes from nothing."""


class Account:
    """A control plane in memory, whose user presses Ctrl-C before or after the change with that number."""

    def __init__(self) -> None:
        self.plane = ControlPlane()
        self.lines: list[str] = []

    def run(self, stop: int = 0, after: bool = False, **values: str | int) -> Run:
        plan, changes = read(shipped()), 0
        stored = {
            "Code": "",
            "Layer": "",
            "PackageBucket": "packages",
            "CodeKey": "/code.zip",
            "LayerKey": "/layer.zip",
        }

        def send(call: Call, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
            nonlocal changes
            changes += not call.action.startswith(("Get", "List"))
            stops = changes == stop and not call.action.startswith(("Get", "List"))
            if stops and not after:
                raise KeyboardInterrupt
            try:
                answer = self.plane.answer(call.service, call.action, dict(parameters))
            except Refused as error:
                raise CallFailed(str(error), "") from None
            if stops:
                raise KeyboardInterrupt
            return answer

        return Run(plan, examples(plan) | stored | values, send, self.lines.append, lambda seconds: None)

    def things(self) -> tuple[list[int], dict[str, Any]]:
        plane = self.plane
        counts = [len(plane.roles), len(plane.policies), len(plane.layers), len(plane.functions), len(plane.triggers)]
        return counts, {**plane.invoke, **plane.reserved}


def complete() -> Account:
    account = Account()
    assert account.run().deploy()
    return account


def test_the_plan_would_make_another_number_of_changes() -> None:
    assert len(complete().plane.changes) == CHANGES


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("stop", range(1, CHANGES + 1))
def test_ctrl_c_in_a_step_would_keep_the_next_run_from_ending(stop: int, after: bool) -> None:
    account = Account()
    with pytest.raises(KeyboardInterrupt):
        account.run(stop, after).deploy()
    assert "not done: " in account.lines[-1]
    assert account.lines[-1].endswith("the same command goes on from here, and --undo takes away what it made")
    assert account.run().deploy()
    assert account.things() == complete().things()


@pytest.mark.parametrize("stop", range(1, CHANGES + 1))
def test_ctrl_c_in_a_step_would_leave_what_undo_cannot_take_away(stop: int) -> None:
    account = Account()
    with pytest.raises(KeyboardInterrupt):
        account.run(stop, after=True).deploy()
    assert account.run().undo()
    assert account.things()[0] == [0, 0, 0, 0, 0]
    assert account.plane.attached == []


@pytest.mark.parametrize("stop", range(1, 18))
def test_ctrl_c_in_undo_would_keep_the_next_undo_from_ending(stop: int) -> None:
    account = complete()
    with pytest.raises(KeyboardInterrupt):
        account.run(stop, after=True).undo()
    assert account.lines[-1].endswith("the same command goes on from here")
    assert account.run().undo()
    assert account.things()[0] == [0, 0, 0, 0, 0]


def test_a_function_that_never_gets_ready_would_be_waited_for_without_end() -> None:
    account = Account()
    account.plane.PublishLayerVersion = lambda given: {"LayerVersion": 1}  # type: ignore[method-assign]
    assert not account.run().deploy()
    assert "stopped at layer: not ready: it did not become ready within 180 s" in account.lines


def test_who_backfills_nothing_would_have_a_second_function() -> None:
    account = Account()
    assert account.run(Backfill="", Album="", Webhooks="").deploy()
    assert sorted(account.plane.functions) == ["imagelabels", "imagelabels-timer"]
    assert not any("backfill" in line for line in account.lines)


def test_the_function_for_backfills_would_be_run_again_or_take_the_instances_of_uploads() -> None:
    plane = complete().plane
    made, labelling = plane.functions["imagelabels-backfill"], plane.functions["imagelabels"]
    assert (made["AsyncRunEnable"], "DeadLetterConfig" in made) == ("TRUE", False)
    assert made["Environment"] == labelling["Environment"]
    assert made["Handler"] == labelling["Handler"]
    assert plane.invoke["imagelabels-backfill"]["RetryConfig"] == [{"RetryNum": 0}]
    assert plane.reserved["imagelabels-backfill"] == 2560
    assert not [one for one in plane.triggers if one["FunctionName"] == "imagelabels-backfill"]


def test_a_function_for_backfills_would_stay_when_it_is_not_wanted_any_more() -> None:
    account = complete()
    account.lines.clear()
    assert account.run(Backfill="", Album="", Webhooks="").dry_run()
    assert "backfill_function: would be taken away" in account.lines
    assert "imagelabels-backfill" in account.plane.functions
    assert account.run(Backfill="", Album="", Webhooks="").deploy()
    assert "backfill_function: taken away" in account.lines
    assert sorted(account.plane.functions) == ["imagelabels", "imagelabels-timer"]


def test_another_limit_of_the_function_for_backfills_would_not_be_set() -> None:
    account = complete()
    assert account.run(BackfillMemory=5120).deploy()
    assert account.plane.reserved == {"imagelabels-backfill": 5120, "imagelabels-album": 2560}


def test_who_serves_no_api_would_have_a_function_that_everybody_reaches() -> None:
    account = Account()
    assert account.run(Album="").deploy()
    functions = ["imagelabels", "imagelabels-backfill", "imagelabels-timer", "imagelabels-webhooks"]
    assert sorted(account.plane.functions) == functions
    assert list(account.plane.roles) == ["imagelabels-function"]
    assert not any("album" in line for line in account.lines)


def test_the_api_would_have_no_address_or_more_than_its_own_role_and_settings() -> None:
    plane = complete().plane
    album, labelling = plane.functions["imagelabels-album"], plane.functions["imagelabels"]
    (url,) = [one for one in plane.triggers if one["FunctionName"] == "imagelabels-album"]
    assert (url["Type"], json.loads(url["TriggerDesc"])["AuthType"]) == ("http", "NONE")
    assert json.loads(url["TriggerDesc"])["NetConfig"]["EnableExtranet"] is True
    assert (album["Code"], album["Layers"]) == (labelling["Code"], labelling["Layers"])
    assert plane.reserved["imagelabels-album"] == 2560
    module, _, handler = album["Handler"].partition(".")
    code = ast.parse(entry_points(CLOUDS["tencent"])[f"{module}.py"])
    assert handler in {node.name for node in code.body if isinstance(node, ast.FunctionDef)}
    tags = ["name/cos:HeadObject", "name/cos:GetObjectTagging", "name/cos:PutObjectTagging"]
    assert _allowed_to_album(plane) == [["name/cos:GetObject"], tags]


def _allowed_to_album(plane: ControlPlane) -> list[list[str]]:
    """Return the actions that each policy of the function for the HTTP API allows."""
    role = plane.functions["imagelabels-album"]["Role"]
    attached = [number for name, number in plane.attached if name == role]
    documents = [json.loads(plane.policies[number]["PolicyDocument"]) for number in attached]
    return [statement["action"] for document in documents for statement in document["statement"]]


def test_the_api_would_take_corrections_although_nobody_switched_that_on_or_when_it_is_off_again() -> None:
    never, off_again = Account(), complete()
    for account in (never, off_again):
        assert account.run(AlbumCorrections="").deploy()
        assert _allowed_to_album(account.plane) == [["name/cos:GetObject"]]
        variables = account.plane.functions["imagelabels-album"]["Environment"]["Variables"]
        assert "IMAGELABELS_CORRECTIONS" not in {one["Key"] for one in variables}
        assert "imagelabels-corrections" not in {one["PolicyName"] for one in account.plane.policies.values()}
    assert "correction_policy: taken away" in off_again.lines


def test_the_api_would_stay_when_it_is_not_wanted_any_more() -> None:
    account = complete()
    account.lines.clear()
    assert account.run(Album="").dry_run()
    assert "album_function: would be taken away" in account.lines
    assert "imagelabels-album" in account.plane.functions
    assert account.run(Album="").deploy()
    assert "album_function: taken away" in account.lines
    assert "imagelabels-album" not in account.plane.functions
    assert list(account.plane.roles) == ["imagelabels-function"]
    assert len(account.plane.policies) == len(account.plane.attached) == 1
    assert not [one for one in account.plane.triggers if one["Type"] == "http"]


def test_who_sends_no_webhooks_would_have_a_function_and_a_timer_for_them() -> None:
    account = Account()
    assert account.run(Webhooks="").deploy()
    assert "imagelabels-webhooks" not in account.plane.functions
    assert not any("webhooks" in line for line in account.lines)


def test_the_function_for_webhooks_would_open_pictures_or_get_the_settings_of_a_detector() -> None:
    plane = complete().plane
    made, labelling = plane.functions["imagelabels-webhooks"], plane.functions["imagelabels"]
    (timer,) = [one for one in plane.triggers if one["FunctionName"] == "imagelabels-webhooks"]
    assert (timer["Type"], timer["TriggerDesc"]) == ("timer", "0 */2 * * * * *")
    assert (made["Code"], made["Layers"]) == (labelling["Code"], labelling["Layers"])
    assert "Role" not in made
    assert "IMAGELABELS_DETECTOR" not in {entry["Key"] for entry in made["Environment"]["Variables"]}
    assert made["Timeout"] < 120
    module, _, handler = made["Handler"].partition(".")
    code = ast.parse(entry_points(CLOUDS["tencent"])[f"{module}.py"])
    assert handler in {node.name for node in code.body if isinstance(node, ast.FunctionDef)}


def test_the_function_for_webhooks_would_stay_when_it_is_not_wanted_any_more() -> None:
    account = complete()
    account.lines.clear()
    assert account.run(Webhooks="").deploy()
    assert "webhooks_function: taken away" in account.lines
    assert "imagelabels-webhooks" not in account.plane.functions
    assert not [one for one in account.plane.triggers if one["FunctionName"] == "imagelabels-webhooks"]
