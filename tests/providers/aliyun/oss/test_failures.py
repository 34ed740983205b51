"""What the SDK's failures mean, and that no secret is in what is said of them."""

from __future__ import annotations

import inspect
import logging
import time
import traceback
from collections.abc import Callable, Iterator
from email.utils import formatdate

import oss2
import pytest
import requests

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Gone, LabelingError, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import ObjectHead, ObjectRef, Picture
from imagelabels.domain.taxonomy import load
from imagelabels.providers.aliyun.oss.detector import OssDetector
from imagelabels.providers.aliyun.oss.failures import calling, meaning
from imagelabels.providers.aliyun.oss.objects import OssObjects
from imagelabels.providers.aliyun.oss.shrinker import OssShrinker
from tests.ports import free_port
from tests.providers.aliyun.scripted import SECRET, TOKEN, credentials, error
from tests.scripted import Answer, Server

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

REF = ObjectRef("oss", "examplebucket", "a\nb.jpg")
STORE = Call("HeadObject", "oss:GetObject", REF.uri)
TAGS = Call("PutObjectTagging", "oss:PutObjectTagging", REF.uri, "tags", signed_url=True)
LABELS = Call("GetObject image/labels", "oss:ProcessImm", REF.uri, "labels")
CLASSES = sorted(
    {found for _, found in inspect.getmembers(oss2.exceptions, inspect.isclass) if issubclass(found, Exception)},
    key=lambda found: found.__name__,
)


def example(cls: type[Exception]) -> Exception:
    """Make an error of that class with the arguments that the SDK gives to its constructor."""
    make: Callable[..., Exception] = cls
    special: dict[type[Exception], tuple[object, ...]] = {
        oss2.exceptions.RequestError: (requests.ConnectionError("refused"),),
        oss2.exceptions.SelectOperationFailed: (400, "Busy", "text"),
        oss2.exceptions.SelectOperationClientError: ("text", "request"),
        oss2.exceptions.OpenApiServerError: (500, "request", "text", "code"),
    }
    if cls in special:
        return make(*special[cls])
    if len(inspect.signature(cls).parameters) < 4:
        return make("text")
    status, code = getattr(cls, "status", 500), getattr(cls, "code", "")
    return make(status, {"x-oss-next-append-position": "1"}, "", {"Code": code})


def test_the_walk_over_the_sdks_errors_finds_them() -> None:
    assert oss2.exceptions.NoSuchKey in CLASSES
    assert len(CLASSES) > 40


@pytest.mark.parametrize("call", [STORE, TAGS, LABELS], ids=lambda call: call.asks)
@pytest.mark.parametrize("cls", [cls for cls in CLASSES if cls is not oss2.exceptions.OssError])
def test_no_error_of_the_sdk_is_without_a_meaning(cls: type[Exception], call: Call) -> None:
    if cls is not oss2.exceptions.SelectOperationFailed:
        assert meaning(example(cls), call) is not None
    with pytest.raises((Gone, LabelingError)), calling(call):
        raise example(cls)


def told(status: int, code: str = "", message: str = "", off: int | None = None, **details: str) -> Exception:
    """The SDK's error; its answer's date is `off` by so many seconds."""
    body = {"Code": code, "Message": message}
    error: Exception = oss2.exceptions.ServerError(
        status, {"x-oss-request-id": "5C1B", "off": off}, b"", body | details
    )
    return error


