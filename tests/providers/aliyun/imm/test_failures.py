"""What the IMM SDK's failures mean, and that no secret is in what is said of them."""

from __future__ import annotations

import inspect
import json
import traceback
from collections.abc import Callable

import darabonba.exceptions
import pytest
import requests
from alibabacloud_tea_openapi import exceptions
from darabonba.request import DaraRequest
from Tea.exceptions import UnretryableException
from urllib3.exceptions import MaxRetryError, NewConnectionError

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Gone, LabelingError
from imagelabels.domain.model import ObjectHead, ObjectRef, Picture
from imagelabels.domain.outcomes import reason_of
from imagelabels.domain.taxonomy import load
from imagelabels.providers.aliyun.imm.client import Imm
from imagelabels.providers.aliyun.imm.detector import ImmDetector
from imagelabels.providers.aliyun.imm.failures import calling, meaning
from imagelabels.providers.aliyun.openapi_errors import SDK_ERRORS
from tests.providers.aliyun.scripted import SECRET, TOKEN, credentials
from tests.scripted import Answer, Server

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

CALL = Call("DetectImageLabels", "imm:DetectImageLabels", "oss://photos/a.jpg", "labels")
CLASSES = sorted(
    {
        found
        for module in (exceptions, darabonba.exceptions)
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, Exception) and found.__name__ != "ValidateException"
    },
    key=lambda found: f"{found.__module__}.{found.__name__}",
)


def example(cls: type[Exception]) -> Exception:
    """An error of that class, as the SDK makes it."""
    make: Callable[..., Exception] = cls
    if issubclass(cls, exceptions.AlibabaCloudException):
        return make(status_code=500, code="X", message="text", data={"Message": "text"})
    if cls.__name__ == "UnretryableException":
        inner = RuntimeError("text")
        unretryable: Exception = UnretryableException(DaraRequest(), inner)
        return unretryable
    if issubclass(cls, darabonba.exceptions.ResponseException):
        return make("X", "text")
    if cls.__name__ in ("RetryError", "RequiredArgumentException", "TeaRequiredArgumentException"):
        return make("text")
    return make({"code": "X", "message": "text"})


def test_the_walk_over_the_sdks_errors_finds_them() -> None:
    assert {exceptions.ClientException, exceptions.ThrottlingException, darabonba.exceptions.RetryError} <= set(CLASSES)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_no_error_of_the_sdk_is_without_a_meaning(cls: type[Exception]) -> None:
    error = example(cls)
    assert isinstance(error, SDK_ERRORS)
    assert reason_of(meaning(error).reason)
    with pytest.raises(LabelingError, match=CALL.uri), calling(CALL):
        raise error


def test_an_error_that_is_not_the_sdks_passes_as_it_is() -> None:
    with pytest.raises(KeyError), calling(CALL):
        raise KeyError("ours")


def lost(cause: Exception) -> UnretryableException:
    """As the SDK wraps what requests raises."""
    try:
        try:
            raise cause
        except OSError as error:
            raise darabonba.exceptions.RetryError(str(error))  # noqa: B904 - as the SDK does
    except darabonba.exceptions.RetryError as error:
        return UnretryableException(DaraRequest(), error)


REFUSED = requests.ConnectionError(MaxRetryError(None, "/", NewConnectionError(None, "refused")))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (REFUSED, "detector_error"),
        (requests.ConnectTimeout("x"), "timeout"),
        (requests.ReadTimeout("x"), "timeout"),
        (requests.ConnectionError("Read timed out."), "timeout"),
        (requests.ConnectionError("Connection aborted."), "detector_error"),
        (requests.exceptions.SSLError("x"), "detector_error"),
        (requests.exceptions.ChunkedEncodingError("x"), "detector_error"),
        (OSError("x"), "detector_error"),
    ],
)
def test_a_lost_connection_is_told_by_what_was_lost(cause: Exception, reason: str) -> None:
    assert meaning(lost(cause)).reason == reason


def test_a_refusal_names_the_operation_the_permission_the_code_and_the_request() -> None:
    error = exceptions.ClientException(
        status_code=403, code="NoPermission", data={"Message": "not for you"}, request_id="D18E94DF"
    )
    with pytest.raises(LabelingError) as caught, calling(CALL):
        raise error
    for part in ("DetectImageLabels", "imm:DetectImageLabels", "403", "NoPermission", "not for you", "D18E94DF"):
        assert part in str(caught.value)


def quoting(status: int, code: str) -> Answer:
    """The gateway's answer to a wrong signature quotes what was signed."""
    said = f"server string to sign is: POST x-acs-security-token:{TOKEN} x-acs-signature-nonce:0123abcdSIGNED"
    body = {"RequestId": "r", "Code": code, "Message": said, "AccessDeniedDetail": {"Sent": TOKEN}}
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(body).encode())


FAILURES = {
    "wrong signature": quoting(400, "SignatureDoesNotMatch"),
    "bad request": quoting(400, "InvalidArgument"),
    "forbidden": quoting(403, "NoPermission"),
    "broken connection": Answer(hang_up=True),
    "silence": Answer(silent=True),
    "redirect": Answer(302, {"Location": f"http://127.0.0.1:1/?token={TOKEN}"}),
    "not JSON": Answer(400, {}, b"<Error>" + TOKEN.encode()),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_no_token_signature_or_secret_of_imm_in_a_log_or_a_traceback(
    server: Server, log: list[str], failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEBUG", "sdk")
    server.will(FAILURES[failure])
    patience = 1.0 if failure == "silence" else 15.0
    detector = ImmDetector(Imm(server.endpoint, "photos", credentials()), 0.1, load(), within=patience)
    with pytest.raises((Gone, LabelingError)) as caught:
        detector.detect(Picture(ObjectRef("oss", "photos", "a.jpg"), ObjectHead("E", 1, None, 1, None), lambda *_: b""))
    detector.close()
    said = ["".join(traceback.format_exception(caught.value)), *log]
    error: BaseException | None = caught.value
    while error is not None:
        said += [str(error), repr(error), repr(error.args), repr(vars(error))]
        error = error.__cause__ or error.__context__
    signature = server.first().headers["authorization"].rpartition("Signature=")[2]
    assert log
    for text in said:
        for secret in (SECRET, TOKEN, "0123abcdSIGNED", signature):
            assert secret not in text
