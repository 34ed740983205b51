"""Runs packages under the emulator's platforms, cut off from the rest of the machine as far as the system permits.

test_packages_run.py starts `python -m tests.deploy.package.isolated` with a JSON argument, and reads a JSON answer. It
runs in a network that has nothing but the loopback interface, and the functions run as another user. That user may
read every file, since the home folder of whoever runs the tests may be closed to others, and write none but those that
everybody may write.
"""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import shlex
import shutil
import socket
import stat
import struct
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from demo.clouds import CosBucket, OssBucket
from demo.emulated import COS_BUCKET, HERE, OSS_BUCKET, DemoEmulator
from imagelabels.deploy.package.build import Built
from tests.ports import free_port

NOBODY = 65534
AS_NOBODY = [
    *("setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"),
    *("--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"),
]
NO_NETWORK = ["unshare", "--net"]
PICTURE = "cat.png"
ASKED = ("/openapi.json", "/v1/pictures?label=cat", "/v1/albums", "/v1/changes")
RECEIVER = "https://receiver.invalid/"
"""Nobody has this name: https://www.rfc-editor.org/rfc/rfc6761#section-6.4"""
VIEWS = ("/", "/albums", "/operations")


def permitted() -> bool:
    """Tell whether the system lets us do both; it lets root do so on Linux."""
    command = [*NO_NETWORK, *AS_NOBODY, "true"]
    return shutil.which(command[0]) is not None and subprocess.run(command, capture_output=True).returncode == 0


def run(packages: Mapping[str, Built], python: Path, folder: Path) -> dict[str, Any]:
    """Label a picture with the package of each cloud, and tell what happened."""
    isolated = permitted()
    asked = {
        "folder": str(folder),
        "python": str(python),
        "isolated": isolated,
        "packages": {
            cloud: {
                "detector": built.order.detector,
                "code": str(built.code.path),
                "layer": str(built.layer.path),
                "prefix": built.order.cloud.layer_prefix,
            }
            for cloud, built in packages.items()
        },
    }
    command = [*(NO_NETWORK if isolated else []), sys.executable, "-m", __name__, json.dumps(asked)]
    done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


class Deployed(DemoEmulator):
    """The emulator with packages in place of the checkout's sources."""

    def __init__(self, port: int, data: Path, python: Path, packages: Mapping[str, Mapping[str, str]]) -> None:
        self.unpacked = {cloud: _unpacked(package, data / cloud) for cloud, package in packages.items()}
        self._packages = packages
        super().__init__(port, data, "--function-python", str(python))

    def functions(self) -> list[dict[str, Any]]:
        labelling = [
            self._packaged(function) for function in super().functions() if function["cloud"] in self._packages
        ]
        return [*labelling, *map(_album, labelling), *map(_webhooks, labelling)]

    def _packaged(self, function: dict[str, Any]) -> dict[str, Any]:
        package, (code, layer) = self._packages[function["cloud"]], self.unpacked[function["cloud"]]
        function["environment"]["IMAGELABELS_DETECTOR"] = package["detector"]
        if package["detector"] == "embedded":
            function["environment"]["IMAGELABELS_MODEL"] = str(layer / "models" / "efficientnet-lite0-int8.onnx")
        return function | {"code": str(code), "paths": [str(layer / package["prefix"])]}