@pytest.mark.parametrize(
    ("failure", "kind", "reason"),
    [
        (told(403, "AccessDenied", "You have no right"), Misconfigured, "forbidden"),
        (told(403, "SignatureDoesNotMatch"), Misconfigured, "forbidden"),
        (told(403, "InvalidAccessKeyId", OSSAccessKeyId="LTAI5t"), Misconfigured, "forbidden"),
        (told(403, "InvalidAccessKeyId", OSSAccessKeyId="STS.NUeg"), Unavailable, "credentials_expired"),
        (told(403, "InDebt"), Misconfigured, "forbidden"),
        (told(403, "SecurityTokenExpired", "has expired"), Unavailable, "credentials_expired"),
        (told(403, "InvalidSecurityToken"), Unavailable, "credentials_expired"),
        (told(403, "RequestTimeTooSkewed"), Unavailable, "store_error"),
        (told(403), Misconfigured, "forbidden"),
        (told(403, "AccessDenied", off=-1000), Unavailable, "store_error"),
        (told(403, "AccessDenied", off=1000), Unavailable, "store_error"),
        (told(403, "AccessDenied", off=800), Misconfigured, "forbidden"),
        (told(400, "RequestTimeout", "Your socket connection timed out."), Unavailable, "timeout"),
        (told(400, "NeverHeardOf"), Unavailable, "store_error"),
        (told(400), Unavailable, "store_error"),
        (told(400, "InvalidObjectName"), Rejected, "unsignable_key"),
        (told(400, "InvalidTargetType"), Rejected, "symlink"),
        (told(400, "InvalidArgument", "Invalid signing region in Authorization header."), Misconfigured, "forbidden"),
        (told(409, "FileAlreadyExists"), Unavailable, "store_error"),
        (told(429), Unavailable, "throttled"),
        (told(503, "SlowDown"), Unavailable, "throttled"),
        (told(500, "InternalError"), Unavailable, "store_error"),
        (told(599), Unavailable, "store_error"),
        (told(418), Unavailable, "store_error"),
        (oss2.exceptions.RequestError(requests.ReadTimeout("slow")), Unavailable, "timeout"),
        (oss2.exceptions.RequestError(requests.ConnectTimeout("slow")), Unavailable, "timeout"),
        (oss2.exceptions.RequestError(requests.ConnectionError("refused")), Unavailable, "store_error"),
        (oss2.exceptions.RequestError(requests.TooManyRedirects("0")), Misconfigured, "forbidden"),
        (requests.exceptions.ChunkedEncodingError("cut"), Unavailable, "store_error"),
        (oss2.exceptions.ClientError("The bucket_name is invalid"), Misconfigured, "forbidden"),
        (RuntimeError("parse xml: Key could not be found"), Unavailable, "store_error"),
    ],
)
def test_a_failure_of_the_store_is_what_it_means(failure: Exception, kind: type[LabelingError], reason: str) -> None:
    if isinstance(failure, oss2.exceptions.ServerError) and (off := failure.headers.pop("off", None)) is not None:
        # The present moment, not that of the import.
        failure.headers["date"] = formatdate(time.time() + off, usegmt=True)
    with pytest.raises(kind) as caught, calling(STORE):
        raise failure
    assert caught.value.reason == reason
    assert caught.value.__cause__ is failure


def test_a_forbidden_call_names_the_operation_the_permission_and_the_request() -> None:
    with pytest.raises(Misconfigured) as caught, calling(STORE):
        raise told(403, "AccessDenied", "You have no right to access this object.")
    text = str(caught.value)
    for part in ("HeadObject", "oss:GetObject", "403", "AccessDenied", "request 5C1B", "You have no right"):
        assert part in text
    assert "\n" not in text


def test_a_bucket_of_another_region_is_told_by_the_setting_to_change() -> None:
    text = "The bucket you are attempting to access must be addressed using the specified endpoint."
    with pytest.raises(Misconfigured, match="IMAGELABELS_ENDPOINT_OSS"), calling(STORE):
        raise told(403, "AccessDenied", text)


def test_an_error_that_is_not_the_sdks_passes_as_it_is() -> None:
    ours = Unavailable("busy", "mine")
    for error_ in (ours, Gone("x"), KeyError("a bug"), KeyboardInterrupt()):
        with pytest.raises(type(error_)) as caught, calling(STORE):
            raise error_
        assert caught.value is error_


Do = Callable[[Server], object]


def with_objects(do: Callable[[OssObjects], object]) -> Do:
    def run(server: Server) -> None:
        objects = OssObjects(server.endpoint, "cn-hangzhou", credentials(), read=server.patience())
        try:
            do(objects)
        finally:
            objects.close()

    return run


def detect(server: Server) -> None:
    detector = OssDetector(server.endpoint, "cn-hangzhou", credentials(), 0.1, load(), read=server.patience())
    try:
        detector.detect(Picture(REF, ObjectHead("E", 9, None, 1), lambda start, length: b""))
    finally:
        detector.close()


def shrink(server: Server) -> None:
    shrinker = OssShrinker(server.endpoint, "cn-hangzhou", credentials(), read=server.patience())
    try:
        shrinker.shrunk(REF, ObjectHead("E", 9, None, 1), 1024)
    finally:
        shrinker.close()


