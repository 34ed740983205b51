"""What the SDK's failures mean, and that no secret is in what is said of them."""

from __future__ import annotations

import inspect
import time
import traceback
from collections.abc import Callable, Iterator
from email.utils import formatdate

import pytest
import requests
from qcloud_cos import cos_exception

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Gone, LabelingError, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import ObjectHead, Picture
from imagelabels.domain.taxonomy import load
from imagelabels.providers.tencent.ci.detector import CiDetector
from imagelabels.providers.tencent.ci.traits import MOST_BYTES
from imagelabels.providers.tencent.cos.failures import calling
from imagelabels.providers.tencent.cos.objects import CosObjects
from tests.ports import free_port
from tests.providers.tencent.scripted import BUCKET, HEAD, REF, SECRET, TOKEN, buckets, credentials, error
from tests.scripted import Answer, Server

STORE = Call("HeadObject", "cos:HeadObject", REF.uri)
TAGS = Call("PutObjectTagging", "cos:PutObjectTagging", REF.uri, "tags", fenced=True)
LABELS = Call("GetObject detect-label", "ci:CreateDetectLabelJob", REF.uri, "labels", signed_url=True)
CLASSES = sorted(
    {found for _, found in inspect.getmembers(cos_exception, inspect.isclass) if issubclass(found, Exception)},
    key=lambda found: found.__name__,
)


def example(cls: type[Exception]) -> Exception:
    """An error of that class, as the SDK makes it."""
    return cls("GET", "<Error/>", 500) if cls is cos_exception.CosServiceError else cls("text")


def test_the_walk_over_the_sdks_errors_finds_them() -> None:
    assert {found.__name__ for found in CLASSES} >= {"CosException", "CosClientError", "CosServiceError"}


@pytest.mark.parametrize("call", [STORE, TAGS, LABELS], ids=lambda call: call.asks)
@pytest.mark.parametrize("cls", CLASSES)
def test_no_error_of_the_sdk_is_without_a_meaning(cls: type[Exception], call: Call) -> None:
    with pytest.raises(LabelingError), calling(call):
        raise example(cls)


def told(status: int, code: str = "", message: str = "", **more: str) -> Exception:
    details = {"code": code, "message": message, "requestid": "NWMx", **more}
    error: Exception = cos_exception.CosServiceError("GET", details, status)
    return error


def date_now(failure: Exception) -> None:
    """Date an answer by the present moment and what it is `off` by, in seconds."""
    if isinstance(failure, cos_exception.CosServiceError) and "off" in (said := failure.get_digest_msg()):
        said["date"] = formatdate(time.time() + int(said.pop("off")), usegmt=True)


def wrapped(inner: Exception) -> Exception:
    """As the SDK tells what requests raised: while handling it."""
    try:
        try:
            raise inner
        except Exception as error_:
            raise cos_exception.CosClientError(str(error_))  # noqa: B904
    except Exception as outer:
        return outer


