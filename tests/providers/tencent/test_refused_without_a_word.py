"""A HEAD that COS refuses: its answer has no body, and so no code."""

from __future__ import annotations

import time

import pytest

from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable
from imagelabels.domain.model import Look
from imagelabels.providers.tencent.cos.objects import CosObjects
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from tests.providers.tencent.scripted import HEAD, HEADERS, REF, buckets, error
from tests.scripted import DATE, Answer, Server

REFUSED = error(403)
"""HEAD's answer: a body is not sent."""


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([REFUSED, error(403, "ExpiredToken")], "credentials_expired"),
        ([REFUSED, error(403, "InvalidAccessKeyId")], "credentials_expired"),
        ([REFUSED, error(403, "RequestTimeTooSkewed")], "store_error"),
        ([REFUSED, error(403, "AccessDenied", "Request has expired.")], "store_error"),
        ([REFUSED, error(403, "AccessDenied")], "forbidden"),
        ([REFUSED, error(403)], "forbidden"),
        ([error(400), error(400, "RequestTimeout")], "timeout"),
        ([error(400), error(400)], "store_error"),
        ([REFUSED, error(503, "SlowDown")], "throttled"),
        ([REFUSED, Answer(hang_up=True)], "store_error"),
    ],
)
def test_keys_that_end_during_an_invocation_are_no_missing_permission(
    server: Server, objects: CosObjects, answers: list[Answer], reason: str
) -> None:
    server.will(*answers)
    with pytest.raises(LabelingError) as caught:
        objects.head(REF)
    assert caught.value.reason == reason
    assert [asked.method for asked in server.asked] == ["HEAD", "GET"]
    assert server.asked[1].headers["range"] == "bytes=0-0"


@pytest.mark.parametrize("told", [Answer(206, body=b"x"), error(416, "InvalidRange"), error(403, "InvalidObjectState")])
def test_a_refusal_of_head_alone_is_believed(server: Server, objects: CosObjects, told: Answer) -> None:
    server.will(REFUSED, told)
    with pytest.raises(Misconfigured, match=r"HeadObject .* give the role cos:HeadObject"):
        objects.head(REF)


def test_an_object_that_went_meanwhile_is_missing(server: Server, objects: CosObjects) -> None:
    server.will(REFUSED, error(404, "NoSuchKey"))
    assert objects.head(REF) == Look(DATE, None)


def test_an_answer_that_is_no_refusal_is_not_asked_for_again(server: Server, objects: CosObjects) -> None:
    server.will(Answer(headers=HEADERS), error(404), error(500))
    assert objects.head(REF).head == HEAD
    assert objects.head(REF).head is None
    with pytest.raises(Unavailable):
        objects.head(REF)
    assert [asked.method for asked in server.asked] == ["HEAD"] * 3


@pytest.mark.parametrize("seconds", [-90, -1200, 1200])
def test_a_clock_that_is_off_is_told_by_the_date_of_a_refusal(
    server: Server, objects: CosObjects, seconds: float
) -> None:
    """A clock that is ahead by more than a minute makes a signature that is not valid yet."""
    date = time.time() + seconds
    server.will(Answer(403, date=date), Answer(403, date=date))
    with pytest.raises(Unavailable, match="this machine's clock is too far off the store's") as caught:
        objects.head(REF)
    assert caught.value.reason == "store_error"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("SignatureDoesNotMatch", "TENCENTCLOUD_SECRETKEY"),
        ("InvalidAccessKeyId", "no such key: check TENCENTCLOUD_SECRETID"),
    ],
)
def test_wrong_keys_are_named_by_their_variables_and_not_told_as_a_missing_permission(
    server: Server, code: str, said: str
) -> None:
    server.will(REFUSED, error(403, code))
    objects = CosObjects(buckets(server, credentials=TencentCredentials(TencentKeys("AKID", "secret"))))
    with pytest.raises(Misconfigured, match=said) as caught:
        objects.head(REF)
    objects.close()
    assert "give the role" not in str(caught.value)