def _album(function: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the album function that comes from the same package."""
    cloud = function["cloud"]
    others = {name: value for name, value in function.items() if name != "trigger"}
    handler = "album.handler" if cloud == "aliyun" else "album.main_handler"
    return others | {"name": f"{cloud}_album", "handler": handler, "http": {}}


def _webhooks(function: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the function for webhooks that comes from the same package. Its timer is not emulated."""
    cloud = function["cloud"]
    others = {name: value for name, value in function.items() if name != "trigger"}
    handler = "webhooks.handler" if cloud == "aliyun" else "webhooks.main_handler"
    return others | {"name": f"{cloud}_webhooks", "handler": handler, "timeout": 110}


def main(asked: Mapping[str, Any]) -> dict[str, Any]:
    folder, python = Path(asked["folder"]), Path(asked["python"])
    if asked["isolated"]:
        _raise_loopback()
        python = _as_nobody(python, folder)
    port = free_port()
    emulator = Deployed(port, folder, python, asked["packages"])
    with emulator:
        assert emulator.ready()
        return {
            "interfaces": sorted(name for _, name in socket.if_nameindex()),
            "clouds": {cloud: _labelled(cloud, port, emulator) for cloud in asked["packages"]},
        }


def _labelled(cloud: str, port: int, emulator: Deployed) -> dict[str, Any]:
    bucket = OssBucket(OSS_BUCKET, port) if cloud == "aliyun" else CosBucket(COS_BUCKET, port)
    before = _files(emulator.data / cloud)
    bucket.put(PICTURE, (HERE / "photos" / "chelsea.png").read_bytes())
    assert emulator.settle() == []
    (process,) = emulator.control(f"functions/{cloud}_label")["processes"]
    tags = bucket.tags(PICTURE)
    token = emulator.imagelabels("token", "create", "tests", stdout=subprocess.PIPE, text=True).stdout.strip()
    answers = {path: _answer(port, f"/_functions/{cloud}_album{path}", token) for path in (*ASKED, *VIEWS)}
    bucket.close()
    album = emulator.imagelabels("album", "create", "Cats", "cat", stdout=subprocess.PIPE, text=True).stdout.strip()
    emulator.imagelabels("hook", "create", album, RECEIVER, stdout=subprocess.DEVNULL)
    return {
        "tags": tags,
        "delivered": _delivered(port, f"{cloud}_webhooks"),
        "answers": answers,
        "user": os.stat(f"/proc/{process['pid']}").st_uid,
        "interpreter": Path(f"/proc/{process['pid']}/exe").resolve().name,
        "changed": _files(emulator.data / cloud) != before,
        "closed": [str(path) for path in (emulator.data / cloud).rglob("*") if not path.stat().st_mode & stat.S_IROTH],
        "log": (emulator.data / "emulator" / "functions" / f"{cloud}_label.log").read_text(),
        "layer": str(emulator.unpacked[cloud][1]),
    }


def _answer(port: int, target: str, token: str) -> list[Any]:
    """Return the status and the type of what the album function answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", target, headers={"Authorization": f"Bearer {token}"})
    response = connection.getresponse()
    response.read()
    connection.close()
    return [response.status, response.getheader("Content-Type")]


def _delivered(port: int, function: str) -> Any:
    """Let the function for webhooks do a run, and return what it answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", f"/_emulator/functions/{function}/invoke", b"{}")
    answer = connection.getresponse().read()
    connection.close()
    return json.loads(answer)


def _unpacked(package: Mapping[str, str], folder: Path) -> tuple[Path, Path]:
    """Unpack both archives with the modes that they name, but so that nobody may write."""
    for part in ("code", "layer"):
        with zipfile.ZipFile(package[part]) as archive:
            archive.extractall(folder / part)
            for entry in archive.infolist():
                (folder / part / entry.filename).chmod((entry.external_attr >> 16) & 0o555)
    for path in folder.rglob("*"):
        if path.is_dir():
            path.chmod(0o555)
    return folder / "code", folder / "layer"


def _files(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*")}


def _raise_loopback() -> None:
    """A new network has a loopback interface that is down. These are SIOCSIFFLAGS and IFF_UP of netdevice(7)."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 1))


def _as_nobody(python: Path, folder: Path) -> Path:
    """Return a program that stands for the interpreter and starts it as another user."""
    program = folder / "python"
    program.write_text(f'#!/bin/sh\nexec {shlex.join([*AS_NOBODY, str(python)])} "$@"\n')
    program.chmod(0o755)
    return program


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
