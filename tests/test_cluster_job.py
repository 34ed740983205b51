"""A backfill on a Dask cluster of two processes: one of them dies, and then the scheduler."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.budget import DETECTOR
from demo.clouds import OssBucket
from demo.emulated import HERE, DemoEmulator
from imagelabels.cluster import runner, slices
from imagelabels.domain.errors import Misconfigured
from tests.fakes import jpeg
from tests.ports import free_port

pytestmark = pytest.mark.story

OBJECTS = 200
SETTINGS = {"IMAGELABELS_DETECTOR": "imm", "IMAGELABELS_IMM_PROJECT": "imagelabels"}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoEmulator]:
    command = shlex.join([sys.executable, "-c", DETECTOR])
    with DemoEmulator(free_port(), tmp_path_factory.mktemp("cluster"), "--detector", command) as running:
        assert running.ready()
        yield running


class Cluster:
    """A scheduler and two workers, each a process of its own. The workers have the keys and no setting of ours."""

    def __init__(self, environ: dict[str, str], clock: Path) -> None:
        self.clock = clock
        self.port = free_port()
        self.address = f"dask://127.0.0.1:{self.port}"
        self.environ = {name: value for name, value in environ.items() if not name.startswith("IMAGELABELS_")}
        self.environ["PYTHONPATH"] = os.pathsep.join((str(HERE / "shared"), str(HERE)))
        words = ["dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard"]
        self.scheduler = self._process(*words)
        self.workers = [self._worker() for _ in range(2)]
        with runner.Client(f"tcp://127.0.0.1:{self.port}", set_as_default=False) as client:
            client.wait_for_workers(2)

    def _worker(self) -> subprocess.Popen[bytes]:
        words = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]
        return self._process("dask_worker", f"tcp://127.0.0.1:{self.port}", *words)

    def _process(self, module: str, *words: str) -> subprocess.Popen[bytes]:
        program = f"from tests.later import follow; follow({str(self.clock)!r}); import runpy; "
        program += f"runpy.run_module('distributed.cli.{module}', run_name='__main__')"
        command = [sys.executable, "-c", program, *words]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(command, cwd=HERE, env=self.environ, **quiet)  # type: ignore[call-overload, no-any-return]

    def exits(self) -> None:
        """Let a worker that is at work exit at once. Some minutes pass, after which its locks and claims have ended."""
        with runner.Client(f"tcp://127.0.0.1:{self.port}", set_as_default=False) as client:
            numbers = client.run(os.getpid)
            busy = next(address for address, tasks in client.processing().items() if tasks)
            os.kill(numbers[busy], signal.SIGKILL)
        self.clock.touch()

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(emulator: DemoEmulator, tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(os.environ | emulator.user_settings, tmp_path / "later")
    yield cluster
    cluster.close()


class Story:
    def __init__(self, emulator: DemoEmulator, folder: Path, name: str) -> None:
        self.emulator, self.folder, self.bucket = emulator, folder, OssBucket(name, emulator.port)
        self.bucket.sdk.create_bucket()
        for number in range(OBJECTS):
            shows = number - 5 if number % 10 == 9 else number
            self.bucket.put(f"{number:03}.jpg", jpeg(f"{name} {shows}"))

    def start(self, address: str, *more: str) -> subprocess.Popen[str]:
        words = ["backfill", self.bucket.uri, "--yes", "--report", str(self.report), "--format", "json"]
        words += ["--checkpoint", str(self.folder / "checkpoint.json"), "--concurrency", "4", *more]
        environ = os.environ | self.emulator.user_settings | SETTINGS
        command = [sys.executable, "-m", "imagelabels", *words, "--through", address]
        return subprocess.Popen(
            command, cwd=HERE, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    @property
    def report(self) -> Path:
        return self.folder / "report.jsonl"

    def calls(self) -> int:
        made: dict[str, int] = self.emulator.control("calls")
        return sum(count for name, count in made.items() if "DetectImageLabels" in name)

    def wait_for(self, calls: int, process: subprocess.Popen[str]) -> None:
        while self.calls() < calls:
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.report.read_text().splitlines()]

    @property
    def uris(self) -> Counter[str]:
        return Counter(f"{self.bucket.uri.rstrip('/')}/{number:03}.jpg" for number in range(OBJECTS))


def test_a_worker_that_exits_midway_would_lose_a_key_tell_it_twice_or_pay_twice(
    emulator: DemoEmulator, cluster: Cluster, tmp_path: Path
) -> None:
    story = Story(emulator, tmp_path, "cluster-worker")
    before = story.calls()
    process = story.start(cluster.address)
    story.wait_for(before + 60, process)
    cluster.exits()
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert Counter(line["uri"] for line in story.lines()) == story.uris
    told = json.loads(out)
    assert told["states"].keys() <= {"labelled", "unchanged"}
    contents = OBJECTS * 9 // 10
    assert contents <= story.calls() - before <= contents + 4
    assert contents - 4 <= told["paid_calls"] <= story.calls() - before


def test_a_scheduler_that_dies_would_lose_the_checkpoint(
    emulator: DemoEmulator, cluster: Cluster, tmp_path: Path
) -> None:
    story = Story(emulator, tmp_path, "cluster-scheduler")
    before = story.calls()
    process = story.start(cluster.address)
    story.wait_for(before + 30, process)
    cluster.scheduler.send_signal(signal.SIGKILL)
    _, err = process.communicate()
    assert process.returncode not in (0, None)
    assert "the Dask scheduler at dask://127.0.0.1" in err
    assert "Traceback" not in err
    for worker in cluster.workers:
        worker.kill()
    cluster.clock.touch()
    again = Cluster(os.environ | emulator.user_settings, cluster.clock)
    try:
        _, err = (last := story.start(again.address)).communicate()
    finally:
        again.close()
    assert last.returncode == 0, err
    assert Counter(line["uri"] for line in story.lines()) == story.uris


def test_workers_would_exceed_a_limit_together(emulator: DemoEmulator, cluster: Cluster, tmp_path: Path) -> None:
    story = Story(emulator, tmp_path, "cluster-limit")
    before = story.calls()
    _, err = (process := story.start(cluster.address, "--max-calls", "50")).communicate()
    assert process.returncode == 3, err
    assert story.calls() - before == 50


def test_a_secret_would_go_through_the_scheduler(emulator: DemoEmulator) -> None:
    sent = slices.shared(os.environ | emulator.user_settings | SETTINGS)
    assert sent.items() >= SETTINGS.items()
    assert all(name.startswith("IMAGELABELS_") for name in sent)
    secrets = [name for name in emulator.user_settings if "SECRET" in name or "ACCESS_KEY" in name]
    assert secrets
    assert not sent.keys() & set(secrets)


def test_a_cluster_that_is_not_there_would_end_in_a_traceback() -> None:
    with pytest.raises(Misconfigured, match=r"no Dask scheduler answers at dask://127\.0\.0\.1:1"):
        runner.connected("dask://127.0.0.1:1", patience=0.5)
