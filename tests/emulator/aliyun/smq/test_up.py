"""Simple Message Queue beside the other services, started by `python -m emulator up`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from mns.account import Account
from mns.queue import Message

from emulator.arguments import parser
from tests.emulator.aliyun.smq.running import QUEUE, refused
from tests.emulator.functions.deployed import code
from tests.emulator.test_main import up


def test_a_message_is_hidden_as_long_as_the_documentation_says() -> None:
    assert parser().parse_args(["up", "--data", "here"]).smq_visibility == 30


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "many"])
def test_a_time_that_is_none_is_refused(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["up", "--data", "here", "--smq-visibility", seconds])
    assert "--smq-visibility" in capsys.readouterr().err


def test_a_message_is_received_held_and_received_again_when_the_clock_was_moved(tmp_path: Path) -> None:
    config = {"maxAsyncRetryAttempts": 0, "destinationConfig": {"onFailure": {"destination": QUEUE}}}
    function = {
        "cloud": "aliyun",
        "name": "label",
        "code": str(code(tmp_path / "code", "def handler(event, context): pass")),
    }
    listed = tmp_path / "functions.json"
    listed.write_text(json.dumps([function | {"handler": "index.handler", "asyncInvokeConfig": config}]))
    command = [sys.executable, "-m", "emulator", "up", "--port", "0", "--data", str(tmp_path / "data")]
    with up([*command, "--deploy", str(listed), "--smq-visibility", "40000"]) as emulator:
        account = Account(emulator.url, "emulator", "emulator")
        queue = account.get_queue("failures")
        with refused("MessageNotExist"):
            queue.receive_message()
        queue.send_message(Message("a"))
        assert queue.receive_message_with_str_body().message_body == "a"
        with refused("MessageNotExist"):
            queue.receive_message()
        emulator.control("clock", b'{"seconds": 40001}')
        assert queue.receive_message_with_str_body().message_body == "a"
        account.mns_client.close_connection()
        calls = emulator.control("calls")
        assert (calls["SMQ SendMessage"], calls["SMQ ReceiveMessage"]) == (1, 4)
