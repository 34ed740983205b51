"""What the SDK for Function Compute 2.0 sends, what its failures mean, and that nothing tells a secret."""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import fc2
import pytest
import requests
from fc2 import fc_exceptions

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable
from imagelabels.domain.outcomes import reason_of
from imagelabels.providers.aliyun.fc2.failures import calling, meaning
from imagelabels.providers.aliyun.fc2.invoker import Fc2Invoker
from tests.providers.aliyun.fc_refusals import REFUSALS
from tests.providers.aliyun.scripted import SECRET, TOKEN, credentials
from tests.providers.refused import everything_said
from tests.scripted import Answer, Server

CALL = Call("InvokeFunction", "fc:InvokeFunction", "pictures/label")
ID = {"X-Fc-Request-Id": "1-64e7"}


@pytest.fixture
def invoker(server: Server) -> Iterator[Fc2Invoker]:
    opened = Fc2Invoker(server.endpoint, credentials(), read=15.0)
    yield opened
    opened.close()


def classes() -> list[type[Exception]]:
    modules = (fc_exceptions, requests.exceptions)
    found = {cls for module in modules for _, cls in inspect.getmembers(module, inspect.isclass)}
    return sorted(
        (cls for cls in found if issubclass(cls, (fc_exceptions.FcError, requests.RequestException))),
        key=lambda cls: cls.__name__,
    )


@pytest.mark.parametrize("cls", [*classes(), ValueError])
def test_no_error_of_the_sdk_and_of_what_it_lets_through_is_without_a_meaning(cls: type[Exception]) -> None:
    error = cls("text", 500) if cls is fc_exceptions.FcError else cls.__new__(cls)
    assert reason_of(meaning(error).reason)
    with pytest.raises(LabelingError, match="'pictures/label'"), calling(CALL):
        raise error


def test_the_sdk_has_one_error() -> None:
    own = [cls for _, cls in inspect.getmembers(fc_exceptions, inspect.isclass) if issubclass(cls, Exception)]
    assert own == [fc_exceptions.FcError]


def test_the_function_is_invoked_in_its_service_by_the_path_of_the_sdk(server: Server, invoker: Fc2Invoker) -> None:
    server.will(Answer(200, ID, b'{"records": []}'), Answer(202, ID))
    reply = invoker.invoke("pictures/label", b'{"events": []}')
    assert (reply.request_id, reply.body, reply.failure) == ("1-64e7", b'{"records": []}', None)
    assert invoker.enqueue("pictures/label", b"{}") == "1-64e7"
    now, later = server.asked
    assert (now.method, now.path) == ("POST", "/2016-08-15/services/pictures/functions/label/invocations")
    assert (now.body, now.headers["content-length"]) == (b'{"events": []}', "14")
    assert [asked.headers["x-fc-invocation-type"] for asked in (now, later)] == ["Sync", "Async"]
    assert now.headers["x-fc-security-token"] == TOKEN


def test_a_failure_inside_the_function_is_told_by_the_exception(server: Server, invoker: Fc2Invoker) -> None:
    body = json.dumps({"errorMessage": "no dog", "errorType": "KeyError", "stackTrace": []}).encode()
    server.will(Answer(200, {**ID, "X-Fc-Error-Type": "UnhandledInvocationError"}, body))
    reply = invoker.invoke("pictures/label", b"{}")
    assert (reply.request_id, str(reply.failure)) == ("1-64e7", "KeyError: no dog")


@pytest.mark.parametrize("spelling", ["ErrorCode ErrorMessage", "errorCode errorMessage"])
@pytest.mark.parametrize(("status", "code", "message", "kind", "reason"), REFUSALS)
def test_a_refusal_means_what_the_vendors_page_says_and_is_not_sent_again(
    server: Server,
    invoker: Fc2Invoker,
    status: int,
    code: str,
    message: str,
    kind: type[LabelingError],
    reason: str,
    spelling: str,
) -> None:
    body = json.dumps(dict(zip(spelling.split(), (code, message), strict=True))).encode()
    server.will(Answer(status, {**ID, "Content-Type": "application/json"}, body))
    with pytest.raises(kind) as caught:
        invoker.invoke("pictures/label", b"{}")
    assert caught.value.reason == reason
    for part in ("InvokeFunction 'pictures/label'", str(status), code, "1-64e7"):
        assert part in str(caught.value)
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b"", b"null", b"[1]", b"<html>", b"\xff", b"[" * 100_000])
def test_a_refusal_without_words_is_told_by_its_status(server: Server, invoker: Fc2Invoker, body: bytes) -> None:
    server.will(Answer(429, {}, body))
    with pytest.raises(Unavailable) as caught:
        invoker.invoke("pictures/label", b"{}")
    assert caught.value.reason == "throttled"


