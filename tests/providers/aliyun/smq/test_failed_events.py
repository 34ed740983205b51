"""What is sent to Simple Message Queue, what is read of its messages, and what its failures mean."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mns.queue import Message

from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable
from imagelabels.domain.failed_events import FailedEvent
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.aliyun import PROVIDER, write_event
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.settings import AliyunSettings
from imagelabels.providers.aliyun.smq.client import Smq
from imagelabels.providers.aliyun.smq.failed_events import SmqFailedEvents
from tests.emulator.aliyun.smq.running import Clock, fail, failing, queue_of
from tests.emulator.faults.running import emulated
from tests.emulator.invoking import running_functions
from tests.providers.aliyun.scripted import SECRET, TOKEN, credentials
from tests.providers.refused import everything_said
from tests.scripted import Answer, Server

A = ObjectRef("oss", "photos", "照片/a.jpg")
EVENT = write_event([A]).decode()
ID = {"x-mns-request-id": "512B2A63"}
NAMESPACE = "http://mns.aliyuncs.com/doc/v1/"
HELD = FailedEvent("M1", "", (A,), receipt="1-ODU4OTkz+/=")


@pytest.fixture
def queue(server: Server) -> Iterator[SmqFailedEvents]:
    smq = Smq(server.endpoint, credentials(), read=server.patience())
    yield SmqFailedEvents(smq, "failures")
    smq.close()


def messages(*bodies: str) -> Answer:
    each = "".join(
        f"<Message><MessageId>M{number}</MessageId><MessageBody>{_escaped(body)}</MessageBody>"
        f"<ReceiptHandle>R{number}</ReceiptHandle><Priority>8</Priority></Message>"
        for number, body in enumerate(bodies)
    )
    return Answer(200, ID, f'<?xml version="1.0"?><Messages xmlns="{NAMESPACE}">{each}</Messages>'.encode())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def refusal(status: int, code: str, message: str = "") -> Answer:
    text = f"<Code>{code}</Code><Message>{message}</Message><RequestId>512B2A63</RequestId>"
    return Answer(status, ID, f'<?xml version="1.0"?><Error xmlns="{NAMESPACE}">{text}</Error>'.encode())


def message(payload: Any, **more: Any) -> str:
    """Return the message of the vendor's page."""
    document = {
        "timestamp": 1660120276975,
        "requestContext": {
            "requestId": "xxx",
            "functionArn": "acs:fc:cn-hangzhou:1000000000000000:functions/label",
            "condition": "FunctionResourceExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": payload,
        "responseContext": {"statusCode": 200, "functionError": ""},
        "responsePayload": "",
    }
    return json.dumps(document | more, ensure_ascii=False)


def test_each_request_is_that_of_the_vendors_page_and_is_signed_with_the_token(
    server: Server, queue: SmqFailedEvents
) -> None:
    server.will(messages(), messages(), Answer(204, ID), Answer(200, ID, b"<ChangeVisibility/>"))
    queue.peek(), queue.receive()
    queue.give_back(HELD)
    assert queue.delete(HELD)
    assert [(asked.method, asked.path, asked.query) for asked in server.asked] == [
        ("GET", "/queues/failures/messages", {"peekonly": ["true"], "numOfMessages": ["16"]}),
        ("GET", "/queues/failures/messages", {"numOfMessages": ["16"], "waitseconds": ["1"]}),
        ("PUT", "/queues/failures/messages", {"receiptHandle": [HELD.receipt], "visibilityTimeout": ["1"]}),
        ("DELETE", "/queues/failures/messages", {"ReceiptHandle": [HELD.receipt]}),
    ]
    for asked in server.asked:
        assert asked.headers["security-token"] == TOKEN
        assert asked.headers["authorization"].startswith("MNS STS.keyid:")
        assert asked.headers["x-mns-version"] == "2015-06-06"


def test_the_equals_signs_of_a_receipt_handle_are_sent_and_signed_as_the_vendors_client_does(
    server: Server, queue: SmqFailedEvents, log: list[str]
) -> None:
    server.will(Answer(204, ID))
    assert queue.delete(replace(HELD, receipt="1-ODU4OTkzLTItOA=="))
    target, asked = "/queues/failures/messages?ReceiptHandle=1-ODU4OTkzLTItOA==", server.first()
    signed = f"DELETE\n\n\n{asked.headers['date']}\nx-mns-version:2015-06-06\n{target}"
    signature = base64.b64encode(hmac.new(SECRET.encode(), signed.encode(), "sha1").digest()).decode()
    assert asked.headers["authorization"].rpartition(":")[2] == signature
    assert any(f'"DELETE {target} HTTP/1.1"' in line for line in log)


def test_a_body_that_is_written_as_character_data_is_read(server: Server, queue: SmqFailedEvents) -> None:
    text = f"<Message><MessageId>M0</MessageId><MessageBody><![CDATA[{message(EVENT)}]]></MessageBody></Message>"
    server.will(Answer(200, ID, f"<Messages>{text}</Messages>".encode()))
    assert [event.refs for event in queue.peek()] == [(A,)]


@pytest.mark.parametrize(
    ("body", "refs"),
    [
        (message(EVENT), (A,)),
        (message(json.loads(EVENT)), (A,)),
        (base64.b64encode(message(EVENT).encode()).decode(), (A,)),
        (message(json.dumps({"type": "oss:ObjectCreated:PutObject", "data": json.loads(EVENT)["events"][0]})), (A,)),
        (message(json.dumps([json.loads(EVENT)["events"][0]])), (A,)),
        (message(write_event([A, A]).decode()), (A,)),
        (message(EVENT.replace("ObjectCreated:PutObject", "ObjectCreated:UploadPart")), ()),
        (message(EVENT.replace("ObjectCreated:PutObject", "ObjectRemoved:DeleteObject")), (A,)),
        (message(EVENT, requestContext="?"), (A,)),
    ],
    ids=["text", "object", "base64", "eventbridge", "batch", "twice", "part", "removal", "no context"],
)
def test_the_objects_are_those_of_the_event_that_the_function_got(
    server: Server, queue: SmqFailedEvents, body: str, refs: tuple[ObjectRef, ...]
) -> None:
    server.will(messages(body))
    (event,) = queue.receive()
    assert (event.message_id, event.receipt, event.refs, event.faults) == ("M0", "R0", refs, ())
    assert event.function in ("label", "")


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("acs:fc:cn-hangzhou:1:functions/label_1-a", "label_1-a"),
        ("acs:fc:cn-hangzhou:1:functions/label/LATEST", "label"),
        ("acs:fc:cn-hangzhou:1:services/pictures.LATEST/functions/label", "label"),
        ("acs:fc:cn-hangzhou:1:functions/pictures$label", "label"),
        ("label", ""),
        (7, ""),
    ],
)
def test_the_function_is_known_by_its_name_in_every_form_that_may_come(
    server: Server, queue: SmqFailedEvents, arn: object, name: str
) -> None:
    server.will(messages(message(EVENT, requestContext={"functionArn": arn})))
    assert [event.function for event in queue.receive()] == [name]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("hello", "no message of Function Compute"),
        ("", "no message of Function Compute"),
        ("aGVsbG8=", "no message of Function Compute"),
        ("[1]", "no message of Function Compute"),
        ('{"requestPayload": 1}', "no message of Function Compute"),
        (message("hello"), "event: not JSON"),
        (message('{"triggerName": "timer", "payload": "oss://photos/"}'), "only 'triggerName', 'payload'"),
        (message('{"events": [{"eventName": "ObjectCreated:PutObject"}]}'), "events[0].oss: missing"),
        ("[" * 100_000, "no message of Function Compute"),
    ],
)
def test_a_message_that_is_no_event_says_what_is_wrong_with_it(
    server: Server, queue: SmqFailedEvents, body: str, told: str
) -> None:
    server.will(messages(body, message(EVENT)))
    wrong, right = queue.receive()
    assert (wrong.refs, len(wrong.faults), right.refs) == ((), 1, (A,))
    assert told in wrong.faults[0]


