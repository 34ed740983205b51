"""A token that no header can carry. Keys are checked when they are read; here they come to the clients all the same,
since the libraries below them quote what they cannot send."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ObjectHead, ObjectRef, Picture
from imagelabels.domain.taxonomy import load
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.fc2.invoker import Fc2Invoker
from imagelabels.providers.aliyun.fc3.invoker import Fc3Invoker
from imagelabels.providers.aliyun.imm.client import Imm
from imagelabels.providers.aliyun.imm.detector import ImmDetector
from imagelabels.providers.aliyun.oss.detector import OssDetector
from imagelabels.providers.aliyun.oss.objects import OssObjects
from imagelabels.providers.aliyun.tablestore.client import Instance
from imagelabels.providers.aliyun.tablestore.tables import IMAGES, KEYS
from imagelabels.providers.tencent.ci.detector import CiDetector
from imagelabels.providers.tencent.cos.client import CosBuckets
from imagelabels.providers.tencent.cos.objects import CosObjects
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from imagelabels.providers.tencent.scf.invoker import ScfInvoker
from tests.providers.refused import everything_said

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

NOBODY = "http://127.0.0.1:9"
OSS, COS = ObjectRef("oss", "photos", "a.jpg"), ObjectRef("cos", "photos-1250000000", "a.jpg")
SECRET, TOKEN = "SECRETsecretSECRET", "TOKENtokenTOKEN"


def picture(ref: ObjectRef) -> Picture:
    return Picture(ref, ObjectHead("E", 9, None, 1), lambda start, length: b"")


def aliyun(token: str) -> AliyunCredentials:
    return AliyunCredentials(AliyunKeys("STS.id", SECRET, token))


def tencent(token: str) -> TencentCredentials:
    return TencentCredentials(TencentKeys("AKID", SECRET, token))


def oss(token: str) -> OssObjects:
    return OssObjects(NOBODY, "cn-hangzhou", aliyun(token))


def cos(token: str) -> CosBuckets:
    return CosBuckets(NOBODY, "ap-guangzhou", {}, tencent(token))


def instance(token: str) -> Instance:
    return Instance(NOBODY, "photos-inst", "cn-hangzhou", aliyun(token), KEYS)


def imm(token: str) -> ImmDetector:
    return ImmDetector(Imm(NOBODY, "p", aliyun(token)), 0.1, load())


def oss_detector(token: str) -> OssDetector:
    return OssDetector(NOBODY, "cn-hangzhou", aliyun(token), 0.1, load())


CALLS: dict[str, Callable[[str], object]] = {
    "oss head": lambda token: oss(token).head(OSS),
    "oss tags": lambda token: oss(token).tags(OSS),
    "oss list": lambda token: list(oss(token).list("photos")),
    "oss labels": lambda token: oss_detector(token).detect(picture(OSS)),
    "imm labels": lambda token: imm(token).detect(picture(OSS)),
    "tablestore": lambda token: instance(token).get(IMAGES, ("pk",)),
    "fc invoke": lambda token: Fc3Invoker(NOBODY, aliyun(token)).invoke("label", b"{}"),
    "fc2 invoke": lambda token: Fc2Invoker(NOBODY, aliyun(token)).invoke("pictures/label", b"{}"),
    "scf invoke": lambda token: ScfInvoker(NOBODY, "ap-guangzhou", tencent(token)).invoke("label", b"{}"),
    "cos head": lambda token: CosObjects(cos(token)).head(COS),
    "cos put_tags": lambda token: CosObjects(cos(token)).put_tags(COS, {}, time.time() + 5, time.time() + 9),
    "cos labels": lambda token: CiDetector(cos(token), ("web",), 0.1, load()).detect(picture(COS)),
}


@pytest.mark.story
@pytest.mark.parametrize("token", [f" {TOKEN}", f"{TOKEN}\n", f"{TOKEN}\r\nX: y", f"{TOKEN}密"], ids=range(4))
@pytest.mark.parametrize("call", CALLS)
def test_a_token_that_cannot_be_sent_is_in_no_log_and_no_traceback(log: list[str], call: str, token: str) -> None:
    with pytest.raises(LabelingError) as caught:
        CALLS[call](token)
    for text in everything_said(caught.value, log):
        assert TOKEN not in text
        assert SECRET not in text
