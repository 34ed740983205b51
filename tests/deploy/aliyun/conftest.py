"""Fixtures of the deployment on Alibaba Cloud."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from imagelabels.cli.main import main
from imagelabels.deploy.aliyun import stacks
from tests.deploy.aliyun.cloud import GIVEN, Cloud, packages, running


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with running(tmp_path / "cloud") as ready:
        yield ready


class Deploy:
    """`imagelabels deploy aliyun` on the cloud of a test, with packages that are made already, and without a proof."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.cloud, self.folder = cloud, folder

    def __call__(self, *options: str, **more: str) -> int:
        return self.only(*options, **{**GIVEN, **more})

    def only(self, *options: str, **given: str) -> int:
        """Run the command with these parameters alone."""
        made = () if {"CodeKey", "LayerKey"} & given.keys() else ("--packages", str(self.folder))
        return self.plain(*made, "--no-proof", *options, **given)

    def plain(self, *options: str, **given: str) -> int:
        """Run the command with these options and parameters alone."""
        words = [f"{name}={value}" for name, value in given.items()]
        return main(["deploy", "aliyun", *options, "--endpoint", self.cloud.ros, "--param", *words])


@pytest.fixture
def deploy(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deploy:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in cloud.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(stacks, "PAUSE", 0.0)
    return Deploy(cloud, packages(tmp_path / "packages"))
