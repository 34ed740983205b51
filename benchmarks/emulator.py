"""This benchmark compares the emulator's requests per second with those of a server that sends fixed answers."""

from __future__ import annotations

import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import oss2
from oss2.models import Tagging

from benchmarks.printed import printed
from benchmarks.yardstick import BODY, LISTED, TAGS

ROOT = Path(__file__).resolve().parent.parent
BUCKET, REGION = "bench", "cn-hangzhou"
ROUNDS, REQUESTS = 7, 100
# The emulator tries this detector once when it starts. It is not used after that, because no picture is stored.
DETECTOR = """
import json, sys
for line in sys.stdin:
    print(json.dumps({"path": line.rstrip(chr(10)), "labels": []}), flush=True)
"""


def report() -> Iterator[str]:
    """Yield each line of the report as soon as it is known."""
    with tempfile.TemporaryDirectory() as data:
        detector = shlex.join([sys.executable, "-c", DETECTOR])
        up = ["emulator", "up", "--port", "0", "--data", data, "--bucket", BUCKET, "--detector", detector]
        with _server(up) as emulator, _server(["benchmarks.yardstick"]) as yardstick:
            for version in ("v1", "v4"):
                sides = [_operations(address, version) for address in (emulator, yardstick)]
                for name in sides[0]:
                    yield _comparison(f"emulator, {version.upper()} {name}", [side[name] for side in sides])


def _comparison(name: str, sides: Sequence[Callable[[], object]]) -> str:
    """Let both sides take turns in every round, so that a busy machine slows them equally."""
    rounds = [[_rate(side) for side in sides] for _ in range(ROUNDS + 1)][1:]  # the first round is a warm-up
    emulator, yardstick = (statistics.median(rates) for rates in zip(*rounds, strict=True))
    ratio = statistics.median(ours / fixed for ours, fixed in rounds)
    return f"{name}: {emulator:.0f} requests/s, fixed answers {yardstick:.0f}, ratio {ratio:.2f}"


def _rate(operation: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(REQUESTS):
        operation()
    return REQUESTS / (time.perf_counter() - began)


def _operations(address: str, version: str) -> dict[str, Callable[[], object]]:
    """Return the operations of one client with one connection and objects of 1 KiB.

    It also checks that the server returns what was written.
    """
    bucket: Any = oss2.Bucket(oss2.make_auth("emulator", "emulator", version), address, BUCKET, region=REGION)
    tagging: Any = Tagging()
    for key, value in TAGS.items():
        tagging.tag_set.add(key, value)
    for n in range(LISTED):
        bucket.put_object(f"list/{n:04}", BODY)
    bucket.put_object("one", BODY)
    bucket.put_object_tagging("one", tagging)
    assert bucket.get_object("one").read() == BODY
    assert bucket.get_object_tagging("one").tag_set.tagging_rule == TAGS
    assert len(bucket.list_objects_v2("list/", max_keys=LISTED).object_list) == LISTED
    return {
        "put": lambda: bucket.put_object("one", BODY),
        "get": lambda: bucket.get_object("one").read(),
        "head": lambda: bucket.head_object("one"),
        "put tagging": lambda: bucket.put_object_tagging("one", tagging),
        "get tagging": lambda: bucket.get_object_tagging("one"),
        f"list({LISTED})": lambda: bucket.list_objects_v2("list/", max_keys=LISTED),
    }


@contextmanager
def _server(module: Sequence[str]) -> Iterator[str]:
    """Start a server and return its address as soon as it prints its port."""
    with subprocess.Popen([sys.executable, "-m", *module], cwd=ROOT, text=True, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            ready = re.match(r"(?:ready on http://127\.0\.0\.1:)?(\d+)", process.stdout.readline())
            if ready is None:
                raise RuntimeError(f"{module[0]} did not start; see its output above")
            yield f"http://127.0.0.1:{ready[1]}"
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(printed(report))