CALLS: dict[str, Do] = {
    "head": with_objects(lambda objects: objects.head(REF)),
    "read": with_objects(lambda objects: objects.read(REF, ObjectHead("E", 9, None, 1), 0, 9)),
    "tags": with_objects(lambda objects: objects.tags(REF)),
    "put_tags": with_objects(lambda objects: objects.put_tags(REF, {"a": "b"}, time.time() + 5, time.time() + 9)),
    "list": with_objects(lambda objects: list(objects.list("examplebucket"))),
    "detect": detect,
    "shrink": shrink,
}


def quoting(asked: Server) -> Answer:
    """The store's answer to a wrong signature: it quotes the whole request, as it was signed."""
    canonical = f"PUT\nx-oss-security-token={TOKEN}\nx-oss-signature=0123abcdSIGNED"
    return error(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided.",
        StringToSign=canonical,
        CanonicalRequest=canonical,
        SignatureProvided="0123abcdSIGNED",
        OSSAccessKeyId="STS.keyid",
    )


FAILURES: dict[str, Callable[[Server], Answer]] = {
    "wrong signature": quoting,
    "forbidden": lambda server: error(403, "AccessDenied", "Request has expired."),
    "server error": lambda server: error(500, "InternalError"),
    "broken connection": lambda server: Answer(hang_up=True),
    "silence": lambda server: Answer(silent=True),
    "redirect": lambda server: Answer(302, {"Location": f"{server.endpoint}/?x-oss-signature=0123abcdSIGNED"}),
    # The length comes first, because a client reads no header behind the one of no sense, and would wait for an end.
    "header of no sense": lambda server: Answer(500, {"Content-Length": "0", "a header": "with a space"}),
    "not XML": lambda server: Answer(400, {}, b"<Error>" + TOKEN.encode()),
}


def chain(error_: BaseException | None) -> Iterator[BaseException]:
    """Every error that a logger could reach, also those that a traceback suppresses."""
    while error_ is not None:
        yield error_
        error_ = error_.__cause__ or error_.__context__


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("call", CALLS)
def test_no_token_signature_or_secret_in_a_log_or_a_traceback(
    server: Server, log: list[str], call: str, failure: str
) -> None:
    server.will(FAILURES[failure](server))
    with pytest.raises((Gone, LabelingError)) as caught:
        CALLS[call](server)
    said = ["".join(traceback.format_exception(caught.value)), *log]
    for error_ in chain(caught.value):
        said += [str(error_), repr(error_), repr(error_.args), repr(getattr(error_, "body", ""))]
        said.append(repr(getattr(error_, "details", "")))
    asked = server.first()
    in_header = asked.headers.get("authorization", "Signature=none").rpartition("Signature=")[2]
    signatures = [in_header, *asked.query.get("x-oss-signature", [])]
    for text in said:
        for secret in (SECRET, TOKEN, "0123abcdSIGNED", "x-oss-signature=", *signatures):
            assert secret not in text


def test_the_log_test_would_see_what_is_logged(server: Server, log: list[str]) -> None:
    server.will(error(404))
    CALLS["head"](server)
    logging.getLogger("anything").debug("a line")
    assert "a line" in log
    assert any("HEAD /examplebucket/" in line for line in log)


def test_the_error_of_a_signed_url_still_says_what_happened(server: Server) -> None:
    server.will(error(403, "AccessDenied", "You have no right to access this object."))
    with pytest.raises(Misconfigured) as caught:
        CALLS["put_tags"](server)
    text = str(caught.value)
    for part in ("PutObjectTagging", "oss:PutObjectTagging", "AccessDenied", "request 5C1B138A109F4B1A8F1E4C2D"):
        assert part in text
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_the_url_of_a_write_that_found_nobody_is_nowhere_in_its_error(log: list[str]) -> None:
    """What requests says of a refused connection holds the whole URL."""
    port = free_port()
    objects = OssObjects(f"http://127.0.0.1:{port}", "cn-hangzhou", credentials())
    with pytest.raises(Unavailable) as caught:
        objects.put_tags(REF, {"a": "b"}, time.time() + 5, time.time() + 9)
    objects.close()
    said = [repr(caught.value), *log]
    for error_ in chain(caught.value):
        said += [str(error_), repr(error_), repr(error_.args), repr(vars(error_))]
    for text in said:
        assert TOKEN not in text
        assert "x-oss-signature=" not in text
