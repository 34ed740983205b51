"""These tests stop a deployment before and after every change, and go on from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from imagelabels.deploy.aliyun import account
from imagelabels.deploy.aliyun.archives import Archives, paths_in
from imagelabels.deploy.aliyun.parameters import Parameters
from imagelabels.deploy.aliyun.run import DeployRequest, Run
from imagelabels.deploy.package.target import Order
from imagelabels.deploy.template.document import shipped
from imagelabels.domain.errors import Misconfigured
from tests.deploy.aliyun.cloud import GIVEN, Cloud, packages

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

CHANGING = frozenset({"attach", "build", "create", "delete", "detach", "prove", "update", "upload"})
CHANGES = 6
"""A deployment from nothing makes so many changes: it packs, uploads twice, makes the stack, binds and proves."""


class Stop:
    """This lets somebody press Ctrl-C before or after the change with that number."""

    def __init__(self, number: int, after: bool) -> None:
        self.number, self.after, self.made = number, after, 0

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def stopping(*args: Any) -> Any:
            self.made += 1
            if self.made == self.number and not self.after:
                raise KeyboardInterrupt
            result = call(*args)
            if self.made == self.number:
                raise KeyboardInterrupt
            return result

        return stopping


class Stopping:
    """A port whose changing calls may be stopped."""

    def __init__(self, port: Any, stop: Stop) -> None:
        self._port, self._stop = port, stop

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._port, name)
        return self._stop.around(call) if name in CHANGING else call


class Site:
    """Runs on the cloud of a test, with their lines."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.cloud, self.folder, self.lines = cloud, packages(folder), list[str]()
        self.proofs: list[str] = []

    @contextmanager
    def run(self, number: int = 0, after: bool = False) -> Iterator[tuple[Run, Stop]]:
        stop, template = Stop(number, after), shipped()
        opened = account.opened("cn-hangzhou", self.cloud.environ, self.lines.append, self.cloud.ros)
        stopping = replace(
            opened,
            stacks=cast(Any, Stopping(opened.stacks, stop)),
            buckets=cast(Any, Stopping(opened.buckets, stop)),
            bindings=cast(Any, Stopping(opened.bindings, stop)),
            build=stop.around(lambda order: paths_in(order, self.folder)),
            prove=stop.around(lambda ref, instance, look_at: self.proofs.append(ref.uri)),
        )
        parameters = Parameters(template)
        request = DeployRequest(parameters.checked(GIVEN | {"Detector": "oss"}))
        try:
            yield Run(request, parameters, template, stopping, self.lines.append), stop
        finally:
            opened.close()

    def things(self) -> tuple[list[str], list[str], list[str]]:
        """What there is: stacks, uploaded archives, and buckets that are bound."""
        there = [record.status for record in self.cloud.plane.stacks.values() if record.status != "DELETE_COMPLETE"]
        return there, self.cloud.keys(), list(self.cloud.imm.bindings.bound)

    def deploy(self) -> bool:
        with self.run() as (run, _):
            return run.deploy()

    def undo(self) -> bool:
        with self.run() as (run, _):
            return run.undo(dry=False)


@pytest.fixture
def site(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr("imagelabels.deploy.aliyun.stacks.PAUSE", 0.0)
    return Site(cloud, tmp_path / "packages")


def test_a_deployment_would_make_another_number_of_changes(site: Site) -> None:
    with site.run() as (run, stop):
        assert run.deploy()
    assert stop.made == CHANGES
    assert site.things()[0] == ["CREATE_COMPLETE"]
    assert len(site.proofs) == 1


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("stop", range(1, CHANGES + 1))
def test_ctrl_c_in_a_step_would_keep_the_next_run_from_ending(site: Site, stop: int, after: bool) -> None:
    with site.run(stop, after) as (run, _), pytest.raises(KeyboardInterrupt):
        run.deploy()
    assert "stopped by Ctrl-C" in site.lines
    assert site.lines[-1].startswith("done: account")
    assert site.lines[-1].endswith("the same command goes on from here, and --undo deletes the stack")
    assert site.deploy()
    stacks, keys, bound = site.things()
    assert (stacks, len(keys), bound) == (["CREATE_COMPLETE"], 2, ["my-photos"])


@pytest.mark.parametrize("stop", range(1, CHANGES + 1))
def test_ctrl_c_in_a_step_would_leave_what_undo_cannot_take_away(site: Site, stop: int) -> None:
    with site.run(stop, after=True) as (run, _), pytest.raises(KeyboardInterrupt):
        run.deploy()
    assert site.undo()
    stacks, _, bound = site.things()
    assert (stacks, bound) == ([], [])


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("stop", [1, 2])
def test_ctrl_c_in_undo_would_keep_the_next_undo_from_ending(site: Site, stop: int, after: bool) -> None:
    assert site.deploy()
    with site.run(stop, after) as (run, _), pytest.raises(KeyboardInterrupt):
        run.undo(dry=False)
    assert site.lines[-1].endswith("the same command goes on from here")
    assert site.undo()
    stacks, _, bound = site.things()
    assert (stacks, bound) == ([], [])


def test_a_stack_that_never_ends_would_be_waited_for_without_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imagelabels.deploy.aliyun.stacks.WAITS", 3)
    plane, create = site.cloud.plane, site.cloud.plane.CreateStack

    def never(given: dict[str, str]) -> dict[str, Any]:
        answer = create(given)
        plane.stacks[answer["StackId"]].next_status = "CREATE_IN_PROGRESS"
        return answer

    plane.CreateStack = never  # type: ignore[method-assign]
    assert not site.deploy()
    assert "stopped at stack: not ready: the stack is still CREATE_IN_PROGRESS after 0 minutes" in site.lines


def test_a_disk_that_fills_while_packing_would_leave_half_a_deployment(site: Site) -> None:
    def full(order: Order) -> Archives:
        raise Misconfigured(f"the packages cannot be written to dist: No space left on device ({order.name})")

    with site.run() as (run, _):
        run.account = replace(run.account, build=full)
        with pytest.raises(Misconfigured, match="No space left"):
            run.deploy()
    assert site.things() == ([], [], [])
    assert site.deploy()
