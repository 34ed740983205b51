"""Addresses of small copies, which the emulated stores answer."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from imagelabels.domain.errors import Rejected
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.oss.objects import OssObjects
from imagelabels.providers.aliyun.oss.thumbnails import OssThumbnails
from imagelabels.providers.tencent.cos.client import CosBuckets
from imagelabels.providers.tencent.cos.objects import CosObjects
from imagelabels.providers.tencent.cos.thumbnails import CosThumbnails
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from tests.emulator.running import COS_BUCKET, REGION, running_cos, running_oss

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

KEY = "照片/a b+c%<script>.jpg"


def photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (1200, 800), (200, 30, 30)).save(file, "JPEG")
    return file.getvalue()


def test_anybody_gets_a_small_copy_from_oss_at_the_signed_address(tmp_path: Path) -> None:
    with running_oss(tmp_path) as running:
        user = running.bucket("photos")
        user.create_bucket()
        user.put_object(KEY, photo())
        keys = AliyunCredentials(AliyunKeys("emulator", "emulator"))
        objects, ref = OssObjects(running.endpoint, REGION, keys), ObjectRef("oss", "photos", KEY)
        running.stack.callback(objects.close)
        head = objects.head(ref).head
        assert head is not None
        address = urlsplit(OssThumbnails(running.endpoint, REGION, keys).small(ref, head, 300, 300))
        status, _, body = running.raw("GET", f"{address.path}?{address.query}", {"Host": address.netloc})
        assert (status, Image.open(io.BytesIO(body)).size) == (200, (300, 200))
        status, _, _ = running.raw("GET", f"{address.path}?{address.query}x", {"Host": address.netloc})
        assert status == 403
        with pytest.raises(Rejected):
            OssThumbnails(running.endpoint, REGION, keys).small(ObjectRef("oss", "photos", ".."), head, 300, 300)


def test_anybody_gets_a_small_copy_from_cos_at_the_signed_address(tmp_path: Path) -> None:
    with running_cos(tmp_path) as running:
        running.client().put_object(COS_BUCKET, photo(), KEY)
        key = running.keyring.issue(600)
        keys = TencentCredentials(TencentKeys(key.id, key.secret, key.token))
        buckets = CosBuckets(running.endpoint, "ap-guangzhou", {}, keys)
        ref = ObjectRef("cos", COS_BUCKET, KEY)
        head = CosObjects(buckets).head(ref).head
        assert head is not None
        address = urlsplit(CosThumbnails(buckets).small(ref, head, 300, 300))
        assert f"http://{address.netloc}" == running.endpoint, "a browser would be sent elsewhere"
        status, _, body = running.raw("GET", f"{address.path}?{address.query}", {"Host": address.netloc})
        assert status == 200, body
        assert Image.open(io.BytesIO(body)).size == (300, 200)
        buckets.close()


@pytest.mark.parametrize(
    ("endpoint", "begins"),
    [
        ("", f"https://{COS_BUCKET}.cos.ap-guangzhou.myqcloud.com/a.jpg?"),
        ("https://cos.example", f"https://{COS_BUCKET}.cos.example/a.jpg?"),
        ("http://localhost:9000", f"http://{COS_BUCKET}.localhost:9000/a.jpg?"),
        ("http://127.0.0.1:9000", f"http://127.0.0.1:9000/{COS_BUCKET}/a.jpg?"),
        ("http://[::1]:9000", f"http://[::1]:9000/{COS_BUCKET}/a.jpg?"),
    ],
)
def test_a_small_copy_of_cos_is_at_the_endpoint_that_is_set(endpoint: str, begins: str) -> None:
    buckets = CosBuckets(endpoint, "ap-guangzhou", {}, TencentCredentials(TencentKeys("id", "secret")))
    address = buckets[COS_BUCKET].public_url("a.jpg", 300, {})
    buckets.close()
    assert address.startswith(begins)
