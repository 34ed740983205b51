"""A deployment whose function is real: the emulated event starts it, and the proof sees its labels."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.clouds import KEY, CosBucket
from demo.emulated import COS_BUCKET, OSS_BUCKET, DemoEmulator
from emulator.core.keyring import Keyring
from emulator.core.parts import Key
from imagelabels import wiring
from imagelabels.cli.main import main
from imagelabels.deploy import proof
from tests.deploy.aliyun import cloud, control_plane
from tests.deploy.tencent import control_plane as tencent
from tests.ports import free_port

pytestmark = [pytest.mark.story, pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")]
Out = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoEmulator]:
    port = free_port()
    with DemoEmulator(port, tmp_path_factory.mktemp("proof"), "--bucket", "my-packages") as running:
        assert running.ready()
        yield running


@pytest.fixture
def environ(emulator: DemoEmulator, monkeypatch: pytest.MonkeyPatch) -> DemoEmulator:
    settings = emulator.user_settings
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("IMAGELABELS_INDEX")
    monkeypatch.setattr(proof, "PAUSE", 0.2)
    monkeypatch.setattr(proof, "WAITS", 3000)
    return emulator


def nothing_is_left(emulator: DemoEmulator, scheme: str, bucket: str, capsys: Out) -> None:
    """The picture is away, and the function has followed: the index has no row of it."""
    assert emulator.settle() == []
    _, session = wiring.connected(scheme)
    session.refresh(None, os.environ)
    assert list(session.objects(lambda _: None).list(bucket)) == []
    assert main(["search", "--index", emulator.index, "--format", "json"]) == 0
    assert "imagelabels-proof-" not in capsys.readouterr().out


def test_the_proof_on_alibaba_cloud_would_see_no_labels(
    environ: DemoEmulator, tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imagelabels.deploy.aliyun.stacks.PAUSE", 0.0)
    given = cloud.GIVEN | {"BucketName": OSS_BUCKET, "InstanceName": "demo"}
    with control_plane.serving(control_plane.ControlPlane(), Keyring(Key(KEY, KEY))) as ros:
        words = [f"{name}={value}" for name, value in given.items()]
        options = ["--packages", str(cloud.packages(tmp_path)), "--endpoint", ros]
        assert main(["deploy", "aliyun", *options, "--param", *words]) == 0
    printed = capsys.readouterr().out
    assert "stack: made" in printed
    assert f"proof: oss://{OSS_BUCKET}/imagelabels-proof-" in printed
    assert "proof: labelled after" in printed
    assert "Cats 0." in printed
    nothing_is_left(environ, "oss", OSS_BUCKET, capsys)


def test_the_proof_on_tencent_cloud_would_see_no_labels(
    environ: DemoEmulator, tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imagelabels.deploy.tencent.run.PAUSE", 0.0)
    for name in ("KEY", "SECRET"):
        monkeypatch.setattr(tencent, name, KEY)
    archives = {name: tmp_path / f"{name}.zip" for name in ("Code", "Layer")}
    for path in archives.values():
        path.write_bytes(b"an archive")
    given = {
        "Region": CosBucket.region,
        "AppId": CosBucket.appid,
        "Bucket": COS_BUCKET,
        "DeadLetterQueue": "failures",
        "Index": "tablestore://demo",
        "IndexEndpoint": environ.address,
        "IndexRegion": "cn-hangzhou",
        **{name: str(path) for name, path in archives.items()},
    }
    plane = tencent.ControlPlane()
    with tencent.serving(plane) as endpoint:
        words = [f"{name}={value}" for name, value in given.items()]
        assert main(["deploy", "tencent", "--endpoint", endpoint, "--param", *words]) == 0
    printed = capsys.readouterr().out
    assert "function: made" in printed
    assert f"proof: cos://{COS_BUCKET}/imagelabels-proof-" in printed
    assert "proof: labelled after" in printed
    assert "Cats 0." in printed
    nothing_is_left(environ, "cos", COS_BUCKET, capsys)
