"""A new service is one folder and one line in the list of services. It needs no other edit."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from emulator.__main__ import started
from emulator.arguments import parser
from emulator.core.keyring import Keyring
from emulator.core.parts import Change
from emulator.core.server import Server
from emulator.core.startup import ServiceDoor, Surroundings
from emulator.services import SERVICES
from tests.emulator import toy
from tests.emulator.running import ROOT, RunningServer

DOORS: tuple[ServiceDoor, ...] = (toy, *SERVICES)
CLOUDS = re.compile("oss|cos|imm|tablestore|aliyun|alibaba|tencent|fc|scf", re.IGNORECASE)


async def no_labels(path: Path) -> dict[str, object]:
    return {"labels": []}


def no_function(change: Change) -> None:
    pass


@pytest.fixture
def host(tmp_path: Path) -> Iterator[RunningServer]:
    """Start all services of the emulator and the toy in the way of `python -m emulator up`."""
    args = parser(DOORS).parse_args(["up", "--data", str(tmp_path), "--toy-greeting", "good day", "--bucket", "photos"])
    stack = AsyncExitStack()
    try:
        surroundings = Surroundings(args, tmp_path, Keyring(ROOT), no_labels, lambda cloud: no_function, stack)
        server = Server(started(surroundings, DOORS))
        with server.running():
            yield RunningServer(server)
    finally:
        asyncio.run(stack.aclose())


def test_a_new_service_answers_at_its_own_host_names_and_at_the_address_of_this_machine(host: RunningServer) -> None:
    key = {"x-toy-key": ROOT.id}
    assert host.raw("GET", "/", key | {"Host": "duck.toy.example"})[::2] == (200, b"good day duck.toy.example")
    assert host.raw("GET", "/", key | {"Host": "duck.localhost"})[::2] == (200, b"good day duck")
    assert host.raw("GET", "/", {"x-toy-key": "stranger"})[::2] == (403, b"unknown key")


def test_a_new_service_is_counted_and_its_host_names_are_told(host: RunningServer) -> None:
    host.raw("GET", "/", {"x-toy-key": ROOT.id})
    assert json.loads(host.raw("GET", "/_emulator/calls")[2]) == {"Toy Greet": 1}
    status, _, body = host.raw("GET", "/", {"Host": "evil.example"})
    assert (status, b"<word>.toy.example" in body) == (403, True)


def test_a_new_service_takes_nothing_from_the_others(host: RunningServer) -> None:
    for headers, answered in (
        ({}, b"<Code>AccessDenied</Code>"),
        ({"x-acs-action": "DetectImageLabels"}, b"IncompleteSignature"),
        ({"x-ots-apiversion": "2015-12-31"}, b"OTSMethodNotAllowed"),
        ({"Host": "photos-1250000000.cos.ap-guangzhou.myqcloud.com"}, b"<Code>AccessDenied</Code>"),
    ):
        assert answered in host.raw("GET", "/", headers)[2]


def test_a_request_for_an_invocation_reaches_the_cloud_that_signs_so(host: RunningServer) -> None:
    for path, headers, answered in (
        ("/2023-03-30/functions/a/invocations", {"x-acs-action": "InvokeFunction"}, b"MissingRequiredHeader"),
        ("/2023-03-30/functions", {"Authorization": "ACS3-HMAC-SHA256 x"}, b"InvalidArgument"),
        ("/2016-08-15/services/a/functions/b/invocations", {"Authorization": "FC a:b"}, b"InvalidAccessKeyID"),
        ("/2016-08-15/services/a/functions/b/invocations", {}, b"MissingRequiredHeader"),
        ("/", {"x-tc-action": "Invoke"}, b"AuthFailure.InvalidAuthorization"),
        ("/2023-03-30/functions/a/invocations", {"Authorization": "OSS a:b"}, b"<Code>InvalidAccessKeyId</Code>"),
        ("/2023-03-30/a.jpg", {}, b"<Code>NoSuchBucket</Code>"),
    ):
        assert answered in host.raw("POST", path, headers)[2]


def test_a_server_without_a_service_for_a_request_says_so(tmp_path: Path) -> None:
    with Server([toy.ToyService(Keyring(ROOT), "hello")]).running() as server:
        status, _, body = RunningServer(server).raw("GET", "/photos/a")
    assert (status, body) == (404, b"No service of the emulator takes this request.\n")


def test_the_core_names_no_cloud() -> None:
    core = Path(__file__).parents[2] / "emulator" / "core"
    words = {word for path in core.rglob("*.py") for word in re.findall(r"[A-Za-z]+", path.read_text("utf-8"))}
    assert "Service" in words
    assert {word for word in words if CLOUDS.fullmatch(word)} == set()