def test_no_message_is_no_failure_and_neither_is_one_that_is_gone(server: Server, queue: SmqFailedEvents) -> None:
    server.will(*[refusal(404, "MessageNotExist", "Message not exist.")] * 4, refusal(400, "ReceiptHandleError"))
    assert (queue.peek(), queue.receive()) == ([], [])
    queue.give_back(HELD)
    assert (queue.delete(HELD), queue.delete(HELD)) == (False, False)


@pytest.mark.parametrize(
    ("status", "code", "message", "kind", "reason"),
    [
        (403, "AccessDenied", "The OwnerId is forbidden", Misconfigured, "forbidden"),
        (403, "AccessDenied", "The security token has expired.", Unavailable, "credentials_expired"),
        (403, "InvalidSecurityToken", "", Unavailable, "credentials_expired"),
        (403, "InvalidAccessKeyId", "", Unavailable, "credentials_expired"),
        (403, "SignatureDoesNotMatch", "", Misconfigured, "forbidden"),
        (404, "QueueNotExist", "", Misconfigured, "forbidden"),
        (408, "TimeExpired", "", Unavailable, "store_error"),
        (400, "QpsLimitExceeded", "", Unavailable, "throttled"),
        (400, "InvalidArgument", "", Misconfigured, "forbidden"),
        (500, "InternalError", "", Unavailable, "store_error"),
        (503, "", "", Unavailable, "throttled"),
        (502, "Odd", "", Unavailable, "store_error"),
        (418, "Teapot", "", Unavailable, "store_error"),
    ],
)
def test_a_refusal_means_what_the_vendors_page_says_and_is_not_sent_again(
    server: Server, queue: SmqFailedEvents, status: int, code: str, message: str, kind: type[LabelingError], reason: str
) -> None:
    server.will(refusal(status, code, message))
    with pytest.raises(kind) as caught:
        queue.receive()
    assert caught.value.reason == reason
    for part in ("BatchReceiveMessage 'failures'", str(status), code, "512B2A63"):
        assert part in str(caught.value)
    assert len(server.asked) == 1


