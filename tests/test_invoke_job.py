"""The label functions are invoked through each platform's SDK, as a user does: by `imagelabels invoke`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from demo.clouds import CosBucket, DemoBucket, OssBucket
from demo.emulated import COS_BUCKET, COS_FUNCTION, HERE, OSS_BUCKET, OSS_FUNCTION, DemoEmulator
from tests.emulator.functions.deployed import code
from tests.ports import free_port

pytestmark = pytest.mark.story

CAT = (HERE / "photos" / "chelsea.png").read_bytes()


class WithoutTriggers(DemoEmulator):
    """The emulator with the label functions, which no upload starts; one is in a service of Function Compute 2.0 too.

    Of each cloud there is a function without the setting that it needs.
    """

    def functions(self) -> list[dict[str, Any]]:
        functions = [{name: value for name, value in one.items() if name != "trigger"} for one in super().functions()]
        in_a_service = [functions[0] | {"name": "in_a_service", "service": "pictures"}]
        broken = [one | {"name": f"{one['name']}_broken", "environment": {}} for one in functions]
        broken.append(broken[0] | {"name": "in_a_service_broken", "service": "pictures"})
        other = code(self.data / "other", "def handler(event, context):\n    return 'hello'\n")
        others = [
            {"cloud": one["cloud"], "name": f"{one['name']}_other", "code": str(other), "handler": "index.handler"}
            for one in functions
        ]
        others.append(others[0] | {"name": "in_a_service_other", "service": "pictures"})
        return functions + in_a_service + broken + others


@dataclass
class Invoking:
    """A platform with its user's bucket."""

    emulator: WithoutTriggers
    user: DemoBucket
    function: str
    through: str

    def __call__(self, *words: str, function: str | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "imagelabels", "invoke", function or self.function]
        settings = os.environ | self.emulator.user_settings | environ
        return subprocess.run(
            [*command, *words, "--through", self.through], env=settings, capture_output=True, text=True
        )

    def outcome(self, key: str) -> dict[str, Any]:
        done = self(self.uri(key), "--format", "json")
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def uri(self, key: str) -> str:
        return f"{self.user.uri.rstrip('/')}/{key}"

    def invocations(self) -> int:
        listed = self.emulator.control("functions")["functions"]
        return sum(self.emulator.control(f"functions/{one['name']}")["invocations"] for one in listed)


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WithoutTriggers]:
    port = free_port()
    started = WithoutTriggers(port, tmp_path_factory.mktemp("invoke"))
    with started:
        assert started.ready()
        yield started


@pytest.fixture(params=["fc", "fc2", "scf"])
def invoking(request: pytest.FixtureRequest, emulator: WithoutTriggers) -> Iterator[Invoking]:
    clouds: dict[str, tuple[DemoBucket, str]] = {
        "fc": (OssBucket(OSS_BUCKET, emulator.port), OSS_FUNCTION),
        "fc2": (OssBucket(OSS_BUCKET, emulator.port), "pictures/in_a_service"),
        "scf": (CosBucket(COS_BUCKET, emulator.port), COS_FUNCTION),
    }
    user, function = clouds[request.param]
    yield Invoking(emulator, user, function, request.param)
    for opened, _ in clouds.values():
        opened.close()


def test_a_picture_that_nobody_labelled_is_labelled_and_then_costs_nothing_more(invoking: Invoking) -> None:
    key = f"照片/{invoking.through} a+b 50%.png"
    invoking.user.put(key, CAT)
    first, second = invoking.outcome(key), invoking.outcome(key)
    assert (first["uri"], first["state"], "cat" in first["label_ids"]) == (invoking.uri(key), "labelled", True)
    assert first["event_id"].startswith("invoke-")
    assert first["request_id"]
    assert (second["state"], second["paid_calls"]) == ("unchanged", 0)
    assert invoking.user.tags(key)["label:cat"] == "mammal"


def test_several_pictures_have_a_line_each_for_people(invoking: Invoking) -> None:
    invoking.user.put(f"{invoking.through}-text.jpg", b"no picture")
    done = invoking(*(invoking.uri(f"{invoking.through}-{name}.jpg") for name in ("text", "nothing")))
    assert done.stdout.splitlines() == [
        f"{invoking.uri(invoking.through)}-text.jpg: skipped: not_image",
        f"{invoking.uri(invoking.through)}-nothing.jpg: removed",
    ]
    assert done.returncode == 0


def test_an_event_that_was_accepted_is_handled_later(invoking: Invoking) -> None:
    key = f"{invoking.through}-later.png"
    invoking.user.put(key, CAT)
    done = invoking(invoking.uri(key), "--async")
    assert (done.returncode, ": accepted: request " in done.stdout) == (0, True)
    name = invoking.function.rpartition("/")[2]
    while invoking.emulator.control(f"functions/{name}/queue")["pending"]:
        time.sleep(0.05)
    assert invoking.user.tags(key)["label:cat"] == "mammal"


def test_a_wrong_secret_and_an_unknown_key_invoke_nothing(invoking: Invoking) -> None:
    secret, key_id = {
        "scf": ("TENCENTCLOUD_SECRETKEY", "TENCENTCLOUD_SECRETID"),
    }.get(invoking.through, ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_ACCESS_KEY_ID"))
    before = invoking.invocations()
    for wrong in (secret, key_id):
        for words in ([], ["--async"]):
            done = invoking(invoking.uri("cat.png"), *words, **{wrong: "wrongwrong"})
            assert (done.returncode, done.stdout) == (2, "")
            assert wrong in done.stderr
            assert "wrongwrong" not in done.stderr or wrong == key_id
    assert invoking.invocations() == before


def test_a_function_that_is_not_there_is_named(invoking: Invoking) -> None:
    missing = f"{invoking.function}-nowhere"
    done = invoking(invoking.uri("cat.png"), function=missing)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{missing!r}: there is no such function" in done.stderr


def test_a_function_that_fails_says_what_it_lacks(invoking: Invoking) -> None:
    done = invoking(invoking.uri("cat.png"), function=f"{invoking.function}_broken")
    assert done.returncode == 1
    assert done.stdout.startswith(f"{invoking.uri('cat.png')}: failed: ")
    assert "Misconfigured: " in done.stdout
    assert "IMAGELABELS_INDEX is not set" in done.stdout


def test_another_function_is_not_taken_for_one_of_ours(invoking: Invoking) -> None:
    done = invoking(invoking.uri("cat.png"), function=f"{invoking.function}_other")
    assert done.returncode == 1
    assert "it is no function of imagelabels" in done.stdout


def test_41_pictures_are_two_invocations(invoking: Invoking) -> None:
    before = invoking.invocations()
    done = invoking(*(invoking.uri(f"nothing-{number}.png") for number in range(41)))
    assert (done.returncode, done.stdout.count(": removed\n")) == (0, 41)
    assert invoking.invocations() == before + 2
