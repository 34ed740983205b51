"""Cold starts: from a fresh interpreter on an unpacked package to the answer to its first event, against the emulator.

Each package is compared with what the vendors' pages show: all SDKs installed by pip and imported at the top. That is
done once with sources only, since no bytecode can be kept in a folder that cannot be written, and once with bytecode.
The time of the processor is told beside that of the clock, because it hardly depends on what else the machine does.
The event is of a picture that is labelled already, so that no detector's time is counted. The function that answers
over HTTP is in the same packages; its event asks for the pictures with a dog, and bears a token.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.printed import printed
from demo.clouds import CosBucket, OssBucket
from demo.emulated import COS_BUCKET, HERE, OSS_BUCKET, DemoEmulator
from emulator.aliyun.fc.platform import FunctionCompute
from emulator.core.parts import Key
from emulator.core.ports import free_port
from emulator.functions.function import Function
from emulator.tencent.scf.platform import ServerlessCloudFunction
from imagelabels.deploy.package import lock
from imagelabels.deploy.package.build import build
from imagelabels.deploy.package.interpreter import find
from imagelabels.deploy.package.target import Order, order

ROUNDS = 10
KEY = "cold.png"
SDKS = ("oss2", "tablestore", "alibabacloud-imm20200930", "cos-python-sdk-v5")
OURS = ("pydantic", "aws-lambda-powertools", "tomli")
EAGER = "import oss2, tablestore, qcloud_cos\nfrom alibabacloud_imm20200930.client import Client\nfrom index import *\n"
DRIVER = """
import importlib, json, sys
from types import SimpleNamespace
asked = json.loads(sys.argv[1])
sys.path[:0] = asked["paths"]
handler = getattr(importlib.import_module(asked["module"]), asked["function"])
event, context = json.dumps(asked["event"]).encode(), asked["context"]
if asked["cloud"] == "aliyun":
    context = json.loads(json.dumps(context), object_hook=lambda fields: SimpleNamespace(**fields))
else:
    event = json.loads(event)
print(json.dumps(handler(event, context)), flush=True)
"""

CASES = {
    "aliyun, index in Tablestore": order("aliyun", "python3.10", "imm", "tablestore"),
    "aliyun, tags only": order("aliyun", "python3.10", "oss", "sqlite"),
    "tencent": order("tencent", "python3.10", "ci", "sqlite"),
}
"""What is measured. `Tags only` stands for a function whose index is a file, so that it opens no Tablestore."""


@dataclass(frozen=True, slots=True)
class Start:
    """One way to start a function: the module with its handler, and the folders that it is imported from."""

    order: Order
    module: str
    paths: tuple[Path, ...]
    secret: str | None = None
    """The event is a request with this token; None: it is the event of a picture."""


def report() -> Iterator[str]:
    """Lines for people."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "tmp").mkdir()
        python = find(CASES["tencent"], None, os.environ).path
        with DemoEmulator(port, work) as emulator:
            assert emulator.ready()
            for user in (OssBucket(OSS_BUCKET, port), CosBucket(COS_BUCKET, port)):
                user.put(KEY, (HERE / "photos" / "chelsea.png").read_bytes())
                user.close()
            assert emulator.settle() == []
            yield from _compared(work, python, emulator)


def _compared(work: Path, python: Path, emulator: DemoEmulator) -> Iterator[str]:
    eager = _eager(work, python)
    for title, one in CASES.items():
        starts = {"package": Start(one, "index", _unpacked(one, work, python))}
        for name, libraries in eager.items():
            code = HERE / "functions" / one.cloud.function
            starts[name] = Start(one, "eager", (work / "eager", code, libraries / "ours", libraries))
        for start in starts.values():
            _started(start, python, emulator)  # the first event makes the row, and fills the system's caches
        secret = _token(one, emulator)
        starts["album"] = Start(one, "album", starts["package"].paths, secret)
        _started(starts["album"], python, emulator)
        # One of each in turn, so that a busy moment of the machine is shared by all.
        rounds = [{name: _started(start, python, emulator) for name, start in starts.items()} for _ in range(ROUNDS)]
        times = f"by the clock {_told(rounds, 0)}; of the processor's time {_told(rounds, 1)}"
        yield f"cold start of {title}, median of {ROUNDS}: {times}"
        medians = [statistics.median(times["album"][which] for times in rounds) * 1000 for which in (0, 1)]
        yield (
            f"cold start of the album function, {title}, median of {ROUNDS}: {medians[0]:.0f} ms to the first answer by"
            f" the clock, {medians[1]:.0f} ms of the processor's time"
        )


def _told(rounds: Sequence[Mapping[str, tuple[float, float]]], which: int) -> str:
    """Compare the medians of the times by the clock (0) or of the processor (1)."""
    names = [name for name in rounds[0] if name != "album"]
    medians = {name: statistics.median(times[name][which] for times in rounds) * 1000 for name in names}
    package = medians["package"]
    return (
        f"{package:.0f} ms to the first answer, {package / medians['bytecode']:.2f} of all SDKs imported with bytecode"
        f" ({medians['bytecode']:.0f} ms), {package / medians['sources']:.2f} of the same as sources only"
        f" ({medians['sources']:.0f} ms)"
    )


def _unpacked(one: Order, work: Path, python: Path) -> tuple[Path, Path]:
    built = build(one, work / "dist", os.environ, python)
    for part in ("code", "layer"):
        with zipfile.ZipFile(getattr(built, part).path) as archive:
            archive.extractall(work / one.name / part)
    return work / one.name / "code", work / one.name / "layer" / one.cloud.layer_prefix


