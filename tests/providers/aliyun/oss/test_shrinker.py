"""Small copies of pictures, made by OSS."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from imagelabels.domain.errors import Gone, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import ObjectHead, ObjectRef, crc64
from imagelabels.providers import aliyun
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.oss.objects import OssObjects
from imagelabels.providers.aliyun.oss.shrinker import OssShrinker
from imagelabels.providers.aliyun.settings import AliyunSettings
from tests.emulator.running import REGION, Running, running_oss
from tests.providers.aliyun.scripted import HEAD, HEADERS, REF, credentials, error
from tests.scripted import Answer, Server

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

JPEG = b"\xff\xd8\xff\xe0 a small copy"


@pytest.fixture
def shrinker(server: Server) -> Iterator[OssShrinker]:
    shrinker = OssShrinker(server.endpoint, "cn-hangzhou", credentials())
    yield shrinker
    shrinker.close()


def test_the_store_is_asked_for_an_upright_jpeg_of_exactly_the_object_seen(
    server: Server, shrinker: OssShrinker
) -> None:
    server.will(Answer(headers=HEADERS | {"Content-Length": str(len(JPEG)), "Content-Type": "image/jpeg"}, body=JPEG))
    seen = ObjectHead("688A7BF4F233DC9C88A80BF985AB7329", 122539, crc64("xz", "1"), 1, "v7")
    assert shrinker.shrunk(REF, seen, 1024) == JPEG
    (asked,) = server.asked
    assert asked.method == "GET"
    assert asked.query == {"x-oss-process": ["image/resize,s_1024/auto-orient,1/format,jpg"], "versionId": ["v7"]}
    assert asked.headers["if-match"] == '"688A7BF4F233DC9C88A80BF985AB7329"'
    assert "range" not in asked.headers
    assert asked.headers["authorization"].startswith("OSS4-HMAC-SHA256 Credential=STS.keyid/")


def test_a_checksum_of_the_object_is_not_held_against_the_copy(server: Server, shrinker: OssShrinker) -> None:
    """The answer names the object's: it is not that of what came."""
    server.will(Answer(headers={"x-oss-hash-crc64ecma": "1", "ETag": HEAD.etag}, body=JPEG, chunked=True))
    assert shrinker.shrunk(REF, HEAD, 1024) == JPEG


def test_what_the_uploader_said_of_the_objects_encoding_is_not_believed_of_the_copy(
    server: Server, shrinker: OssShrinker
) -> None:
    server.will(Answer(headers={"Content-Encoding": "gzip"}, body=JPEG))
    assert shrinker.shrunk(REF, HEAD, 1024) == JPEG


@pytest.mark.parametrize(
    ("told", "kind", "reason"),
    [
        (error(400, "BadRequest", "This image format is not supported."), Rejected, "unsupported_format"),
        (error(400, "ImageTooLarge", "The size of the image exceeds the limit."), Rejected, "too_large"),
        (error(400, "MemLimitExceeded"), Rejected, "too_many_pixels"),
        (
            error(400, "BadRequest", "Picture exceed the maximum allowable rotation range."),
            Rejected,
            "detector_refused",
        ),
        (error(400, "InvalidArgument", "anything else"), Unavailable, "store_error"),
        (error(400, "RequestTimeout"), Unavailable, "timeout"),
        (error(403, "ImageDamage", "The image file may be damaged"), Rejected, "corrupt"),
        (error(403, "InvalidObjectState"), Rejected, "archived"),
        (error(403, "AccessDenied", "You have no right to access this object."), Misconfigured, "forbidden"),
        (error(400, "Throttling", "slow down"), Unavailable, "throttled"),
        (error(429, "TooManyRequests"), Unavailable, "throttled"),
        (error(503, "SlowDown"), Unavailable, "throttled"),
        (error(500, "InternalError"), Unavailable, "store_error"),
        (error(502, "BadGateway"), Unavailable, "store_error"),
        (error(403, "SecurityTokenExpired"), Unavailable, "credentials_expired"),
        (Answer(hang_up=True), Unavailable, "store_error"),
        (Answer(silent=True), Unavailable, "timeout"),
        (Answer(body=JPEG, cut=10), Unavailable, "store_error"),
        (Answer(body=JPEG, chunked=True, cut=10), Unavailable, "store_error"),
        (Answer(body=b"<html>of some proxy"), Unavailable, "store_error"),
        (Answer(), Unavailable, "store_error"),
    ],
)
def test_each_failure_of_a_copy_is_what_it_means_and_is_asked_only_once(
    server: Server, told: Answer, kind: type[Rejected | Misconfigured | Unavailable], reason: str
) -> None:
    server.will(told)
    shrinker = OssShrinker(server.endpoint, "cn-hangzhou", credentials(), read=server.patience())
    with closing(shrinker), pytest.raises(kind) as caught:
        shrinker.shrunk(REF, HEAD, 1024)
    assert caught.value.reason == reason
    assert REF.uri in str(caught.value)
    assert len(server.asked) == 1


@pytest.mark.parametrize("told", [error(404, "NoSuchKey"), error(404, "NoSuchVersion"), error(412)])
def test_a_picture_that_changed_meanwhile_is_gone(server: Server, shrinker: OssShrinker, told: Answer) -> None:
    server.will(told)
    with pytest.raises(Gone):
        shrinker.shrunk(REF, HEAD, 1024)


def test_a_forbidden_copy_names_the_permission_that_reading_needs_too(server: Server, shrinker: OssShrinker) -> None:
    server.will(error(403, "AccessDenied"))
    with pytest.raises(Misconfigured, match="give the role oss:GetObject on the bucket"):
        shrinker.shrunk(REF, HEAD, 1024)


def test_the_door_opens_what_fits_the_port() -> None:
    opened = aliyun.open_shrinker(AliyunSettings.model_validate({"FC_REGION": "cn-hangzhou"}), credentials())
    assert isinstance(opened, OssShrinker)
    assert {"heic", "avif", "jpeg"} <= opened.formats


PHOTO = ObjectRef("oss", "photos", "照片/one.avif")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with running_oss(tmp_path) as running:
        running.bucket(PHOTO.bucket).create_bucket()
        yield running


def encoded(image: Image.Image, file_format: str) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format)
    return file.getvalue()


def test_a_copy_comes_over_the_emulator_and_a_replaced_picture_is_gone(running: Running) -> None:
    """Every signature is verified on the other side."""
    keys = AliyunCredentials(AliyunKeys("emulator", "emulator"))
    objects = OssObjects(running.endpoint, REGION, keys)
    shrinker = OssShrinker(running.endpoint, REGION, keys)
    running.stack.callback(objects.close)
    running.stack.callback(shrinker.close)
    user = running.bucket(PHOTO.bucket)
    user.put_object(PHOTO.key, encoded(Image.new("RGB", (2400, 1600), (200, 30, 30)), "AVIF"))
    head = objects.head(PHOTO).head
    assert head is not None
    copy = Image.open(io.BytesIO(shrinker.shrunk(PHOTO, head, 1024)))
    assert (copy.format, copy.size) == ("JPEG", (1536, 1024))
    user.put_object(PHOTO.key, b"another")
    with pytest.raises(Gone):
        shrinker.shrunk(PHOTO, head, 1024)
    words = objects.head(PHOTO).head
    assert words is not None
    with pytest.raises(Rejected) as caught:
        shrinker.shrunk(PHOTO, words, 1024)
    assert caught.value.reason == "unsupported_format"