@pytest.mark.parametrize(
    ("failure", "kind", "reason"),
    [
        (told(403, "AccessDenied", "Access Denied."), Misconfigured, "forbidden"),
        (told(403, "SignatureDoesNotMatch"), Misconfigured, "forbidden"),
        (told(403, "ExpiredToken"), Unavailable, "credentials_expired"),
        (told(400, "InvalidToken"), Unavailable, "credentials_expired"),
        (told(403, "InvalidAccessKeyId"), Misconfigured, "forbidden"),
        (told(403, "InvalidAccessKeyId", temporary="yes"), Unavailable, "credentials_expired"),
        (told(400, "RequestTimeout"), Unavailable, "timeout"),
        (told(400, "NeverHeardOf"), Unavailable, "store_error"),
        (told(400), Unavailable, "store_error"),
        (told(403, "AccessDenied", off="-90"), Unavailable, "store_error"),
        (told(403, "AccessDenied", off="-30"), Misconfigured, "forbidden"),
        (told(403, "AccessDenied", off="+800"), Misconfigured, "forbidden"),
        (told(403, "AccessDenied", off="+1000"), Unavailable, "store_error"),
        (told(403, "RequestTimeTooSkewed"), Unavailable, "store_error"),
        (told(403, "AccessDenied", "Request has expired"), Unavailable, "store_error"),
        (told(403, "InvalidObjectState"), Rejected, "archived"),
        (told(400, "KeyTooLong"), Rejected, "unsignable_key"),
        (told(400, "InvalidArgument"), Misconfigured, "forbidden"),
        (told(301, "PermanentRedirect"), Misconfigured, "forbidden"),
        (told(409, "PathConflict"), Unavailable, "store_error"),
        (told(429), Unavailable, "throttled"),
        (told(451), Rejected, "detector_refused"),
        (told(503, "SlowDown"), Unavailable, "throttled"),
        (told(599), Unavailable, "store_error"),
        (told(418), Unavailable, "store_error"),
        (wrapped(requests.ReadTimeout("slow")), Unavailable, "timeout"),
        (wrapped(requests.ConnectionError("refused")), Unavailable, "store_error"),
        (wrapped(requests.ConnectionError("Read timed out.")), Unavailable, "timeout"),
        (requests.exceptions.ChunkedEncodingError("cut"), Unavailable, "store_error"),
        (cos_exception.CosClientError("bucket format is illegal"), Misconfigured, "forbidden"),
        (ValueError("no date"), Unavailable, "store_error"),
    ],
)
def test_a_failure_of_the_store_is_what_it_means(failure: Exception, kind: type[LabelingError], reason: str) -> None:
    date_now(failure)
    with pytest.raises(kind) as caught, calling(STORE):
        raise failure
    assert caught.value.reason == reason
    assert caught.value.__cause__ is failure


@pytest.mark.parametrize("code", ["InvalidTag", "MalformedXML", "BadRequest"])
def test_tags_that_the_store_refuses_are_refused(code: str) -> None:
    with pytest.raises(Rejected) as caught, calling(TAGS):
        raise told(400, code)
    assert caught.value.reason == "tags_refused"


def test_a_forbidden_call_names_the_operation_the_permission_and_the_request() -> None:
    with pytest.raises(Misconfigured) as caught, calling(STORE):
        raise told(403, "AccessDenied", "Access Denied.")
    for part in ("HeadObject", "cos:HeadObject", "403", "AccessDenied", "request NWMx", "Access Denied."):
        assert part in str(caught.value)


@pytest.mark.parametrize("missing", ["Resource", "Message", "RequestId", "Code"])
def test_an_error_that_misses_a_field_still_tells_the_others(server: Server, missing: str) -> None:
    """The SDK alone would call every one of these Unknown."""
    fields = {"Code": "ExpiredToken", "Message": "the token", "Resource": "x", "RequestId": "NWMx"}
    text = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items() if name != missing)
    server.will(Answer(403, {"x-cos-request-id": "HEADER"}, f"<Error>{text}</Error>".encode(), date=time.time()))
    with pytest.raises((Unavailable, Misconfigured)) as caught:
        CALLS["tags"](server)
    assert caught.value.reason == ("forbidden" if missing == "Code" else "credentials_expired")
    assert ("HEADER" if missing == "RequestId" else "NWMx") in str(caught.value)


def test_an_error_that_is_nested_deeply_still_tells_its_status(server: Server) -> None:
    server.will(Answer(403, {"x-cos-request-id": "HEADER"}, b'{"a":' * 100_000, date=time.time()))
    with pytest.raises(Misconfigured) as caught:
        CALLS["tags"](server)
    assert "HEADER" in str(caught.value)


def test_an_error_that_is_not_the_sdks_passes_as_it_is() -> None:
    for error_ in (Unavailable("busy", "mine"), Gone("x"), KeyError("a bug"), KeyboardInterrupt()):
        with pytest.raises(type(error_)) as caught, calling(STORE):
            raise error_
        assert caught.value is error_


