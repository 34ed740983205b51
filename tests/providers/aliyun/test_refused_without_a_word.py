"""A HEAD that OSS refuses: its answer has no body, and a code only where the header x-oss-err is there."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable
from imagelabels.domain.model import Look
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.oss.objects import OssObjects
from tests.providers.aliyun.scripted import HEAD, HEADERS, REF, error
from tests.scripted import DATE, Answer, Server

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

REFUSED = error(403)
"""HEAD's answer: a body is not sent."""


def refused(code: str, **more: str) -> list[Answer]:
    """The answers to the HEAD and to the GET that is sent after it."""
    return [REFUSED, error(403, code, **more)]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (refused("SecurityTokenExpired"), "credentials_expired"),
        (refused("InvalidSecurityToken"), "credentials_expired"),
        (refused("InvalidAccessKeyId", OSSAccessKeyId="STS.keyid"), "credentials_expired"),
        (refused("RequestTimeTooSkewed"), "store_error"),
        (refused("AccessDenied"), "forbidden"),
        (refused(""), "forbidden"),
        ([error(400), error(400, "RequestTimeout")], "timeout"),
        ([error(400), error(400)], "store_error"),
        ([REFUSED, error(503, "SlowDown")], "throttled"),
        ([REFUSED, Answer(hang_up=True)], "store_error"),
    ],
)
def test_keys_that_end_during_an_invocation_are_no_missing_permission(
    server: Server, objects: OssObjects, answers: list[Answer], reason: str
) -> None:
    server.will(*answers)
    with pytest.raises(LabelingError) as caught:
        objects.head(REF)
    assert caught.value.reason == reason
    assert [asked.method for asked in server.asked] == ["HEAD", "GET"]
    assert server.asked[1].headers["range"] == "bytes=0-0"


@pytest.mark.parametrize("told", [Answer(206, body=b"x"), error(416, "InvalidRange"), error(403, "InvalidObjectState")])
def test_a_refusal_of_head_alone_is_believed(server: Server, objects: OssObjects, told: Answer) -> None:
    server.will(REFUSED, told)
    with pytest.raises(Misconfigured, match=r"HeadObject .* give the role oss:GetObject"):
        objects.head(REF)


def test_an_object_that_went_meanwhile_is_missing(server: Server, objects: OssObjects) -> None:
    server.will(REFUSED, error(404, "NoSuchKey"))
    assert objects.head(REF) == Look(DATE, None)


def test_a_code_in_a_header_of_the_answer_is_read_there(server: Server, objects: OssObjects) -> None:
    body = base64.b64encode(error(403, "SecurityTokenExpired").body).decode()
    server.will(Answer(403, {"x-oss-err": body}))
    with pytest.raises(Unavailable) as caught:
        objects.head(REF)
    assert caught.value.reason == "credentials_expired"
    assert len(server.asked) == 1


def test_an_answer_that_is_no_refusal_is_not_asked_for_again(server: Server, objects: OssObjects) -> None:
    server.will(Answer(headers=HEADERS), error(404), error(500))
    assert objects.head(REF).head == HEAD
    assert objects.head(REF).head is None
    with pytest.raises(Unavailable):
        objects.head(REF)
    assert [asked.method for asked in server.asked] == ["HEAD"] * 3


def test_a_clock_that_is_off_is_told_by_the_date_of_a_refusal(server: Server, objects: OssObjects) -> None:
    server.will(Answer(403, date=DATE), Answer(403, date=DATE))
    with pytest.raises(Unavailable, match="this machine's clock is too far off the store's") as caught:
        objects.head(REF)
    assert caught.value.reason == "store_error"


@pytest.fixture
def permanent(server: Server) -> Iterator[OssObjects]:
    objects = OssObjects(server.endpoint, "cn-hangzhou", AliyunCredentials(AliyunKeys("LTAI5t", "secret")))
    yield objects
    objects.close()


@pytest.mark.parametrize(
    ("code", "more", "said"),
    [
        ("SignatureDoesNotMatch", {}, "ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
        ("InvalidAccessKeyId", {"OSSAccessKeyId": "LTAI5t"}, "no such access key: check ALIBABA_CLOUD_ACCESS_KEY_ID"),
    ],
)
def test_wrong_keys_are_named_by_their_variables_and_not_told_as_a_missing_permission(
    server: Server, permanent: OssObjects, code: str, more: dict[str, Any], said: str
) -> None:
    server.will(REFUSED, error(403, code, **more))
    with pytest.raises(Misconfigured, match=said) as caught:
        permanent.head(REF)
    assert "give the role" not in str(caught.value)
