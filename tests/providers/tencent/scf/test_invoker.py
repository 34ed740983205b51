"""What the SCF SDK sends, what its failures and results mean, and that no secret is in what is said of them."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from tencentcloud.common import exception
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.scf.v20180416 import errorcodes

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import LabelingError, Misconfigured, Rejected, Unavailable
from imagelabels.domain.outcomes import reason_of
from imagelabels.providers.kit.proxies import Proxies
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from imagelabels.providers.tencent.scf.failures import calling, meaning
from imagelabels.providers.tencent.scf.invoker import ScfInvoker
from tests.providers.refused import everything_said
from tests.providers.tencent.scripted import SECRET, TOKEN, credentials
from tests.scripted import Answer, Server

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")

CALL = Call("Invoke", "scf:Invoke", "label")
CODES = sorted(value for name, value in vars(errorcodes).items() if name.isupper())


@pytest.fixture
def invoker(server: Server) -> Iterator[ScfInvoker]:
    opened = ScfInvoker(server.endpoint, "ap-guangzhou", credentials(), read=15.0)
    yield opened
    opened.close()


def answered(**response: Any) -> Answer:
    body = json.dumps({"Response": {"RequestId": "eac6b301", **response}}).encode()
    return Answer(200, {"Content-Type": "application/json"}, body)


def result(**fields: Any) -> Answer:
    plain = {"FunctionRequestId": "6add56fa", "InvokeResult": 0, "RetMsg": "", "ErrMsg": "", "Log": ""}
    return answered(Result={**plain, **fields})


def refusal(code: str, message: str = "") -> Answer:
    return answered(Error={"Code": code, "Message": message})


def test_the_sdk_has_one_error() -> None:
    own = {cls for _, cls in inspect.getmembers(exception, inspect.isclass) if issubclass(cls, Exception)}
    assert own == {TencentCloudSDKException}


@pytest.mark.parametrize("code", [*CODES, "ClientError", "ClientParamsError", "ServerNetworkError", "", None])
def test_no_code_of_the_sdk_is_without_a_meaning(code: str | None) -> None:
    assert reason_of(meaning(TencentCloudSDKException(code, "text")).reason)
    with pytest.raises(LabelingError, match="'label'"), calling(CALL):
        raise TencentCloudSDKException(code, "text")


def test_the_function_is_invoked_by_the_vendors_operation(server: Server, invoker: ScfInvoker) -> None:
    server.will(result(RetMsg='{"records": []}'), result())
    reply = invoker.invoke("label", '{"Records": ["狗"]}'.encode())
    assert (reply.request_id, reply.body, reply.failure) == ("6add56fa", b'{"records": []}', None)
    assert invoker.enqueue("label", b"{}") == "6add56fa"
    now, later = server.asked
    assert (now.method, now.path, now.headers["x-tc-action"]) == ("POST", "/", "Invoke")
    assert now.headers["x-tc-region"] == "ap-guangzhou"
    assert now.headers["x-tc-token"] == TOKEN
    assert json.loads(now.body) == {
        "FunctionName": "label",
        "InvocationType": "RequestResponse",
        "ClientContext": '{"Records": ["狗"]}',
    }
    assert json.loads(later.body)["InvocationType"] == "Event"


TRACE = 'Traceback (most recent call last):\n  File "/var/user/index.py", line 3\n    raise KeyError'


@pytest.mark.parametrize(
    ("fields", "failure"),
    [
        ({"ErrMsg": f"{TRACE}\nKeyError: 'dog'"}, "KeyError: 'dog'"),
        ({"ErrMsg": f"{TRACE}\nimagelabels.domain.errors.Unavailable: two\nlines"}, "two\nlines"),
        ({"ErrMsg": f"{TRACE}\nKeyboardInterrupt\n"}, "KeyboardInterrupt"),
        ({"ErrMsg": TRACE.partition("\n")[0]}, "function failed: Traceback (most recent call last):"),
        ({"ErrMsg": f"{TRACE}\n?"}, "function failed: Traceback"),
        ({"ErrMsg": "Invoking task timed out after 3 seconds"}, "function failed: Invoking task timed out"),
        (
            {"RetMsg": json.dumps({"errorMessage": "timed out", "statusCode": 433}), "ErrMsg": "timed out"},
            "status 433: timed out",
        ),
        (
            {
                "ErrMsg": json.dumps(
                    {"errorMessage": "user code exception caught", "stackTrace": f"{TRACE}\nOSError: x"}
                )
            },
            "OSError: x",
        ),
        ({"RetMsg": "what", "InvokeResult": 1}, "function failed: what"),
        ({"InvokeResult": -1}, "function failed"),
        ({"ErrMsg": "[" * 100_000}, "function failed: [["),
        ({"ErrMsg": json.dumps({"errorMessage": None, "statusCode": "430"})}, "function failed: {"),
    ],
)
def test_a_failure_inside_the_function_is_told_by_the_exception(
    server: Server, invoker: ScfInvoker, fields: dict[str, Any], failure: str
) -> None:
    server.will(result(**{"InvokeResult": 1, **fields}))
    reply = invoker.invoke("label", b"{}")
    assert failure in str(reply.failure)
    assert reply.request_id == "6add56fa"


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (401, Misconfigured, "forbidden"),
        (406, Rejected, "too_large"),
        (410, Misconfigured, "forbidden"),
        (429, Unavailable, "throttled"),
        (432, Unavailable, "throttled"),
        (500, Unavailable, "store_error"),
    ],
)
@pytest.mark.parametrize("field", ["RetMsg", "ErrMsg"])
def test_a_failure_of_the_platform_is_not_the_functions_although_it_is_reported_alike(
    server: Server, invoker: ScfInvoker, status: int, kind: type[LabelingError], reason: str, field: str
) -> None:
    error = json.dumps({"errorCode": -1, "errorMessage": "as the platform says", "statusCode": status})
    server.will(result(**{"InvokeResult": 1, "ErrMsg": "x", field: error}))
    with pytest.raises(kind, match=f"Invoke 'label': .*{status}, request 6add56fa") as caught:
        invoker.invoke("label", b"{}")
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        ("ResourceNotFound.FunctionName", Misconfigured, "forbidden"),
        ("ResourceNotFound.Function", Misconfigured, "forbidden"),
        ("UnauthorizedOperation.CAM", Misconfigured, "forbidden"),
        ("UnauthorizedOperation", Misconfigured, "forbidden"),
        ("AuthFailure.UnauthorizedOperation", Misconfigured, "forbidden"),
        ("AuthFailure.SignatureFailure", Misconfigured, "forbidden"),
        ("AuthFailure.SecretIdNotFound", Unavailable, "credentials_expired"),
        ("AuthFailure.TokenFailure", Unavailable, "credentials_expired"),
        ("AuthFailure.SignatureExpire", Unavailable, "store_error"),
        ("RequestLimitExceeded", Unavailable, "throttled"),
        ("RequestLimitExceeded.UinLimitExceeded", Unavailable, "throttled"),
        ("InvalidParameter.RequestTooLarge", Rejected, "too_large"),
        ("RequestSizeLimitExceeded", Rejected, "too_large"),
        ("InvalidParameter.Payload", Misconfigured, "forbidden"),
        ("InvalidParameterValue.FunctionName", Misconfigured, "forbidden"),
        ("UnsupportedRegion", Misconfigured, "forbidden"),
        ("ResourceUnavailable.InsufficientBalance", Misconfigured, "forbidden"),
        ("InternalError.System", Unavailable, "store_error"),
        ("FailedOperation.InvokeFunction", Unavailable, "store_error"),
        ("Teapot", Unavailable, "store_error"),
    ],
)
def test_a_refusal_means_what_the_vendors_page_says_and_is_not_sent_again(
    server: Server, invoker: ScfInvoker, code: str, kind: type[LabelingError], reason: str
) -> None:
    server.will(refusal(code, "as the service says"))
    with pytest.raises(kind) as caught:
        invoker.invoke("label", b"{}")
    assert caught.value.reason == reason
    for part in ("Invoke 'label'", code, "as the service says", "eac6b301"):
        assert part in str(caught.value)
    assert len(server.asked) == 1


def test_a_key_that_is_not_temporary_and_unknown_is_a_wrong_key(server: Server) -> None:
    invoker = ScfInvoker(server.endpoint, "ap-guangzhou", TencentCredentials(TencentKeys("AKID", SECRET)))
    server.will(refusal("AuthFailure.SecretIdNotFound"))
    with pytest.raises(Misconfigured, match="TENCENTCLOUD_SECRETID"):
        invoker.invoke("label", b"{}")
    invoker.close()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(hang_up=True), "connection to the platform failed"),
        (Answer(502, {}, b"<html>"), "the platform failed"),
        (Answer(302, {"Location": "http://127.0.0.1:1/"}), "the platform failed"),
        (Answer(200, {"Content-Type": "application/json"}, b"{", cut=5), "cut short or cannot be read"),
        (Answer(200, {"Content-Type": "application/json"}, b"<html>"), "cut short or cannot be read"),
        (Answer(200, {"Content-Type": "application/json"}, b"{}"), "cut short or cannot be read"),
        (Answer(200, {"Content-Type": "application/json"}, b"[" * 100_000), "cut short or cannot be read"),
        (answered(), "cut short or cannot be read"),
    ],
)
def test_an_answer_that_is_none_is_to_be_tried_again_and_nothing_is_sent_a_second_time_or_elsewhere(
    server: Server, invoker: ScfInvoker, answer: Answer, words: str
) -> None:
    server.will(answer)
    with pytest.raises(Unavailable, match=words):
        invoker.invoke("label", b"{}")
    assert len(server.asked) == 1


def test_an_answer_that_never_comes_says_that_the_function_may_be_running(server: Server) -> None:
    server.will(Answer(silent=True))
    invoker = ScfInvoker(server.endpoint, "ap-guangzhou", credentials(), read=0.05)
    with pytest.raises(Unavailable, match="the function may be running all the same") as caught:
        invoker.invoke("label", b"{}")
    assert caught.value.reason == "timeout"
    invoker.close()


def test_nobody_listens_and_it_is_said_what_to_do() -> None:
    nobody = ScfInvoker("http://127.0.0.1:9", "ap-guangzhou", credentials())
    with pytest.raises(Unavailable, match=r"cannot reach 127\.0\.0\.1:9 .*start the emulator"):
        nobody.invoke("label", b"{}")
    nobody.close()


def test_a_proxy_that_cannot_be_read_is_named_and_not_quoted() -> None:
    proxies = Proxies({"http": "socks5://me:word@proxy"})
    invoker = ScfInvoker("http://192.0.2.1:9", "ap-guangzhou", credentials(), proxies=proxies)
    with pytest.raises(Misconfigured, match="HTTP_PROXY must name an HTTP proxy") as caught:
        invoker.invoke("label", b"{}")
    assert "me:word" not in str(caught.value)
    invoker.close()


def test_proxies_and_keys_of_the_environment_that_we_did_not_read_are_not_used(
    server: Server, invoker: ScfInvoker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.will(result())
    invoker.invoke("label", b"{}")
    assert server.first().headers["authorization"].startswith("TC3-HMAC-SHA256 Credential=AKIDkeyid/")


def test_a_region_is_needed() -> None:
    with pytest.raises(Misconfigured, match="TENCENTCLOUD_REGION is not set"):
        ScfInvoker("", "", credentials())


@pytest.mark.parametrize("name", ["", "a b", "a/b", "1a", "a-", "狗", "a" * 61])
def test_a_name_that_no_function_has_is_refused_before_it_is_sent(invoker: ScfInvoker, name: str) -> None:
    with pytest.raises(Misconfigured, match="write NAME"):
        invoker.invoke(name, b"{}")


FAILURES = {
    "wrong signature": refusal("AuthFailure.SignatureFailure", f"signed: x-tc-token:{TOKEN}"),
    "internal error": refusal("InternalError", f"X-TC-Token: {TOKEN}"),
    "a result": result(ErrMsg=json.dumps({"errorMessage": f"token={TOKEN}", "statusCode": 429})),
    "broken connection": Answer(hang_up=True),
    "silence": Answer(silent=True),
    "cut off": Answer(200, {}, b"{", cut=5),
    "redirect": Answer(302, {"Location": f"http://127.0.0.1:1/?token={TOKEN}"}, TOKEN.encode()),
    "not JSON": Answer(200, {"Content-Type": "application/json"}, b"<Error>" + TOKEN.encode()),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_no_token_signature_or_secret_is_in_a_log_or_a_traceback(server: Server, log: list[str], failure: str) -> None:
    server.will(FAILURES[failure])
    read = 1.0 if failure == "silence" else 15.0
    invoker = ScfInvoker(server.endpoint, "ap-guangzhou", credentials(), read=read)
    with pytest.raises(LabelingError) as caught:
        invoker.invoke("label", b"{}")
    invoker.close()
    signature = server.first().headers["authorization"].rpartition("Signature=")[2]
    for text in everything_said(caught.value, log):
        for secret in (SECRET, TOKEN, signature):
            assert secret not in text


def test_every_error_of_requests_has_a_meaning() -> None:
    for _, cls in inspect.getmembers(requests.exceptions, inspect.isclass):
        if issubclass(cls, requests.RequestException):
            error = TencentCloudSDKException("ClientNetworkError", "text")
            error.__context__ = cls.__new__(cls)
            assert meaning(error).error is Unavailable
