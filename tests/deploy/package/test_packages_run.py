"""The real packages, unpacked where nothing may be written, label a picture under the emulator's platforms."""

from __future__ import annotations

import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from demo.clouds import CosBucket, OssBucket
from demo.emulated import COS_BUCKET, HERE, OSS_BUCKET, DemoEmulator
from imagelabels.deploy.package.build import Built, build
from imagelabels.deploy.package.target import Order, order

pytestmark = pytest.mark.story

MEGABYTE = 1_000_000
CLOUDS_OWN = {"aliyun": "imm", "tencent": "ci"}
EMBEDDED = {"aliyun": "oss", "tencent": "embedded"}


class Deployed(DemoEmulator):
    """The emulator with packages in place of the checkout's sources."""

    def __init__(self, port: int, data: Path, python: Path, packages: dict[str, Built]) -> None:
        self.unpacked = {cloud: _unpacked(built, data / cloud) for cloud, built in packages.items()}
        self._packages = packages
        super().__init__(port, data, "--function-python", str(python))

    def functions(self) -> list[dict[str, Any]]:
        return [self._packaged(function) for function in super().functions()]

    def _packaged(self, function: dict[str, Any]) -> dict[str, Any]:
        cloud = function["cloud"]
        order, (code, layer) = self._packages[cloud].order, self.unpacked[cloud]
        function["environment"]["IMAGELABELS_DETECTOR"] = order.detector
        if order.detector == "embedded":
            function["environment"]["IMAGELABELS_MODEL"] = str(layer / "models" / "efficientnet-lite0-int8.onnx")
        return function | {"code": str(code), "paths": [str(layer / order.cloud.layer_prefix)]}


def _unpacked(built: Built, folder: Path) -> tuple[Path, Path]:
    for part in ("code", "layer"):
        with zipfile.ZipFile(getattr(built, part).path) as archive:
            archive.extractall(folder / part)
    for path in folder.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return folder / "code", folder / "layer"


def _files(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.mark.parametrize("detectors", [CLOUDS_OWN, EMBEDDED], ids=["cloud", "embedded"])
def test_the_packages_of_both_clouds_label_a_picture_with_nothing_but_what_is_in_them(
    detectors: dict[str, str], target_python: Callable[[Order], Path], tmp_path: Path
) -> None:
    orders = {cloud: order(cloud, "python3.10", detector) for cloud, detector in detectors.items()}
    (python,) = {target_python(one) for one in orders.values()}
    packages = {cloud: build(one, tmp_path / "dist", os.environ, python) for cloud, one in orders.items()}
    if detectors is EMBEDDED:
        assert all(built.code.unpacked + built.layer.unpacked < 250 * MEGABYTE for built in packages.values())
    else:
        assert packages["aliyun"].code.size + packages["aliyun"].layer.size < 40 * MEGABYTE
        assert packages["tencent"].code.size + packages["tencent"].layer.size < 20 * MEGABYTE
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Deployed(port, tmp_path, python, packages) as emulator:
        assert emulator.ready()
        before = {cloud: _files(tmp_path / cloud) for cloud in packages}
        for user in (OssBucket(OSS_BUCKET, port), CosBucket(COS_BUCKET, port)):
            user.put("cat.png", (HERE / "photos" / "chelsea.png").read_bytes())
            assert emulator.settle() == []
            assert user.tags("cat.png")["label:cat"] == "mammal"
            user.close()
        assert {cloud: _files(tmp_path / cloud) for cloud in packages} == before
    for name in ("aliyun_label", "tencent_label"):
        log = (tmp_path / "emulator" / "functions" / f"{name}.log").read_text()
        assert '"message":"cold start"' in log
        assert str(tmp_path / name.removesuffix("_label") / "layer") in log
        assert "site-packages" not in log
