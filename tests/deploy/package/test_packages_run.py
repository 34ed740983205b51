"""The real packages, unpacked where nothing may be written, label a picture under the emulator's platforms."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from imagelabels.deploy.package.build import build
from imagelabels.deploy.package.target import Order, order
from tests.deploy.package import isolated

pytestmark = pytest.mark.story

MEGABYTE = 1_000_000
LIMITS = {"aliyun": 40 * MEGABYTE, "tencent": 20 * MEGABYTE}
UNPACKED_LIMIT = 250 * MEGABYTE


@pytest.mark.parametrize(
    ("runtime", "detectors"),
    [
        ("python3.10", {"aliyun": "imm", "tencent": "ci"}),
        ("python3.10", {"aliyun": "oss", "tencent": "embedded"}),
        ("python3.12", {"aliyun": "imm"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value.values()),
)
def test_the_packages_label_answer_and_deliver_as_another_user_without_a_network_with_only_what_is_in_them(
    runtime: str, detectors: dict[str, str], target_python: Callable[[Order], Path], tmp_path: Path
) -> None:
    orders = {cloud: order(cloud, runtime, detector) for cloud, detector in detectors.items()}
    (python,) = {target_python(one) for one in orders.values()}
    packages = {cloud: build(one, tmp_path / "dist", os.environ, python) for cloud, one in orders.items()}
    for cloud, built in packages.items():
        assert built.code.unpacked + built.layer.unpacked < UNPACKED_LIMIT
        assert built.order.detector == "embedded" or built.code.size + built.layer.size < LIMITS[cloud]
    answer = isolated.run(packages, python, tmp_path)
    if isolated.permitted():
        assert answer["interfaces"] == ["lo"]
    for labelled in answer["clouds"].values():
        assert labelled["tags"]["label:cat"] == "mammal"
        assert labelled["user"] == (isolated.NOBODY if isolated.permitted() else os.getuid())
        assert labelled["interpreter"] == runtime
        assert not labelled["changed"]
        assert labelled["closed"] == []
        expected = {path: [200, "application/json"] for path in isolated.ASKED}
        expected |= {path: [200, "text/html; charset=utf-8"] for path in isolated.VIEWS}
        assert labelled["answers"] == expected
        assert labelled["delivered"]["turns"] > 0, labelled["delivered"]
        assert labelled["delivered"]["errors"] == 0
        assert '"message":"cold start"' in labelled["log"]
        assert labelled["layer"] in labelled["log"]
        assert "site-packages" not in labelled["log"]
