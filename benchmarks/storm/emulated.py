"""The emulator of a storm, in a separate process, with the functions and with faults."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.storm import functions
from benchmarks.storm.functions import ROOT
from benchmarks.storm.options import Options
from benchmarks.storm.watching import Watch
from demo.health import answers
from emulator.core.ports import free_port

INSTANCE = "storm"
CREDENTIALS = {"none": 3600, "some": 600, "many": 60}
"""The temporary keys of functions are good for so many seconds. An invocation may take 90."""
RETRIES = 0.2
"""The platforms' waits before retries are so much shorter, so that a storm does not wait for minutes."""
LONGEST_PAUSE = 1.0
"""Seconds between two looks whether all events are delivered."""
COLLECTED = {"mixed": 2.0, "contended": 0.15}
"""The list of calls is read every so many seconds, because the emulator forgets old ones.

In a contended storm clients learn from it when a delivery is at work.
"""


class StormEmulator:
    """It writes into `folder`: its data, its list of calls, and the index if that is SQLite."""

    def __init__(self, options: Options, folder: Path, code: Path = ROOT) -> None:
        self.folder = folder
        self.calls_file = folder / "calls.jsonl"
        self.database = folder / "labels.db"
        self.port = free_port()
        self.index = f"tablestore://{INSTANCE}" if options.index == "tablestore" else f"sqlite:///{self.database}"
        described = functions.described(options, self.port, self.index, code)
        self.functions = [str(function["name"]) for function in described]
        (folder / "functions.json").write_text(json.dumps(described, indent=1), encoding="utf-8")
        self._command = self._up(options)
        self._next = 0
        self.watch = Watch()
        self._pause = COLLECTED[options.profile]
        self._collecting, self._done = threading.Lock(), threading.Event()
        self._collector = threading.Thread(target=self._collect, daemon=True)

    def _up(self, options: Options) -> list[str]:
        buckets = [bucket.partition("://") for bucket in functions.buckets()]
        oss, cos = ([name for store, _, name in buckets if store == cloud] for cloud in ("oss", "cos"))
        detector = [sys.executable, str(Path(__file__).with_name("detector.py"))]
        up = [sys.executable, "-m", "emulator", "up", "--port", str(self.port), "--data", str(self.folder / "data")]
        up += ["--deploy", str(self.folder / "functions.json"), "--detector", shlex.join(detector)]
        up += [argument for name in oss for argument in ("--bucket", name)]
        up += [argument for name in cos for argument in ("--cos-bucket", name)]
        # The emulated IMM itself throttles nothing, because that is left to the rules of faults.
        up += ["--imm-rate", "1000", "--credentials-seconds", str(CREDENTIALS[options.faults])]
        return [*up, "--time-scale", str(RETRIES), "--log-requests", "none"]

    def __enter__(self) -> StormEmulator:
        """Start the emulator and make the index."""
        with (self.folder / "emulator.log").open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=log, stderr=log)
        try:
            self._make_ready()
        except BaseException:
            self._stop()
            raise
        self._collector.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._collector.join()
        self._stop()

    def _stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def _make_ready(self) -> None:
        while True:
            if self._process.poll() is not None:
                raise RuntimeError(f"the emulator did not start: {self.folder / 'emulator.log'} says why")
            if answers(self.port, self._process.pid):
                break
            time.sleep(0.1)
        environ = {**os.environ, "PYTHONPATH": str(ROOT / "shared")}
        environ |= functions.index_settings(self.index, self.port)
        command = [sys.executable, "-m", "imagelabels", "index", "create"]
        subprocess.run(command, cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)

    def control(self, path: str, body: Any = None, method: str | None = None) -> Any:
        """Ask a control path and return its JSON. With a body, or with `method`, it is not a GET."""
        data = None if body is None else json.dumps(body).encode() if body != b"" else b""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/_emulator/{path}", data=data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def state(self) -> dict[str, Mapping[str, Any]]:
        """Return how many invocations and cold starts each function had."""
        return {name: self.control(f"functions/{name}") for name in self.functions}

    def rest(self) -> None:
        """Wait until every event is delivered or given up. Each has a last retry, so this ends."""
        pause = 0.1
        while self.undelivered():
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def undelivered(self) -> int:
        """Return how many events wait for a delivery or are being delivered."""
        queues = [self.control(f"functions/{name}/queue") for name in self.functions]
        return sum(queue["waiting"] + queue["running"] for queue in queues)

    def logs(self) -> list[Path]:
        """Return the files that hold what the platforms and the functions have logged."""
        return [self.folder / "data" / "functions" / f"{name}.log" for name in self.functions]

    def dead_letters(self) -> list[Mapping[str, Any]]:
        """Return the events whose last retry failed."""
        return [
            failure for name in self.functions for failure in self.control(f"functions/{name}/failures")["failures"]
        ]

    def redrive(self) -> int:
        """Deliver all dead letters again, and return how many they were."""
        paths = [f"functions/{name}/failures/redrive" for name in self.functions]
        return sum(self.control(path, b"", "POST")["redriven"] for path in paths)

    def collect(self) -> None:
        """Add the calls since the last time to the file of calls."""
        with self._collecting, self.calls_file.open("a", encoding="utf-8") as file:
            while True:
                page = self.control(f"calls?since={self._next}")
                if page["forgotten"]:
                    raise RuntimeError(f"the emulator forgot {page['forgotten']} calls before they were read")
                self.watch.see(page["calls"])
                file.writelines(f"{json.dumps(call)}\n" for call in page["calls"])
                if page["next"] == self._next:
                    return
                self._next = page["next"]

    def _collect(self) -> None:
        while not self._done.wait(self._pause):
            with suppress(OSError):  # A busy emulator is asked again, and no call is forgotten so soon.
                self.collect()