@pytest.mark.parametrize("answer", [Answer(302, {"Location": "http://127.0.0.1:1/"}), Answer(hang_up=True)])
def test_nothing_is_sent_a_second_time_or_elsewhere(server: Server, invoker: Fc2Invoker, answer: Answer) -> None:
    """The SDK's own way of sending repeats a request up to five times."""
    server.will(answer)
    with pytest.raises(Unavailable):
        invoker.invoke("pictures/label", b"{}")
    assert len(server.asked) == 1


def test_nobody_listens_and_it_is_said_at_once_what_to_do(invoker: Fc2Invoker) -> None:
    nobody = Fc2Invoker("http://127.0.0.1:9", credentials())
    with pytest.raises(Unavailable, match=r"cannot reach 127\.0\.0\.1:9 .*start the emulator"):
        nobody.invoke("pictures/label", b"{}")
    nobody.close()


def test_keys_of_the_users_netrc_file_do_not_replace_the_signature(
    server: Server, invoker: Fc2Invoker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.will(Answer())
    invoker.invoke("pictures/label", b"{}")
    assert server.first().headers["authorization"].startswith("FC STS.keyid:")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("label", "names no service: write SERVICE/NAME"),
        ("", "names no service"),
        ("pictures/", "write SERVICE/NAME"),
        ("/label", "write SERVICE/NAME"),
        ("a/b/c", "write SERVICE/NAME"),
        ("pictures/../label", "write SERVICE/NAME"),
        ("照片/label", "write SERVICE/NAME"),
    ],
)
def test_a_name_that_no_function_has_is_refused_before_it_is_sent(invoker: Fc2Invoker, name: str, words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        invoker.invoke(name, b"{}")


def quoting(status: int, code: str) -> Answer:
    said = f"string to sign is: POST x-fc-security-token:{TOKEN}"
    return Answer(status, {}, json.dumps({"ErrorCode": code, "ErrorMessage": said}).encode())


FAILURES = {
    "wrong signature": quoting(403, "SignatureNotMatch"),
    "forbidden": quoting(403, "AccessDenied"),
    "server error": quoting(500, "InternalServerError"),
    "broken connection": Answer(hang_up=True),
    "silence": Answer(silent=True),
    "cut off": Answer(200, {}, b"{", cut=5),
    "redirect": Answer(302, {"Location": f"http://127.0.0.1:1/?token={TOKEN}"}),
    "not JSON": Answer(400, {}, b"<Error>" + TOKEN.encode()),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_no_token_signature_or_secret_is_in_a_log_or_a_traceback(server: Server, log: list[str], failure: str) -> None:
    server.will(FAILURES[failure])
    invoker = Fc2Invoker(server.endpoint, credentials(), read=1.0 if failure == "silence" else 15.0)
    with pytest.raises(LabelingError) as caught:
        invoker.invoke("pictures/label", b"{}")
    invoker.close()
    signature = server.first().headers["authorization"].rpartition(":")[2]
    for text in everything_said(caught.value, log):
        for secret in (SECRET, TOKEN, signature):
            assert secret not in text


def test_only_the_lines_of_the_sdk_are_kept_out_of_the_log(log: list[str]) -> None:
    logging.getLogger().warning("ours")
    fc2.Client(endpoint="http://127.0.0.1:9", accessKeyID="id", accessKeySecret=SECRET).auth.sign_request(
        "POST", "/", {"x-fc-security-token": TOKEN}
    )
    assert [line for line in log if "ours" in line]
    assert [line for line in log if "string to sign" in line] == []