Do = Callable[[Server], object]


def with_objects(do: Callable[[CosObjects], object]) -> Do:
    def run(server: Server) -> None:
        objects = CosObjects(buckets(server, read=server.patience()))
        try:
            do(objects)
        finally:
            objects.close()

    return run


def detect(size: int) -> Do:
    def run(server: Server) -> None:
        detector = CiDetector(buckets(server, read=server.patience()), ("web",), 0.1, load())
        try:
            detector.detect(Picture(REF, ObjectHead("E", size, None, 1), lambda start, length: b""))
        finally:
            detector.close()

    return run


CALLS: dict[str, Do] = {
    "head": with_objects(lambda objects: objects.head(REF)),
    "read": with_objects(lambda objects: objects.read(REF, HEAD, 0, 9)),
    "tags": with_objects(lambda objects: objects.tags(REF)),
    "put_tags": with_objects(lambda objects: objects.put_tags(REF, {"a": "b"}, time.time() + 5, time.time() + 9)),
    "list": with_objects(lambda objects: list(objects.list(BUCKET))),
    "detect": detect(9),
    "detect a thumbnail": detect(MOST_BYTES + 1),
}


def quoting(server: Server) -> Answer:
    """An answer to a wrong signature that quotes the request as it was signed."""
    signed = f"put\nx-cos-security-token={TOKEN}&q-signature=0123abcdSIGNED"
    return error(403, "SignatureDoesNotMatch", "The Signature you specified is invalid.", FormatString=signed)


FAILURES: dict[str, Callable[[Server], Answer]] = {
    "wrong signature": quoting,
    "forbidden": lambda server: error(403, "AccessDenied", "Request has expired"),
    "server error": lambda server: error(500, "InternalError"),
    "broken connection": lambda server: Answer(hang_up=True),
    "silence": lambda server: Answer(silent=True),
    "redirect": lambda server: Answer(302, {"Location": f"{server.endpoint}/?q-signature=0123abcdSIGNED"}),
    "not XML": lambda server: Answer(400, {}, b"<Error>" + TOKEN.encode()),
    "empty": lambda server: Answer(400, {"x-cos-request-id": "NWMx"}),
}


def said_of(error_: BaseException | None) -> Iterator[str]:
    """All that a logger could reach, also of errors that a traceback suppresses."""
    yield "".join(traceback.format_exception(error_)) if error_ else ""
    while error_ is not None:
        yield from (str(error_), repr(error_), repr(error_.args), repr(vars(error_)))
        error_ = error_.__cause__ or error_.__context__


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("call", CALLS)
def test_no_token_signature_or_secret_in_a_log_or_a_traceback(
    server: Server, log: list[str], call: str, failure: str
) -> None:
    server.will(FAILURES[failure](server))
    with pytest.raises((Gone, LabelingError)) as caught:
        CALLS[call](server)
    signature = server.first().headers["authorization"].rpartition("q-signature=")[2]
    for text in (*said_of(caught.value), *log):
        for secret in (SECRET, TOKEN, "0123abcdSIGNED", "q-signature", signature):
            assert secret not in text


def test_the_log_test_would_see_what_is_logged(server: Server, log: list[str]) -> None:
    server.will(Answer(404))
    CALLS["head"](server)
    assert any("HEAD /" in line for line in log)


def test_the_url_shown_to_a_detector_that_is_not_there_is_nowhere_in_its_error(log: list[str]) -> None:
    """What requests says of a refused connection holds the whole URL, and the SDK quotes it."""
    nobody = Server(free_port())
    with pytest.raises(Unavailable) as caught:
        CALLS["detect a thumbnail"](nobody)
    assert caught.value.__suppress_context__
    for text in (*said_of(caught.value), *log):
        assert TOKEN not in text
        assert "q-signature" not in text
        assert credentials().keys.id not in text
