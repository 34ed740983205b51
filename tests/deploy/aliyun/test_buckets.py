"""What OSS says of buckets in other regions, and what becomes of objects, with the real oss2."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from imagelabels.deploy.aliyun import account
from imagelabels.deploy.aliyun.buckets import Buckets
from imagelabels.deploy.progress import CallFailed
from imagelabels.providers.aliyun.credentials import AliyunCredentials
from tests.deploy.aliyun.cloud import KEY, Cloud
from tests.providers.aliyun.scripted import error
from tests.scripted import Answer, Server
from tests.scripted import scripted as serving

BUCKET_INFO = (
    "<BucketInfo><Bucket><Name>my-photos</Name><Location>oss-{region}</Location><CreationDate/><StorageClass/>"
    "<ExtranetEndpoint/><IntranetEndpoint/><Owner><DisplayName/><ID/></Owner>"
    "<AccessControlList><Grant/></AccessControlList></Bucket></BucketInfo>"
)


def opened(address: str) -> Buckets:
    environ = {
        "FC_REGION": "cn-hangzhou",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY.id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY.secret,
        "IMAGELABELS_ENDPOINT_OSS": address,
    }
    return Buckets(account.settings_of(environ), AliyunCredentials.from_context(None, environ))


@pytest.fixture
def buckets(cloud: Cloud) -> Iterator[Buckets]:
    ready = opened(cloud.address)
    yield ready
    ready.close()


@pytest.fixture
def scripted() -> Iterator[tuple[Server, Buckets]]:
    with serving() as server:
        ready = opened(server.endpoint)
        yield server, ready
        ready.close()


def test_the_endpoint_of_another_region_would_not_tell_the_region(scripted: tuple[Server, Buckets]) -> None:
    server, buckets = scripted
    server.will(
        error(
            403,
            "AccessDenied",
            "The bucket must be addressed using the specified endpoint.",
            Endpoint="oss-cn-shanghai.aliyuncs.com",
        )
    )
    with pytest.raises(CallFailed, match=r"my-photos is in cn-shanghai, and the stack in cn-hangzhou: .*BucketName"):
        buckets.check_region("BucketName", "my-photos")


def test_the_location_of_a_bucket_would_not_be_read(scripted: tuple[Server, Buckets]) -> None:
    server, buckets = scripted
    server.will(Answer(200, {"Content-Type": "application/xml"}, BUCKET_INFO.format(region="cn-shenzhen").encode()))
    with pytest.raises(CallFailed, match="my-photos is in cn-shenzhen"):
        buckets.check_region("BucketName", "my-photos")


def test_a_missing_permission_would_not_be_named(scripted: tuple[Server, Buckets], tmp_path: Path) -> None:
    server, buckets = scripted
    (tmp_path / "code.zip").write_bytes(b"code")
    server.will(error(403, "AccessDenied", "You have no right to access this object."))
    with pytest.raises(CallFailed, match=r"oss:GetBucketInfo"):
        buckets.check_region("BucketName", "my-photos")
    server.will(error(404, "NoSuchKey"), error(403, "AccessDenied", "You have no right to access this object."))
    with pytest.raises(CallFailed, match=r"oss:PutObject"):
        buckets.upload("my-packages", "code.zip", tmp_path / "code.zip")


def test_a_network_that_is_away_would_end_in_a_traceback() -> None:
    buckets = opened("http://127.0.0.1:9")
    with pytest.raises(CallFailed, match=r"cannot reach 127\.0\.0\.1:9"):
        buckets.check_region("BucketName", "my-photos")
    buckets.close()


def test_an_upload_would_be_repeated_or_overwrite(buckets: Buckets, cloud: Cloud, tmp_path: Path) -> None:
    path = tmp_path / "code.zip"
    path.write_bytes(b"the code")
    assert buckets.upload("my-packages", "k", path)
    assert not buckets.upload("my-packages", "k", path)
    path.write_bytes(b"the cods")
    with pytest.raises(CallFailed, match="oss://my-packages/k has another content"):
        buckets.upload("my-packages", "k", path)
    assert cloud.store.path("my-packages", "k").read_bytes() == b"the code"


def test_a_bucket_that_is_not_there_would_be_named_without_a_cure(buckets: Buckets, tmp_path: Path) -> None:
    (tmp_path / "code.zip").write_bytes(b"the code")
    with pytest.raises(CallFailed, match="no such bucket: oss://absent/k: make the bucket, or correct its name"):
        buckets.upload("absent", "k", tmp_path / "code.zip")
    with pytest.raises(CallFailed, match="no such bucket: oss://absent: make the bucket, or correct its name"):
        buckets.check_region("CodeBucket", "absent")
