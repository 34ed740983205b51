"""The emulator of a run, with a detector that names contents, and with functions for backfills."""

from __future__ import annotations

import json
import shlex
import sys
import urllib.request
from pathlib import Path
from typing import Any

from benchmarks.backfill_kills.options import FUNCTIONS
from demo.emulated import COS_FUNCTION, OSS_FUNCTION, DemoEmulator
from emulator.core.ports import free_port

TIMEOUT = 30
"""Seconds that a function has. What a killed worker had begun is free again when so many and 15 more are over."""

INSTANCES = 2
"""So many processes of a function run at once."""

DETECTOR = """
import json, sys
for line in sys.stdin:
    path = line.rstrip(chr(10))
    with open(path, "rb") as file:
        data = file.read()
    content = data.rpartition(b"|")[2].decode("ascii", "replace") if data.startswith(b"\\xff\\xd8") else ""
    label = {"LabelName": "pic" + content, "LabelLevel": 1, "LabelConfidence": 0.9, "ParentLabelName": ""}
    labels = [label | {"Language": "en", "CentricScore": 0.5}]
    print(json.dumps({"path": path, "labels": labels}), flush=True)
"""
"""The label is the name of the picture's content, which is not in the part of the file that a decoder reads."""


class BackfillEmulator(DemoEmulator):
    """The emulator with a function for backfills on each platform, which has few instances and no trigger."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        command = shlex.join([sys.executable, "-c", DETECTOR])
        super().__init__(port, folder, "--detector", command, "--imm-rate", "1000", index="tablestore://storm")

    def functions(self) -> list[dict[str, Any]]:
        of_clouds = {one["name"]: one for one in super().functions()}
        described = []
        for through, name in FUNCTIONS.items():
            source = of_clouds[COS_FUNCTION if through == "scf" else OSS_FUNCTION]
            one = dict(source, instances=INSTANCES, timeout=TIMEOUT)
            del one["trigger"]
            service, _, one["name"] = name.rpartition("/")
            if service:
                one["service"] = service
            if through == "scf":
                one["AsyncTriggerConfig"] = {"RetryConfig": [{"RetryNum": 0}]}
            else:
                one["asyncInvokeConfig"] = {"asyncTask": True, "maxAsyncRetryAttempts": 0}
            described.append(one)
        return described

    def set_faults(self, seed: int, rules: list[dict[str, Any]]) -> None:
        """Let the emulator apply these rules from now on."""
        body = json.dumps({"seed": seed, "rules": rules}).encode()
        request = urllib.request.Request(f"{self.address}/_emulator/faults", data=body, method="PUT")
        with urllib.request.urlopen(request) as answer:
            answer.read()
