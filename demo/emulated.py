"""Both clouds run on this machine: `python -m emulator up` in a separate process, with our functions deployed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from demo.clouds import CosBucket
from demo.health import answers
from imagelabels.deploy.emulated import EmulatedClouds
from imagelabels.usecases.walk import Place

HERE = Path(__file__).resolve().parent.parent
OSS_BUCKET, COS_BUCKET = "demo-photos", f"demo-photos-{CosBucket.appid}"
DEPLOYMENT = "functions.json"
"""This file in the demo's data folder says which functions the emulator runs."""
OSS_FUNCTION, COS_FUNCTION = "aliyun_label", "tencent_label"


class DemoEmulator:
    """The emulator's process. Both functions use `index`; `detector` (imm or oss) is for the one on Alibaba Cloud."""

    def __init__(
        self, port: int, data: Path, *arguments: str, index: str = "tablestore://demo", detector: str = "imm"
    ) -> None:
        self.data = data
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        self.index, self.detector = index, detector
        self._clouds = EmulatedClouds(port, index, detector)
        self.settings, self.user_settings = self._clouds.settings, self._clouds.user_settings
        deployment = data / DEPLOYMENT
        deployment.write_text(json.dumps(self.functions(), indent=1))
        command = [sys.executable, "-m", "emulator", "up", "--port", str(port), "--data", str(data / "emulator")]
        command += ["--bucket", OSS_BUCKET, "--cos-bucket", COS_BUCKET, "--deploy", str(deployment)]
        # The demo itself says of every file why it was left out, so the log of refused requests would say it twice.
        command += ["--log-requests", "none", *arguments]
        self.process = subprocess.Popen(command, cwd=HERE, stdout=subprocess.DEVNULL)

    def functions(self) -> list[dict[str, Any]]:
        """Describe what the emulator deploys."""
        return self._clouds.functions([Place("oss", OSS_BUCKET, ""), Place("cos", COS_BUCKET, "")])

    def __enter__(self) -> DemoEmulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def ready(self) -> bool:
        """Wait until the emulator is ready, and make the index. Return False if the emulator ended instead."""
        while self.process.poll() is None:
            if answers(self.port, self.process.pid):
                self.imagelabels("index", "create", stdout=subprocess.DEVNULL)
                return True
            time.sleep(0.1)
        return False

    def imagelabels(self, *arguments: str, **options: Any) -> Any:
        """Run the command line on this index in a separate process."""
        command = [sys.executable, "-m", "imagelabels", *arguments]
        return subprocess.run(command, cwd=HERE, env=os.environ | self.settings, check=True, **options)

    def control(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.address}/_emulator/{path}") as answer:
            return json.load(answer)

    def settle(self) -> list[dict[str, Any]]:
        """Wait until all events are handled, and return those whose last retry failed."""
        functions = [f"functions/{function['name']}" for function in self.functions()]
        while any(self.control(f"{path}/queue")["pending"] for path in functions):
            time.sleep(0.05)
        return [failure for path in functions for failure in self.control(f"{path}/failures")["failures"]]
