"""Both clouds on this machine: `python -m emulator up` in a process of its own, with our functions deployed to it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
OSS_BUCKET, COS_BUCKET = "demo-photos", "demo-photos-1250000000"
OSS_FUNCTION, COS_FUNCTION = "aliyun_label", "tencent_label"


class Emulator:
    def __init__(self, port: int, data: Path, *arguments: str) -> None:
        self.data = data
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        self.index = f"sqlite:///{data / 'labels.db'}"
        deployment = data / "functions.json"
        deployment.write_text(json.dumps(self._functions(), indent=1))
        command = [sys.executable, "-m", "emulator", "up", "--port", str(port), "--data", str(data / "emulator")]
        command += ["--bucket", OSS_BUCKET, "--cos-bucket", COS_BUCKET, "--deploy", str(deployment), *arguments]
        self.process = subprocess.Popen(command, cwd=HERE, stdout=subprocess.DEVNULL)

    def _functions(self) -> list[dict[str, Any]]:
        return [
            self._function("aliyun", OSS_FUNCTION, OSS_BUCKET, {"ENDPOINT_OSS": self.address, "DETECTOR": "oss"}),
            self._function("tencent", COS_FUNCTION, COS_BUCKET, {"ENDPOINT_COS": self.address, "DETECTOR": "ci"}),
        ]

    def _function(self, cloud: str, name: str, bucket: str, settings: dict[str, str]) -> dict[str, Any]:
        settings = {"INDEX": self.index, **settings}
        return {
            "cloud": cloud,
            "name": name,
            "code": str(HERE / "functions" / name),
            "paths": [str(HERE / "shared")],
            "environment": {f"IMAGELABELS_{setting}": value for setting, value in settings.items()},
            "trigger": {"bucket": bucket},
        }

    def __enter__(self) -> Emulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def ready(self) -> bool:
        """Wait until it is; False if it ended instead."""
        while self.process.poll() is None:
            try:
                self.control("health")
                return True
            except OSError:
                time.sleep(0.1)
        return False

    def control(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.address}/_emulator/{path}") as answer:
            return json.load(answer)

    def settle(self) -> list[dict[str, Any]]:
        """Wait until every event has been taken; those that failed to the last retry."""
        functions = [f"functions/{name}" for name in (OSS_FUNCTION, COS_FUNCTION)]
        while any(self.control(f"{path}/queue")["pending"] for path in functions):
            time.sleep(0.05)
        return [failure for path in functions for failure in self.control(f"{path}/failures")["failures"]]