def _eager(work: Path, python: Path) -> dict[str, Path]:
    """The vendors' way: what pip installs, as sources and with bytecode, beside our own sources in the same state."""
    (work / "eager").mkdir()
    (work / "eager" / "eager.py").write_text(EAGER)
    locked = {one.name: one.version for case in CASES.values() for one in lock.load(case)}
    (work / "versions.txt").write_text("".join(f"{name}=={version}\n" for name, version in locked.items()))
    folders = {"sources": work / "sources", "bytecode": work / "bytecode"}
    for name, folder in folders.items():
        command = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-compile"]
        command += ["--target", str(folder), "--constraint", str(work / "versions.txt"), *SDKS, *OURS]
        subprocess.run(command, check=True)
        subprocess.run(["cp", "-r", str(HERE / "shared"), str(folder / "ours")], check=True)
        for cache in (folder / "ours").rglob("__pycache__"):
            subprocess.run(["rm", "-r", str(cache)], check=True)
        if name == "bytecode":
            subprocess.run([str(python), "-m", "compileall", "-qq", str(folder)], capture_output=True)
    return folders


def _started(start: Start, python: Path, emulator: DemoEmulator) -> tuple[float, float]:
    """Start a fresh interpreter, and wait for its answer to the one event; return the seconds of the clock, and those
    of the processor."""
    asked = {
        "cloud": start.order.cloud.name,
        "paths": [str(path) for path in start.paths],
        "module": start.module,
        "function": "handler" if start.order.cloud.name == "aliyun" else "main_handler",
        "event": _event(start.order.cloud.name) if start.secret is None else _request(start.secret),
    }
    function = Function(start.paths[0], "index.handler", interpreter=python)
    platform = FunctionCompute() if start.order.cloud.name == "aliyun" else ServerlessCloudFunction()
    key = Key("emulator", "emulator")
    asked["context"] = platform.context(function, key, "request")
    environ = _settings(start.order, emulator) | platform.variables(function) | platform.credentials(key)
    temporary = str(emulator.data / "tmp")  # where a function may write, and so may keep no index
    environ |= {"PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ["PATH"], "TMPDIR": temporary}
    began, used = time.perf_counter(), _used()
    done = subprocess.run(
        [str(python), "-s", "-c", DRIVER, json.dumps(asked)], env=environ, capture_output=True, text=True
    )
    seconds = time.perf_counter() - began, _used() - used
    answer = json.loads((done.stdout.splitlines() or ["{}"])[-1])
    is_right = (
        answer.get("statusCode") == 200
        if start.secret is not None
        else (answer.get("records") or [{}])[0].get("state") in ("unchanged", "labelled")
    )
    if done.returncode or not is_right:
        sys.exit(f"{start}: {done.stdout}{done.stderr}")
    return seconds


def _used() -> float:
    """Return the seconds of the processor that all processes took which we have waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _settings(one: Order, emulator: DemoEmulator) -> dict[str, str]:
    names: Sequence[dict[str, Any]] = emulator.functions()
    settings: dict[str, str] = dict(next(f["environment"] for f in names if f["cloud"] == one.cloud.name))
    settings["IMAGELABELS_DETECTOR"] = one.detector
    if one.index == "sqlite":
        del settings["IMAGELABELS_ENDPOINT_TABLESTORE"]
        settings["IMAGELABELS_INDEX"] = f"sqlite:///{emulator.data / one.name}.db"
    return settings


def _token(one: Order, emulator: DemoEmulator) -> str:
    """Make a token in the index that the function asks."""
    environ = os.environ | emulator.settings | {"IMAGELABELS_INDEX": _settings(one, emulator)["IMAGELABELS_INDEX"]}
    command = [sys.executable, "-m", "imagelabels", "token", "create", "cold start"]
    done = subprocess.run(command, cwd=HERE, env=environ, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _request(secret: str) -> Any:
    """A request in the forms of both platforms."""
    headers = {"Authorization": f"Bearer {secret}"}
    http = {"method": "GET", "path": "/v1/pictures", "sourceIp": "192.0.2.1"}
    context = {"http": http, "requestId": "r", "path": "/v1/pictures", "httpMethod": "GET", "sourceIp": "192.0.2.1"}
    asked = {"label": "dog"}
    both = {"headers": headers, "requestContext": context, "queryParameters": asked, "queryString": asked}
    return both | {"httpMethod": "GET", "path": "/v1/pictures", "body": "", "isBase64Encoded": False}


def _event(cloud: str) -> Any:
    """A notification of the picture, of the shape that each cloud sends."""
    if cloud == "aliyun":
        event = json.loads((HERE / "events" / "aliyun" / "put_object.json").read_bytes())
        event["events"][0]["oss"]["bucket"]["name"] = OSS_BUCKET
        event["events"][0]["oss"]["object"]["key"] = KEY
        return event
    event = json.loads((HERE / "events" / "tencent" / "put.json").read_bytes())
    name, _, appid = COS_BUCKET.rpartition("-")
    event["Records"][0]["cos"]["cosBucket"] |= {"name": name, "appid": appid}
    event["Records"][0]["cos"]["cosObject"]["key"] = f"/{appid}/{name}/{KEY}"
    return event


if __name__ == "__main__":
    sys.exit(printed(report))
