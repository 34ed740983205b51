"""Every client at a desk behind a proxy goes through it, as the environment says; in a function none does."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ObjectHead, ObjectRef, Picture
from imagelabels.providers import aliyun, tencent
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.settings import AliyunSettings
from imagelabels.providers.kit.proxies import PLATFORMS
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from imagelabels.providers.tencent.settings import TencentSettings
from tests.scripted import Answer, Server, scripted

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

KEYS, COS_KEYS = AliyunCredentials(AliyunKeys("id", "secret")), TencentCredentials(TencentKeys("id", "secret"))
OSS, COS = ObjectRef("oss", "photos", "a.jpg"), ObjectRef("cos", "photos-1250000000", "a.jpg")
ENVIRON = {
    "FC_REGION": "cn-hangzhou",
    "TENCENTCLOUD_REGION": "ap-guangzhou",
    "IMAGELABELS_ENDPOINT_OSS": "http://oss.example",
    "IMAGELABELS_ENDPOINT_TABLESTORE": "http://tablestore.example",
    "IMAGELABELS_ENDPOINT_IMM": "http://imm.example",
    "IMAGELABELS_ENDPOINT_COS": "http://cos.example",
    "IMAGELABELS_IMM_PROJECT": "p",
}


@pytest.fixture
def proxy() -> Iterator[Server]:
    with scripted() as server:
        yield server


def picture(ref: ObjectRef) -> Picture:
    return Picture(ref, ObjectHead("E", 9, None, 1), lambda start, length: b"")


def oss(given: dict[str, str]) -> Any:
    return aliyun.open_objects(AliyunSettings.model_validate(given), KEYS).head(OSS)


def shrunk(given: dict[str, str]) -> Any:
    return aliyun.open_shrinker(AliyunSettings.model_validate(given), KEYS).shrunk(OSS, picture(OSS).head, 100)


def oss_labels(given: dict[str, str]) -> Any:
    return aliyun.open_detector_oss(AliyunSettings.model_validate(given), KEYS, 0.1).detect(picture(OSS))


def imm_labels(given: dict[str, str]) -> Any:
    return aliyun.open_detector_imm(AliyunSettings.model_validate(given), KEYS, 0.1).detect(picture(OSS))


def row(given: dict[str, str]) -> Any:
    return aliyun.open_ledger(AliyunSettings.model_validate(given), KEYS, "photos-inst").row(OSS)


def cos(given: dict[str, str]) -> Any:
    return tencent.open_objects(TencentSettings.model_validate(given), COS_KEYS, {}).head(COS)


def ci_labels(given: dict[str, str]) -> Any:
    return tencent.open_detector_ci(TencentSettings.model_validate(given), COS_KEYS, {}, 0.1).detect(picture(COS))


CALLS: dict[Callable[[dict[str, str]], Any], str] = {
    oss: "photos.oss.example",
    shrunk: "photos.oss.example",
    oss_labels: "photos.oss.example",
    imm_labels: "imm.example",
    row: "tablestore.example",
    cos: "photos-1250000000.cos.ap-guangzhou.myqcloud.com",
    ci_labels: "photos-1250000000.cos.ap-guangzhou.myqcloud.com",
}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
def test_a_command_goes_through_the_proxy_of_the_environment(
    proxy: Server, call: Callable[[dict[str, str]], Any]
) -> None:
    proxy.will(Answer(409))
    at = proxy.endpoint.replace("http://", "http://me:word@")
    with pytest.raises(LabelingError):
        call({**ENVIRON, "HTTP_PROXY": at})
    asked = proxy.asked[0].headers
    assert asked["host"] == CALLS[call]
    assert asked["proxy-authorization"] == f"Basic {base64.b64encode(b'me:word').decode()}"


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("settings", [AliyunSettings, TencentSettings])
def test_a_function_does_not(settings: type[AliyunSettings] | type[TencentSettings], platform: str) -> None:
    environ = {**ENVIRON, "HTTP_PROXY": "http://proxy:3128"}
    assert settings.model_validate(environ).proxies.of("http://oss.example") == {"http": "http://proxy:3128"}
    assert settings.model_validate({**environ, platform: "/code"}).proxies.of("http://oss.example") == {}