def test_a_missing_permission_is_named(server: Server, queue: SmqFailedEvents) -> None:
    server.will(*[refusal(403, "AccessDenied")] * 4)
    for call, action in (
        (queue.peek, "BatchPeekMessage"),
        (queue.receive, "BatchReceiveMessage"),
        (lambda: queue.delete(HELD), "DeleteMessage"),
        (lambda: queue.give_back(HELD), "ChangeMessageVisibility"),
    ):
        with pytest.raises(Misconfigured, match=f"mns:{action} on the queue"):
            call()


def test_keys_that_last_and_are_unknown_are_wrong_keys(server: Server) -> None:
    smq = Smq(server.endpoint, AliyunCredentials(AliyunKeys("LTAIkey", SECRET)))
    server.will(refusal(403, "InvalidAccessKeyId"))
    with pytest.raises(Misconfigured, match="ALIBABA_CLOUD_ACCESS_KEY_ID"):
        SmqFailedEvents(smq, "failures").peek()
    assert "security-token" not in server.asked[0].headers
    smq.close()


@pytest.mark.parametrize("body", [b"", b"<html><body/></html>", b"<Message/>"])
def test_an_answer_of_somebody_else_is_no_empty_queue(server: Server, queue: SmqFailedEvents, body: bytes) -> None:
    server.will(*[Answer(200, ID, body)] * 2)
    for call, operation in ((queue.peek, "BatchPeekMessage"), (queue.receive, "BatchReceiveMessage")):
        with pytest.raises(Unavailable, match=f"{operation} 'failures'.*cannot be read"):
            call()


FAILURES = {
    "quoted": (refusal(403, "SignatureDoesNotMatch", f"security-token:{TOKEN} {SECRET}"), "forbidden"),
    "broken connection": (Answer(hang_up=True), "store_error"),
    "silence": (Answer(silent=True), "timeout"),
    "cut short": (Answer(200, ID, b"<Messages>", cut=10), "store_error"),
    "a page": (Answer(200, ID, b"<!DOCTYPE html><html/>"), "store_error"),
    "document type in UTF-16": (
        Answer(200, ID, '<!DOCTYPE m [<!ENTITY a "b">]><Messages>&a;</Messages>'.encode("utf-16")),
        "store_error",
    ),
    "UTF-16": (Answer(200, ID, "<Messages/>".encode("utf-16")), "store_error"),
    "no XML": (Answer(502, ID, b"bad gateway"), "store_error"),
    "redirect": (Answer(302, {**ID, "Location": "http://127.0.0.1:9/"}, b"<a/>"), "store_error"),
}


@pytest.mark.parametrize(("answer", "reason"), FAILURES.values(), ids=list(FAILURES))
def test_nothing_that_is_said_of_a_failure_holds_a_secret(
    server: Server, answer: Answer, reason: str, log: list[str]
) -> None:
    server.will(answer)
    smq = Smq(server.endpoint, credentials(), read=0.05 if answer.silent else 5.0)
    with pytest.raises(LabelingError) as caught:
        smq.ask("BatchPeekMessage", "GET", "failures", {})
    assert caught.value.reason == reason
    said = "\n".join(everything_said(caught.value, log))
    assert TOKEN not in said
    assert SECRET not in said
    assert server.first().headers["authorization"].rpartition(":")[2] not in said
    smq.close()


def test_a_service_that_is_not_there_is_named() -> None:
    smq = Smq("http://127.0.0.1:9", credentials())
    with pytest.raises(Unavailable, match=r"cannot reach 127\.0\.0\.1:9 .*start the emulator"):
        smq.ask("BatchPeekMessage", "GET", "failures", {})
    smq.close()


