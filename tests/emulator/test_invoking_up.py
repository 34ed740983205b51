"""Functions that `python -m emulator up` deploys, invoked by the vendors' unmodified clients."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

from emulator.aliyun.fc.http_trigger import HttpTrigger
from emulator.core.keyring import Keyring
from emulator.core.server import Server
from tests.emulator.functions.deployed import code
from tests.emulator.invoking import FC_SOURCE, RunningFunctions
from tests.emulator.running import ROOT
from tests.emulator.test_main import DETECTOR, up

pytestmark = [
    pytest.mark.story,
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
]


def test_all_three_clients_invoke_what_is_deployed(tmp_path: Path) -> None:
    detector = code(tmp_path / "detector", DETECTOR, "detect.py") / "detect.py"
    folder = code(tmp_path / "code", FC_SOURCE)
    code(tmp_path / "tencent", "def main_handler(event, context): return event")
    listed = [
        {"cloud": "tencent", "name": "theirs", "code": "tencent", "instances": 3, "http": {}},
        {"cloud": "aliyun", "name": "ours", "code": "code", "service": "pictures"},
    ]
    (tmp_path / "functions.json").write_text(json.dumps(listed))
    command = [
        *(sys.executable, "-m", "emulator", "up", "--port", "0", "--data", str(tmp_path / "data")),
        *("--detector", shlex.join([sys.executable, str(detector)]), "--function", str(folder), "--bucket", "photos"),
        *(
            "--function-service",
            "mine",
            "--function-instances",
            "1",
            "--function-http",
            "anonymous",
            "--deploy",
            str(tmp_path / "functions.json"),
        ),
    ]
    with up(command) as emulator:
        server = Server([], port=int(emulator.url.rpartition(":")[2]))
        clients = RunningFunctions(server, Keyring(ROOT))
        try:
            assert clients.fc3("function", {"a": 1}).json["service"] == "mine"
            assert clients.fc3("ours", {}).json["service"] == "pictures"
            assert clients.fc2("pictures", "ours", {"a": 2}).json["event"] == {"a": 2}
            assert clients.scf("theirs", {"a": 3}).RetMsg == '{"a": 3}'
            page = f"{HttpTrigger('function').prefix}.localhost:{server.port}"
            assert json.loads(clients.raw("POST", "/", {"Host": page}, b"")[2])["event"]["rawPath"] == "/"
            assert json.loads(clients.raw("GET", "/_functions/theirs/a")[2])["path"] == "/a"
        finally:
            clients.close()
        assert emulator.control("calls") == {"FC InvokeFunction": 3, "Function URL": 2, "SCF Invoke": 1}
