"""The proof on Tencent Cloud: the bucket is looked for first, and the picture goes in and out of the emulated COS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from imagelabels.cli.main import main
from imagelabels.deploy.progress import CallFailed
from imagelabels.deploy.tencent import proof
from imagelabels.providers.tencent.cos.buckets import CosBucketSetup
from imagelabels.providers.tencent.cos.client import CosBuckets
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from tests.deploy.tencent import control_plane
from tests.deploy.tencent.control_plane import ControlPlane, serving
from tests.emulator.running import COS_BUCKET, COS_REGION, ROOT, RunningCos, running_cos


@pytest.fixture
def cos(tmp_path: Path) -> Iterator[RunningCos]:
    with running_cos(tmp_path / "data") as running:
        yield running


def opened(cos: RunningCos, region: str = COS_REGION, secret: str = ROOT.secret) -> CosBucketSetup:
    buckets = CosBuckets(cos.endpoint, region, {}, TencentCredentials(TencentKeys(ROOT.id, secret)))
    cos.stack.callback(buckets.close)
    return CosBucketSetup(buckets)


def test_a_bucket_in_another_region_would_not_be_named(cos: RunningCos) -> None:
    proof.check_bucket(opened(cos), COS_BUCKET, COS_REGION)
    with pytest.raises(CallFailed, match=f"no such bucket: cos://{COS_BUCKET} is not in ap-shanghai: name the bucket"):
        proof.check_bucket(opened(cos, "ap-shanghai"), COS_BUCKET, "ap-shanghai")
    with pytest.raises(CallFailed, match="no such bucket: cos://absent-1250000000 is not in ap-guangzhou"):
        proof.check_bucket(opened(cos), "absent-1250000000", COS_REGION)
    with pytest.raises(CallFailed, match="forbidden"):
        proof.check_bucket(opened(cos, secret="wrong"), COS_BUCKET, COS_REGION)


@pytest.fixture
def words(cos: RunningCos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command's parameters, with keys that COS and the control plane take."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("KEY", "SECRET"):
        monkeypatch.setattr(control_plane, name, ROOT.id)
    variables = ("TENCENTCLOUD_SECRETID", "TENCENTCLOUD_SECRETKEY", "ALIBABA_CLOUD_ACCESS_KEY_ID")
    for name in (*variables, "ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
        monkeypatch.setenv(name, ROOT.id)
    monkeypatch.setenv("IMAGELABELS_ENDPOINT_COS", cos.endpoint)
    for name in ("Code", "Layer"):
        (tmp_path / name).write_bytes(b"an archive")
    return [
        f"Region={COS_REGION}",
        "AppId=1250000000",
        "DeadLetterQueue=failures",
        "Index=tablestore://my-labels",
        f"IndexEndpoint={cos.endpoint}",
        "IndexRegion=cn-hangzhou",
        f"Code={tmp_path / 'Code'}",
        f"Layer={tmp_path / 'Layer'}",
    ]


@pytest.mark.parametrize("options", [[], ["--dry-run"]], ids=["deploy", "dry run"])
def test_a_wrong_bucket_would_be_found_out_when_everything_is_made(
    options: list[str], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    plane = ControlPlane()
    with serving(plane) as endpoint:
        given = [*words, "Bucket=absent-1250000000"]
        assert main(["deploy", "tencent", *options, "--endpoint", endpoint, "--param", *given]) == 1
    printed = capsys.readouterr().out
    assert "stopped at bucket: no such bucket: cos://absent-1250000000 is not in ap-guangzhou" in printed
    assert "done: nothing; not done: bucket; nothing was changed" in printed
    assert plane.calls == []


def test_a_function_that_never_works_would_pass_for_one_that_does(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, cos: RunningCos
) -> None:
    monkeypatch.setattr("imagelabels.deploy.proof.PAUSE", 0.0)
    monkeypatch.setattr("imagelabels.deploy.proof.WAITS", 2)
    monkeypatch.setattr("imagelabels.deploy.tencent.run.PAUSE", 0.0)
    with serving(ControlPlane()) as endpoint:
        command = ["deploy", "tencent", "--endpoint", endpoint, "--param", *words, f"Bucket={COS_BUCKET}"]
        assert main(command) == 1
        printed = capsys.readouterr().out
        assert (
            "stopped at proof: no labels: within 0 s neither a tag nor a row was written: look at the log of the"
            in (printed)
        )
        assert "and the queue failures" in printed
        assert cos.store.scan(COS_BUCKET, b"", b"", 9) == []
        assert main([*command, "Suffix=.png"]) == 0
        assert "proof: left out, since the picture is a JPEG" in capsys.readouterr().out
        assert main([*command, "--dry-run"]) == 0
        assert f"proof: a picture would be uploaded as cos://{COS_BUCKET}/imagelabels-proof-" in capsys.readouterr().out


def test_the_proof_would_look_for_the_index_in_the_wrong_place() -> None:
    values = {"Region": "ap-guangzhou", "IndexEndpoint": "https://x.ots.aliyuncs.com", "IndexRegion": "cn-shenzhen"}
    elsewhere = {"IMAGELABELS_ENDPOINT_TABLESTORE": "https://another", "FC_REGION": "cn-hangzhou"}
    assert proof.surroundings(values, elsewhere) == {
        "IMAGELABELS_ENDPOINT_TABLESTORE": "https://x.ots.aliyuncs.com",
        "FC_REGION": "cn-shenzhen",
        "TENCENTCLOUD_REGION": "ap-guangzhou",
    }
