"""A server, or a proxy before it, that repeats the request in the words of its refusal: the token is one of them."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator

import pytest

from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ObjectHead, ObjectRef, Picture
from imagelabels.domain.taxonomy import load
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.oss.detector import OssDetector
from imagelabels.providers.aliyun.oss.objects import OssObjects
from imagelabels.providers.aliyun.tablestore.client import Instance
from imagelabels.providers.aliyun.tablestore.tables import IMAGES, KEYS
from imagelabels.providers.tencent.ci.detector import CiDetector
from imagelabels.providers.tencent.cos.client import CosBuckets
from imagelabels.providers.tencent.cos.objects import CosObjects
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from tests.providers.aliyun.scripted import error
from tests.scripted import Answer, Server, scripted

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

TOKEN = "TOKENtokenTOKEN"
OSS, COS = ObjectRef("oss", "photos", "a.jpg"), ObjectRef("cos", "photos-1250000000", "a.jpg")


@pytest.fixture
def server() -> Iterator[Server]:
    with scripted() as server:
        yield server


def picture(ref: ObjectRef) -> Picture:
    return Picture(ref, ObjectHead("E", 9, None, 1), lambda start, length: b"")


def oss_keys() -> AliyunCredentials:
    return AliyunCredentials(AliyunKeys("STS.id", "secret", TOKEN))


def oss(endpoint: str) -> OssObjects:
    return OssObjects(endpoint, "cn-hangzhou", oss_keys())


def cos(endpoint: str) -> CosBuckets:
    return CosBuckets(endpoint, "ap-guangzhou", {}, TencentCredentials(TencentKeys("AKID", "secret", TOKEN)))


def instance(endpoint: str) -> Instance:
    return Instance(endpoint, "photos-inst", "cn-hangzhou", oss_keys(), KEYS)


CALLS: dict[str, Callable[[str], object]] = {
    "oss tags": lambda at: oss(at).tags(OSS),
    "oss read": lambda at: oss(at).read(OSS, ObjectHead("E", 9, None, 1), 0, 9),
    "oss put_tags": lambda at: oss(at).put_tags(OSS, {}, time.time() + 5, time.time() + 9),
    "oss labels": lambda at: OssDetector(at, "cn-hangzhou", oss_keys(), 0.1, load()).detect(picture(OSS)),
    "cos tags": lambda at: CosObjects(cos(at)).tags(COS),
    "cos read": lambda at: CosObjects(cos(at)).read(COS, ObjectHead("E", 9, None, 1), 0, 9),
    "cos put_tags": lambda at: CosObjects(cos(at)).put_tags(COS, {}, time.time() + 5, time.time() + 9),
    "cos labels": lambda at: CiDetector(cos(at), ("web",), 0.1, load()).detect(picture(COS)),
}
ECHOES = (
    f"denied: GET /a.jpg x-oss-security-token: {TOKEN}",
    f"denied: GET /a.jpg?security-token={TOKEN}",
    f'{{"x-cos-security-token": "{TOKEN}"}}',
    f"denied: Authorization: {TOKEN}",
    f"denied: Signature={TOKEN}",
    f"denied: X-Ots-Ststoken : {TOKEN}",
)


def said_of(error: BaseException | None) -> Iterator[str]:
    """All that a logger could reach, also of errors that a traceback suppresses."""
    yield "".join(traceback.format_exception(error)) if error else ""
    while error is not None:
        yield from (str(error), repr(error), repr(error.args), repr(vars(error)))
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("echo", ECHOES, ids=range(len(ECHOES)))
@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize("call", CALLS)
def test_words_that_repeat_the_request_are_quoted_nowhere(server: Server, call: str, status: int, echo: str) -> None:
    server.will(error(status, "SomethingNew", echo))
    with pytest.raises(LabelingError) as caught:
        CALLS[call](server.endpoint)
    assert not [text for text in said_of(caught.value) if TOKEN in text]


@pytest.mark.parametrize("echo", ECHOES, ids=range(len(ECHOES)))
def test_a_head_that_is_asked_again_to_hear_its_code_tells_nothing_else(server: Server, echo: str) -> None:
    for head in (oss(server.endpoint).head, CosObjects(cos(server.endpoint)).head):
        server.will(error(400), error(400, "SomethingNew", echo))
        with pytest.raises(LabelingError) as caught:
            head(OSS if head.__self__.__class__ is OssObjects else COS)  # type: ignore[attr-defined]
        assert not [text for text in said_of(caught.value) if TOKEN in text]


def test_the_vendors_own_words_are_still_told(server: Server) -> None:
    words = "The request signature we calculated does not match the signature you provided."
    server.will(error(403, "SomethingNew", words), error(403, "SomethingNew", words))
    for call in ("oss tags", "cos tags"):
        with pytest.raises(LabelingError, match=words):
            CALLS[call](server.endpoint)


def test_a_refusal_of_the_index_repeats_no_token(server: Server) -> None:
    body = b"\n\x0cSomethingNew\x12" + bytes([len(ECHOES[0])]) + ECHOES[0].encode()
    server.will(Answer(400, {}, body))
    with pytest.raises(LabelingError) as caught:
        instance(server.endpoint).get(IMAGES, ("pk",))
    assert not [text for text in said_of(caught.value) if TOKEN in text]
