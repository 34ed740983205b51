"""Both clouds on this machine: `python -m emulator up` in a process of its own, with our functions deployed to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from demo.clouds import KEY, CosBucket, OssBucket

HERE = Path(__file__).resolve().parent.parent
OSS_BUCKET, COS_BUCKET = "demo-photos", f"demo-photos-{CosBucket.appid}"
DEPLOYMENT = "functions.json"
"""The file in the demo's data folder that says which functions the emulator runs."""
OSS_FUNCTION, COS_FUNCTION = "aliyun_label", "tencent_label"


class Emulator:
    """`index` serves both functions; `detector` is that of the function on Alibaba Cloud, imm or oss."""

    def __init__(
        self, port: int, data: Path, *arguments: str, index: str = "tablestore://demo", detector: str = "imm"
    ) -> None:
        self.data = data
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        self.index, self.detector = index, detector
        deployment = data / DEPLOYMENT
        deployment.write_text(json.dumps(self._functions(), indent=1))
        command = [sys.executable, "-m", "emulator", "up", "--port", str(port), "--data", str(data / "emulator")]
        command += ["--bucket", OSS_BUCKET, "--cos-bucket", COS_BUCKET, "--deploy", str(deployment), *arguments]
        self.process = subprocess.Popen(command, cwd=HERE, stdout=subprocess.DEVNULL)

    def _functions(self) -> list[dict[str, Any]]:
        oss, cos = {"IMAGELABELS_ENDPOINT_OSS": self.address}, {"IMAGELABELS_ENDPOINT_COS": self.address}
        oss |= {"IMAGELABELS_DETECTOR": self.detector}
        if self.detector == "imm":
            oss |= {"IMAGELABELS_IMM_PROJECT": "imagelabels", "IMAGELABELS_ENDPOINT_IMM": self.address}
        # On Alibaba Cloud the platform brings region and keys.
        oss |= {name: value for name, value in self.settings.items() if name.startswith("IMAGELABELS_")}
        return [
            self._function("aliyun", OSS_FUNCTION, OSS_BUCKET, oss),
            self._function("tencent", COS_FUNCTION, COS_BUCKET, cos | self.settings),
        ]

    def _function(self, cloud: str, name: str, bucket: str, environment: dict[str, str]) -> dict[str, Any]:
        return {
            "cloud": cloud,
            "name": name,
            "code": str(HERE / "functions" / name),
            "paths": [str(HERE / "shared")],
            "environment": environment,
            "trigger": {"bucket": bucket},
        }

    @property
    def settings(self) -> dict[str, str]:
        """What the index needs in the environment of anybody who is not on Alibaba Cloud."""
        if not self.index.startswith("tablestore:"):
            return {"IMAGELABELS_INDEX": self.index}
        return {
            "IMAGELABELS_INDEX": self.index,
            "IMAGELABELS_ENDPOINT_TABLESTORE": self.address,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY,
            "FC_REGION": OssBucket.region,
        }

    @property
    def user_settings(self) -> dict[str, str]:
        """Everything that a user of the command line sets: the index, the keys, and where each cloud answers."""
        return self.settings | {
            "IMAGELABELS_ENDPOINT_OSS": self.address,
            "IMAGELABELS_ENDPOINT_COS": self.address,
            "TENCENTCLOUD_REGION": CosBucket.region,
            "TENCENTCLOUD_SECRETID": KEY,
            "TENCENTCLOUD_SECRETKEY": KEY,
        }

    def __enter__(self) -> Emulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def ready(self) -> bool:
        """Wait until it is, then make the index; False if it ended instead."""
        while self.process.poll() is None:
            try:
                self.control("health")
            except OSError:
                time.sleep(0.1)
            else:
                self.imagelabels("index", "create", stdout=subprocess.DEVNULL)
                return True
        return False

    def imagelabels(self, *arguments: str, **options: Any) -> Any:
        """The command line over this index, in a process of its own."""
        command = [sys.executable, "-m", "imagelabels", *arguments]
        return subprocess.run(command, cwd=HERE, env=os.environ | self.settings, check=True, **options)

    def control(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.address}/_emulator/{path}") as answer:
            return json.load(answer)

    def settle(self) -> list[dict[str, Any]]:
        """Wait until every event has been taken; those that failed to the last retry."""
        functions = [f"functions/{name}" for name in (OSS_FUNCTION, COS_FUNCTION)]
        while any(self.control(f"{path}/queue")["pending"] for path in functions):
            time.sleep(0.05)
        return [failure for path in functions for failure in self.control(f"{path}/failures")["failures"]]
