"""What the SDK for Function Compute 3.0 sends, what its failures mean, and that nothing tells a secret."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path

import alibabacloud_fc20230330
import pytest
from alibabacloud_fc20230330.client import Client
from alibabacloud_tea_openapi.utils_models import Config

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import LabelingError, Misconfigured
from imagelabels.domain.outcomes import reason_of
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.fc3.failures import calling, meaning
from imagelabels.providers.aliyun.fc3.invoker import Fc3Invoker
from imagelabels.providers.aliyun.fc_meanings import READ
from imagelabels.providers.aliyun.settings import AliyunSettings
from tests.providers.aliyun.fc_refusals import REFUSALS
from tests.providers.aliyun.imm.test_failures import CLASSES, example
from tests.providers.aliyun.scripted import SECRET, TOKEN, credentials
from tests.providers.refused import everything_said
from tests.scripted import Answer, Server

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

CALL = Call("InvokeFunction", "fc:InvokeFunction", "label")
ID = {"X-Fc-Request-Id": "1-64e7"}


@pytest.fixture
def invoker(server: Server) -> Iterator[Fc3Invoker]:
    opened = Fc3Invoker(server.endpoint, credentials(), read=15.0)
    yield opened
    opened.close()


def test_the_sdk_has_no_errors_beside_those_of_its_core() -> None:
    modules = [module for _, module in inspect.getmembers(alibabacloud_fc20230330, inspect.ismodule)]
    own = [found for module in modules for _, found in inspect.getmembers(module, inspect.isclass)]
    assert [found for found in own if issubclass(found, Exception) and found not in CLASSES] == []


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_no_error_of_the_sdk_is_without_a_meaning(cls: type[Exception]) -> None:
    assert reason_of(meaning(example(cls)).reason)
    with pytest.raises(LabelingError, match="'label'"), calling(CALL):
        raise example(cls)


def test_the_function_is_invoked_by_the_vendors_operation(server: Server, invoker: Fc3Invoker) -> None:
    server.will(Answer(200, ID, b'{"records": []}'), Answer(202, ID))
    reply = invoker.invoke("label", b'{"events": []}')
    assert (reply.request_id, reply.body, reply.failure) == ("1-64e7", b'{"records": []}', None)
    assert invoker.enqueue("label", b"{}") == "1-64e7"
    now, later = server.asked
    assert (now.method, now.path, now.body) == ("POST", "/2023-03-30/functions/label/invocations", b'{"events": []}')
    assert [asked.headers["x-fc-invocation-type"] for asked in (now, later)] == ["Sync", "Async"]
    assert now.headers["x-acs-security-token"] == TOKEN


def test_a_failure_inside_the_function_is_told_by_the_exception(server: Server, invoker: Fc3Invoker) -> None:
    body = json.dumps({"errorMessage": "no dog", "errorType": "KeyError", "stackTrace": []}).encode()
    server.will(Answer(200, {**ID, "X-Fc-Error-Type": "UnhandledInvocationError"}, body))
    assert str(invoker.invoke("label", b"{}").failure) == "KeyError: no dog"


@pytest.mark.parametrize(("status", "code", "message", "kind", "reason"), REFUSALS)
def test_a_refusal_means_what_the_vendors_page_says_and_is_not_sent_again(
    server: Server, invoker: Fc3Invoker, status: int, code: str, message: str, kind: type[LabelingError], reason: str
) -> None:
    body = json.dumps({"Code": code, "Message": message, "RequestId": "1-64e7"}).encode()
    server.will(Answer(status, {**ID, "Content-Type": "application/json"}, body))
    with pytest.raises(kind) as caught:
        invoker.invoke("label", b"{}")
    assert caught.value.reason == reason
    for part in ("InvokeFunction 'label'", str(status), code, "1-64e7"):
        assert part in str(caught.value)
    assert len(server.asked) == 1


def test_a_key_that_is_not_temporary_and_unknown_is_a_wrong_key(server: Server) -> None:
    invoker = Fc3Invoker(server.endpoint, AliyunCredentials(AliyunKeys("LTAIkey", SECRET)))
    server.will(Answer(403, {}, b'{"Code": "InvalidAccessKeyID", "Message": "m"}'))
    with pytest.raises(Misconfigured, match="ALIBABA_CLOUD_ACCESS_KEY_ID"):
        invoker.invoke("label", b"{}")
    invoker.close()


def test_every_invocation_is_signed_with_the_keys_of_its_moment(server: Server) -> None:
    keys = credentials()
    invoker = Fc3Invoker(server.endpoint, keys)
    server.will(Answer(), Answer())
    invoker.invoke("label", b"{}")
    keys.refresh("STS.later", SECRET, "later")
    invoker.invoke("label", b"{}")
    assert [asked.headers["x-acs-security-token"] for asked in server.asked] == [TOKEN, "later"]
    invoker.close()


@pytest.mark.parametrize("name", ["", "a b", "a/../b", "1a", "狗", "a" * 129, "label?x=1"])
def test_a_name_that_no_function_has_is_refused_before_it_is_sent(invoker: Fc3Invoker, name: str) -> None:
    with pytest.raises(Misconfigured):
        invoker.invoke(name, b"{}")


def test_a_function_in_a_service_is_sent_to_the_other_version(invoker: Fc3Invoker) -> None:
    with pytest.raises(Misconfigured, match="--through fc2"):
        invoker.invoke("pictures/label", b"{}")


def test_an_answer_is_waited_for_as_long_as_a_deployed_function_may_take() -> None:
    template = (Path(__file__).parents[4] / "template.yml").read_text("utf-8")
    longest = re.search(r"^  Timeout:\n(?:    .*\n)*?    MaxValue: (\d+)$", template, re.MULTILINE)
    assert longest is not None
    assert int(longest[1]) <= READ


def test_each_region_is_reached_where_the_sdk_would_reach_it() -> None:
    known: dict[str, str] = Client(Config(region_id="cn-hangzhou"))._endpoint_map
    assert len(known) > 20
    for region, host in known.items():
        # One of the SDK's hosts ends in a tab.
        assert AliyunSettings.model_validate({"FC_REGION": region}).address_fc3 == f"https://{host.strip()}"


def quoting(status: int, code: str) -> Answer:
    said = f"string to sign is: POST x-acs-security-token:{TOKEN}"
    return Answer(status, {"Content-Type": "application/json"}, json.dumps({"Code": code, "Message": said}).encode())


FAILURES = {
    "wrong signature": quoting(403, "SignatureNotMatch"),
    "forbidden": quoting(403, "AccessDenied"),
    "broken connection": Answer(hang_up=True),
    "silence": Answer(silent=True),
    "cut off": Answer(200, {}, b"{", cut=5),
    "redirect": Answer(302, {"Location": f"http://127.0.0.1:1/?token={TOKEN}"}),
    "not JSON": Answer(400, {}, b"<Error>" + TOKEN.encode()),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_no_token_signature_or_secret_is_in_a_log_or_a_traceback(
    server: Server, log: list[str], failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEBUG", "sdk")
    server.will(FAILURES[failure])
    invoker = Fc3Invoker(server.endpoint, credentials(), read=1.0 if failure == "silence" else 15.0)
    with pytest.raises(LabelingError) as caught:
        invoker.invoke("label", b"{}")
    invoker.close()
    assert len(server.asked) == 1
    signature = server.first().headers["authorization"].rpartition("Signature=")[2]
    for text in everything_said(caught.value, log):
        for secret in (SECRET, TOKEN, signature):
            assert secret not in text
