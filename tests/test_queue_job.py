"""The events on which a deployed function failed for good go to the emulated queue, and `imagelabels redrive` works
through it, as users run it: killed, twice at once, and over messages that are not ours."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.clouds import OssBucket
from demo.emulated import HERE, OSS_BUCKET, OSS_FUNCTION, DemoEmulator
from imagelabels.deploy.emulated import FAILURES
from tests.emulator.functions.deployed import code
from tests.ports import free_port

pytestmark = pytest.mark.story

CAT = (HERE / "photos" / "chelsea.png").read_bytes()
QUEUE = re.findall("/queues/([^/]+)/", FAILURES)[0]
HELD = 40_000
"""A message is held for so many seconds of the emulator's clock, so that no test depends on how busy the machine is."""


class Broken(DemoEmulator):
    """The emulator with the label function, which is killed at its first request until it is mended. Another function
    is not ours, and its failures go to the same queue."""

    def functions(self) -> list[dict[str, Any]]:
        ours = super().functions()[0]
        fails_at_once = ours["asyncInvokeConfig"] | {"maxAsyncRetryAttempts": 0}
        other = code(self.data / "other", "def handler(event, context):\n    raise ValueError('no')\n")
        not_ours = {"cloud": "aliyun", "name": "other", "code": str(other), "handler": "index.handler"}
        return [each | {"asyncInvokeConfig": fails_at_once} for each in (ours, not_ours)]

    def breaks(self) -> None:
        self.post("faults", {"rules": [{"do": "kill", "function": OSS_FUNCTION}]}, "PUT")

    def is_mended(self) -> None:
        self.settle()
        self.post("faults", {"rules": []}, "PUT")

    def post(self, path: str, body: object, method: str = "POST") -> Any:
        url = f"{self.address}/_emulator/{path}"
        request = urllib.request.Request(url, data=json.dumps(body).encode(), method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def messages(self) -> int:
        """Count the messages in the queue, held or not."""
        return sum(len(self.control(f"functions/{name}/messages")["messages"]) for name in (OSS_FUNCTION, "other"))

    def paid(self) -> int:
        return len(self.control("calls?since=0&detected=true")["calls"])

    def redrive(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "imagelabels", "redrive", f"oss://{OSS_BUCKET}/", "--queue", QUEUE]
        return subprocess.Popen(
            [*command, "--function", OSS_FUNCTION, *words],
            env=os.environ | self.user_settings | options,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def redriven(self, *words: str, **options: Any) -> tuple[int, str, str]:
        """Run the command to its end, and return its status and what it printed."""
        with self.redrive(*words, **options) as process:
            out, err = process.communicate()
        return process.returncode, out, err


class Raising(Broken):
    """Its label function raises an error until it is mended, which takes less time than to start processes that are
    killed."""

    def functions(self) -> list[dict[str, Any]]:
        ours, not_ours = super().functions()
        source = f"""
            import os

            def handler(event, context):
                if not os.path.exists({str(self.mended)!r}):
                    raise ValueError("no")
                import index
                return index.handler(event, context)
        """
        folder = code(self.data / "raising", source, "raising.py")
        return [
            ours | {"code": str(folder), "handler": "raising.handler", "paths": [ours["code"], *ours["paths"]]},
            not_ours,
        ]

    @property
    def mended(self) -> Path:
        return self.data / "mended"

    def breaks(self) -> None:
        pass

    def is_mended(self) -> None:
        self.settle()
        self.mended.touch()


@pytest.fixture
def emulator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broken]:
    port = free_port()
    kind = getattr(request, "param", Broken)
    started: Broken = kind(port, tmp_path_factory.mktemp("queue"), "--smq-visibility", str(HELD))
    with started:
        assert started.ready()
        started.breaks()
        yield started


@pytest.fixture
def user(emulator: Broken) -> Iterator[OssBucket]:
    bucket = OssBucket(OSS_BUCKET, emulator.port)
    yield bucket
    bucket.close()


def told(out: str) -> dict[str, Any]:
    """Return what was done, which is the last line."""
    line: dict[str, Any] = json.loads(out.splitlines()[-1])
    return line


def test_what_failed_for_good_is_labelled_whoever_is_killed_in_between_and_paid_once(
    emulator: Broken, user: OssBucket
) -> None:
    key = "照片/a+b 50%.png"
    user.put(key, CAT)
    user.put("text.jpg", b"no picture")
    user.put("gone.png", CAT)
    user.sdk.delete_object("gone.png")
    emulator.is_mended()
    assert (emulator.messages(), user.tags(key)) == (4, {})

    status, out, err = emulator.redriven("--dry-run")
    assert (status, err) == (0, "")
    assert "3 pictures in 4 messages" in out
    assert (emulator.messages(), emulator.paid()) == (4, 0)

    # The outcomes are recorded, and the command is killed before the first message is deleted.
    hang = {"do": "slow", "service": "smq", "operation": "DeleteMessage", "seconds": 1000}
    emulator.post("faults", {"rules": [hang]}, "PUT")
    with emulator.redrive("--yes") as killed:
        while not any(call["operation"] == "DeleteMessage" for call in emulator.control("calls?since=0")["calls"]):
            assert killed.poll() is None
            if emulator.control("faults")["rules"][0]["matched"]:
                break
            time.sleep(0.05)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
    emulator.post("faults", {"rules": []}, "PUT")
    assert (emulator.messages(), emulator.paid()) == (4, 1)
    assert user.tags(key)["label:cat"] == "mammal"

    # What the killed command held cannot be received yet, and then comes again.
    assert "no message can be received now" in emulator.redriven("--yes")[1]
    emulator.post("clock", {"seconds": HELD})
    status, out, err = emulator.redriven("--yes", "--format", "json")
    assert (status, err) == (0, "")
    done = told(out)
    assert (done["paid_calls"], done["deleted"], done["left"]) == (0, 4, 0)
    assert (emulator.messages(), emulator.paid()) == (0, 1)


@pytest.mark.parametrize("emulator", [Raising], indirect=True)
def test_two_commands_at_once_share_the_messages_and_pay_each_picture_once(emulator: Broken, user: OssBucket) -> None:
    pictures, texts = 6, 20
    for number in range(pictures):
        user.put(f"cat-{number}.png", CAT + bytes([number]))
    for number in range(texts):
        user.put(f"text-{number}.jpg", b"no picture")
    emulator.is_mended()
    assert emulator.messages() == pictures + texts
    with emulator.redrive("--yes", "--format", "json") as one, emulator.redrive("--yes", "--format", "json") as other:
        ended = [one.communicate(), other.communicate()]
    assert [one.returncode, other.returncode] == [0, 0], ended
    done = [told(out) for out, _ in ended if len(out.splitlines()) > 1]
    assert sum(each["deleted"] for each in done) == pictures + texts
    assert sum(each["paid_calls"] for each in done) == emulator.paid() == pictures
    assert emulator.messages() == 0
    assert all(user.tags(f"cat-{number}.png")["label:cat"] == "mammal" for number in range(pictures))


def test_a_message_that_is_not_ours_is_named_and_stays_and_wrong_names_and_keys_are_told(
    emulator: Broken, user: OssBucket
) -> None:
    invoke = [sys.executable, "-m", "imagelabels", "invoke", "other", f"oss://{OSS_BUCKET}/gone.png"]
    subprocess.run([*invoke, "--async"], env=os.environ | emulator.user_settings, check=True, capture_output=True)
    user.put("text.jpg", b"no picture")
    emulator.is_mended()
    status, out, err = emulator.redriven("--yes")
    assert (status, err, emulator.messages()) == (0, "", 1), out
    assert "1 message deleted; 1 left in the queue: 1 about other pictures or other functions" in out

    # A timer's event is none of a bucket.
    client = "import json, sys; from mns.account import Account; from mns.queue import Message"
    send = f"{client}; queue = Account(sys.argv[1], 'emulator', 'emulator').get_queue({QUEUE!r})"
    body = json.dumps({"requestPayload": json.dumps({"triggerName": "timer", "payload": "oss://demo-photos/"})})
    send += f"; queue.set_encoding(False); queue.send_message(Message({body!r}))"
    subprocess.run([sys.executable, "-c", send, emulator.address], check=True)
    status, out, err = emulator.redriven("--yes")
    assert (status, emulator.messages()) == (1, 2)
    assert "there is only 'triggerName', 'payload'" in err
    assert "it stays in the queue" in err

    status, out, err = emulator.redriven("--yes", ALIBABA_CLOUD_ACCESS_KEY_SECRET="wrongwrong")
    assert (status, out) == (2, "")
    assert "ALIBABA_CLOUD_ACCESS_KEY_SECRET" in err
    command = [sys.executable, "-m", "imagelabels", "redrive", f"oss://{OSS_BUCKET}/", "--queue", "nothing", "--yes"]
    done = subprocess.run(command, env=os.environ | emulator.user_settings, capture_output=True, text=True)
    assert done.returncode == 2
    assert "BatchPeekMessage 'nothing': there is no such queue" in done.stderr
    command[4] = "cos://demo-photos-1250000000/"
    done = subprocess.run(command, env=os.environ | emulator.user_settings, capture_output=True, text=True)
    assert done.returncode == 2
    assert "no command reads the queue of failed events of scf" in done.stderr