@pytest.mark.parametrize(
    "name", ["", "a b", "1a", "狗", "a" * 121, "label?x=1", "a_b", "http://1.mns.cn-hangzhou.aliyuncs.com/queues/a"]
)
def test_a_name_that_no_queue_has_is_refused_before_it_is_sent(server: Server, name: str) -> None:
    smq = Smq(server.endpoint, credentials())
    with pytest.raises(Misconfigured, match="is no name of a queue: write what stands behind /queues/"):
        SmqFailedEvents(smq, name)
    smq.close()


def test_the_address_is_that_of_the_account_unless_the_settings_name_another_one() -> None:
    region = {"FC_REGION": "cn-hangzhou"}
    of_account = AliyunSettings.model_validate(region | {"IMAGELABELS_FC_ACCOUNT_ID": "1234"})
    assert of_account.address_smq == "https://1234.mns.cn-hangzhou.aliyuncs.com"
    named = AliyunSettings.model_validate(region | {"IMAGELABELS_ENDPOINT_SMQ": "http://127.0.0.1:9000"})
    assert named.address_smq == "http://127.0.0.1:9000"
    with pytest.raises(Misconfigured, match="IMAGELABELS_FC_ACCOUNT_ID is not set"):
        _ = AliyunSettings.model_validate(region).address_smq


def test_both_platforms_of_the_cloud_open_the_queue(server: Server) -> None:
    settings = AliyunSettings.model_validate({"FC_REGION": "cn-hangzhou", "IMAGELABELS_ENDPOINT_SMQ": server.endpoint})
    assert PROVIDER.connect is not None
    session = PROVIDER.connect(settings)
    session.refresh(None, {"ALIBABA_CLOUD_ACCESS_KEY_ID": "a", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "b"})
    for platform in PROVIDER.platforms:
        server.will(messages(message(EVENT)))
        assert platform.failed_events is not None
        opened: Any = platform.failed_events(session, "failures")
        assert [event.refs for event in opened.peek()] == [(A,)]
        opened._smq.close()


def test_an_event_of_64_kb_that_failed_in_the_emulator_is_read_with_all_its_objects(tmp_path: Path) -> None:
    refs = [ObjectRef("oss", "photos", f"{number:04}.jpg") for number in range(150)]
    body = message(write_event(refs).decode())
    body += " " * (65_536 - len(body.encode()))
    with running_functions(tmp_path, failing(tmp_path), queue_clock=Clock()) as running, queue_of(running) as user:
        user.send_message(Message(body))
        smq = Smq(running.endpoint, AliyunCredentials(AliyunKeys("emulator", "emulator")))
        (event,) = SmqFailedEvents(smq, "failures").receive()
        assert (list(event.refs), len(body.encode())) == (refs, 65_536)
        smq.close()


def test_what_a_function_of_the_emulator_fails_on_is_read_from_its_queue(tmp_path: Path) -> None:
    with running_functions(tmp_path, failing(tmp_path), queue_clock=Clock()) as running:
        fail(running, "\ufffe\ud7ff\r\n<&>")
        smq = Smq(running.endpoint, AliyunCredentials(AliyunKeys("emulator", "emulator")))
        queue = SmqFailedEvents(smq, "failures")
        (event,) = queue.receive()
        assert event.function == "label"
        assert event.faults == (
            "events: a list of records was expected, but there is only 'raise': use a trigger of OSS itself",
        )
        assert queue.delete(event)
        smq.close()


def test_throttled_and_expired_requests_to_the_emulator_mean_that(tmp_path: Path) -> None:
    with emulated(tmp_path / "data", failing(tmp_path)) as running:
        key = running.oss.keyring.issue(3600)
        smq = Smq(running.oss.endpoint, AliyunCredentials(AliyunKeys(key.id, key.secret, key.token)))
        queue = SmqFailedEvents(smq, "failures")
        running.rules({"do": "throttle", "service": "smq", "per_second": 0})
        with pytest.raises(Unavailable) as throttled:
            queue.receive()
        running.rules({"do": "error", "service": "smq", "code": "AccessDenied"})
        with pytest.raises(Misconfigured, match="mns:BatchReceiveMessage"):
            queue.receive()
        running.control("DELETE", "faults")
        assert queue.peek() == []
        with pytest.raises(Misconfigured, match="there is no such queue"):
            SmqFailedEvents(smq, "nothing").peek()
        running.oss.keyring.expire(key.id)
        with pytest.raises(Unavailable) as expired:
            queue.receive()
        assert [throttled.value.reason, expired.value.reason] == ["throttled", "credentials_expired"]
        smq.close()
