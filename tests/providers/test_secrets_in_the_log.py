"""No line of the log holds a key, a token, a signature or a signed address, whatever goes wrong at a vendor.

This walks through the tables of failures of every provider. Each failure comes with words that repeat the request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import product

import oss2
import pytest
import requests
import tablestore
from alibabacloud_tea_openapi import exceptions as tea
from qcloud_cos import cos_exception

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Gone, LabelingError, Unavailable
from imagelabels.domain.model import Delivered, ObjectChange, ObjectRef, Outcome, Spent
from imagelabels.providers.aliyun.imm import failures as imm
from imagelabels.providers.aliyun.oss import failures as oss
from imagelabels.providers.aliyun.tablestore import failures as ots
from imagelabels.providers.tencent.cos import failures as cos
from imagelabels.respond import respond
from tests.logged import captured

SECRETS = ("SECRETsecretSECRET", "TOKENtokenTOKEN", "0123abcdSIGNED")
SECRET, TOKEN, SIGNATURE = SECRETS
REF = ObjectRef("oss", "photos", "a.jpg")
ECHOES = (
    f"https://photos.oss-cn-hangzhou.aliyuncs.com/a.jpg?x-oss-signature={SIGNATURE}&x-oss-security-token={TOKEN}",
    f"GET https://photos/a.jpg?OSSAccessKeyId=STS.id&Expires=1&Signature={SIGNATURE}&security-token={TOKEN}",
    f"q-sign-algorithm=sha1&q-ak=AKID&q-signature={SIGNATURE}&x-cos-security-token={TOKEN}",
    f"Authorization: OSS4-HMAC-SHA256 Credential=STS.id, Signature={SIGNATURE}",
    f"Authorization: q-sign-algorithm=sha1&q-signature={SIGNATURE}",
    f"x-ots-ststoken: {TOKEN} x-ots-signature:{SIGNATURE}",
    f"redirect=https%3A%2F%2Fphotos%2Fa.jpg%3Fx-oss-signature%3D{SIGNATURE}%26x-oss-security-token%3D{TOKEN}",
    f"next=https%253A%252F%252Fphotos%252Fa.jpg%253FSignature%253D{SIGNATURE}",
    f'{{"accessKeySecret": "{SECRET}", "securityToken" : "{TOKEN}"}}',
    f"secretKey={SECRET}",
    f"<SecurityToken>{TOKEN}</SecurityToken><SignatureProvided>{SIGNATURE}</SignatureProvided>",
)
CONNECTIONS = (requests.ConnectionError, requests.ReadTimeout, requests.TooManyRedirects)
STATUSES = (301, 400, 403, 404, 409, 429, 451, 500, 503)

Failing = tuple[Exception, AbstractContextManager[None]]
"""An error of an SDK, and what encloses the call that ends in it."""


def calls(prefix: str, *asks: str, **options: bool) -> list[Call]:
    return [Call("Operation", f"{prefix}:Permission", REF.uri, ask, **options) for ask in asks]  # type: ignore[arg-type]


def oss_failures(echo: str) -> Iterator[Failing]:
    codes = ["", "Unheard", *oss._CODES, *oss._REQUEST_CODES, *oss._TAG_CODES, "Imm Client"]
    for call, status, code in product(calls("oss", "store", "tags", "labels", "copy"), STATUSES, codes):
        body = {"Code": code, "Message": echo, "StringToSign": echo, "RequestId": "5C1B"}
        yield oss2.exceptions.ServerError(status, {}, echo.encode(), body), oss.calling(call)
    for call, cls in product(calls("oss", "tags", "labels", signed_url=True), CONNECTIONS):
        yield oss2.exceptions.RequestError(cls(echo)), oss.calling(call)


def cos_failures(echo: str) -> Iterator[Failing]:
    codes = ["Unheard", *cos._CODES, *cos._REQUEST_CODES, *cos._TAG_CODES, *cos._DETECTOR_CODES]
    for call, status, code in product(calls("cos", "store", "tags", "labels"), STATUSES, codes):
        told = {"code": code, "message": echo, "requestid": "NWMx"}
        yield cos_exception.CosServiceError("GET", told, status), cos.calling(call)
    for call in calls("cos", "labels", signed_url=True):
        yield cos_exception.CosClientError(echo), cos.calling(call)


def imm_failures(echo: str) -> Iterator[Failing]:
    for call, status, code in product(calls("imm", "labels"), STATUSES, ["Unheard", *imm._CODES]):
        told = {"status_code": status, "code": code, "message": echo, "data": {"Message": echo}, "request_id": "5C1B"}
        yield tea.ClientException(**told), imm.calling(call)


def ots_failures(echo: str) -> Iterator[Failing]:
    for call, status, code in product(calls("ots", "store"), STATUSES, ["Unheard", *ots._CODES]):
        yield tablestore.OTSServiceError(status, code, echo, "5C1B"), calling_ots(call)
        yield tablestore.OTSClientError(echo, status), calling_ots(call)


@contextmanager
def calling_ots(call: Call) -> Iterator[None]:
    """Raise our error as the client of the index does."""
    try:
        yield
    except ots.SDK_ERRORS as error:
        ours = ots.raised(ots.meaning(error) or ots.FAILED, call, error)
        ots.strip(error)
        raise ours from error


PROVIDERS = {"oss": oss_failures, "cos": cos_failures, "imm": imm_failures, "tablestore": ots_failures}


def lines_of(failure: LabelingError) -> list[str]:
    """Log the failure both as what ends an event and as what a row records, and return the lines and the answer."""
    change = ObjectChange(REF, "created", "event-1")
    spent = Spent("imm", None, 1.0, {}, {}, 1, failure)
    recorded = Outcome(failure.reason.state, failure.reason)
    with captured() as lines:
        answers = [str(respond("r", [Delivered(change, recorded, None, spent)], []))]
        with pytest.raises(LabelingError):
            respond("r", [Delivered(change, None, failure, spent)], [])
    return lines + answers


@pytest.mark.parametrize("echo", ECHOES, ids=range(len(ECHOES)))
@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_line_repeats_what_a_vendor_repeats_of_a_request(provider: str, echo: str) -> None:
    seen: set[str] = set()
    for error, calling in PROVIDERS[provider](echo):
        try:
            with calling:
                raise error
        except Gone:
            continue  # It never leaves the use case, and asks for another look.
        except LabelingError as failure:
            seen.add(failure.reason)
            leaked = [line for line in lines_of(failure) for secret in SECRETS if secret in line]
            assert not leaked, leaked[0]
    assert len(seen) > 2


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_walk_comes_past_words_that_are_quoted(provider: str) -> None:
    quoted = 0
    for error, calling in PROVIDERS[provider]("plain words"):
        with suppress(Gone):
            with pytest.raises(LabelingError) as caught, calling:
                raise error
            quoted += '"plain words"' in lines_of(caught.value)[0].replace("\\", "")
    assert quoted > 20


def test_the_walk_would_find_a_secret() -> None:
    lines = lines_of(Unavailable("timeout", ECHOES[0]))
    assert all(SIGNATURE in line for line in lines[:2])
