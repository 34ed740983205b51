"""Queues that are destinations of functions, as the vendor's unmodified client reads them."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mns.queue import Message

from tests.emulator.aliyun.smq.running import QUEUE, Clock, by_hand, fail, failing, queue_of, raised, refused
from tests.emulator.invoking import RunningFunctions, deployed, running_functions

ROOT = Path(__file__).parents[4]

LATER = 31
"""After so many seconds a message that was received can be received again."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def running(tmp_path: Path, clock: Clock) -> Iterator[RunningFunctions]:
    with running_functions(tmp_path, failing(tmp_path), queue_clock=clock) as started:
        yield started


@pytest.fixture
def queue(running: RunningFunctions) -> Iterator[Any]:
    with queue_of(running) as opened:
        yield opened


def test_a_failed_event_is_received_once_until_its_time_is_over_and_deleted_by_its_handle(
    running: RunningFunctions, queue: Any, clock: Clock
) -> None:
    fail(running, "图")
    message = queue.receive_message()
    assert (raised(message), message.dequeue_count, message.priority) == ("图", 1, 8)
    assert message.enqueue_time == message.first_dequeue_time or message.enqueue_time < message.first_dequeue_time
    assert message.next_visible_time - message.first_dequeue_time == 30_000
    with refused("MessageNotExist"):
        queue.receive_message()
    clock.ahead = LATER
    again = queue.receive_message()
    assert (again.message_id, again.dequeue_count) == (message.message_id, 2)
    assert again.first_dequeue_time == message.first_dequeue_time
    with refused("MessageNotExist"):
        queue.delete_message(message.receipt_handle)
    queue.delete_message(again.receipt_handle)
    with refused("MessageNotExist"):
        queue.delete_message(again.receipt_handle)
    assert running.control("functions/label/messages")["messages"] == []


def test_a_handle_whose_time_is_over_deletes_nothing(running: RunningFunctions, queue: Any, clock: Clock) -> None:
    fail(running, "a")
    message = queue.receive_message()
    clock.ahead = LATER
    with refused("MessageNotExist"):
        queue.delete_message(message.receipt_handle)
    assert queue.receive_message().message_id == message.message_id


def test_a_peek_changes_nothing_and_shows_no_message_that_somebody_has(running: RunningFunctions, queue: Any) -> None:
    for text in ("a", "b"):
        fail(running, text)
    assert [raised(one) for one in queue.batch_peek_message(16)] == ["a", "b"]
    assert raised(queue.peek_message()) == "a"
    assert queue.peek_message().dequeue_count == 0
    queue.receive_message()
    assert [raised(one) for one in queue.batch_peek_message(16)] == ["b"]


def test_many_messages_are_received_and_deleted_in_batches_of_sixteen(running: RunningFunctions, queue: Any) -> None:
    for number in range(18):
        fail(running, str(number))
    first = queue.batch_receive_message(16)
    assert [raised(message) for message in first] == [str(number) for number in range(16)]
    assert [raised(message) for message in queue.batch_receive_message(16)] == ["16", "17"]
    queue.batch_delete_message([message.receipt_handle for message in first])
    with refused("MessageNotExist"):
        queue.batch_delete_message([first[0].receipt_handle])
    assert len(running.control("functions/label/messages")["messages"]) == 2
    with refused("InvalidArgument"):
        queue.batch_receive_message(17)


def test_a_message_is_given_back_or_hidden_longer(running: RunningFunctions, queue: Any, clock: Clock) -> None:
    fail(running, "a")
    message = queue.receive_message()
    longer = queue.change_message_visibility(message.receipt_handle, 100)
    with refused("MessageNotExist"):
        queue.delete_message(message.receipt_handle)
    clock.ahead = LATER
    with refused("MessageNotExist"):
        queue.receive_message()
    sooner = queue.change_message_visibility(longer.receipt_handle, 1)
    assert sooner.next_visible_time < longer.next_visible_time
    clock.ahead = LATER + 2
    assert queue.receive_message().message_id == message.message_id


def test_a_message_that_a_client_sends_waits_for_its_delay_and_goes_before_those_of_less_priority(
    running: RunningFunctions, queue: Any, clock: Clock
) -> None:
    sent = queue.send_message(Message("late & <small>", delay_seconds=5))
    queue.send_message(Message("usual"))
    queue.send_message(Message("first", priority=1))
    assert [one.message_body for one in queue.batch_receive_message(16)] == ["first", "usual"]
    clock.ahead = 6
    late = queue.receive_message()
    assert (late.message_id, late.message_body, late.message_body_md5) == (
        sent.message_id,
        "late & <small>",
        sent.message_body_md5,
    )
    several = queue.batch_send_message([Message("a"), Message("b")])
    assert [one.message_id for one in queue.batch_receive_message(16)] == [one.message_id for one in several]


def test_a_client_that_writes_base64_gets_its_own_text_back(running: RunningFunctions) -> None:
    with queue_of(running, base64=True) as queue:
        queue.send_message(Message("图"))
        assert queue.receive_message_with_str_body().message_body == "图"


def test_a_message_of_64_kb_goes_through_and_a_longer_one_does_not(queue: Any) -> None:
    queue.send_message(Message("x" * 65_536))
    assert len(queue.receive_message().message_body) == 65_536
    with refused("InvalidArgument"):
        queue.send_message(Message("x" * 65_537))


@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
def test_the_attributes_count_what_can_be_received_and_what_somebody_has(running: RunningFunctions, queue: Any) -> None:
    for text in ("a", "b", "c"):
        fail(running, text)
    queue.receive_message()
    queue.send_message(Message("late", delay_seconds=100))
    told = queue.get_attributes()
    assert (told.active_messages, told.inactive_messages, told.delay_messages) == (2, 1, 1)
    assert (told.queue_name, told.visibility_timeout, told.maximum_message_size) == ("failures", 30, 65_536)


def test_a_request_that_waits_gets_the_message_that_comes_meanwhile(running: RunningFunctions, queue: Any) -> None:
    running.fc3("label", {"raise": "a"}, x_fc_invocation_type="Async")
    assert raised(queue.receive_message(wait_seconds=30)) == "a"
    with refused("MessageNotExist"):
        queue.receive_message(wait_seconds=0)
    with refused("InvalidArgument"):
        queue.receive_message(wait_seconds=31)


def test_the_program_of_the_page_reads_what_failed(
    running: RunningFunctions, capsys: pytest.CaptureFixture[str]
) -> None:
    fail(running, "a")
    page = (ROOT / "docs" / "emulator" / "smq.md").read_text("utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(program.replace("http://127.0.0.1:9000", running.endpoint), names)
    names["queue"].mns_client.close_connection()
    assert json.loads(json.loads(capsys.readouterr().out)["requestPayload"]) == {"raise": "a"}
    assert running.control("functions/label/messages")["messages"] == []


def test_a_queue_that_no_function_names_is_not_there(running: RunningFunctions) -> None:
    for name, code in (("nothing", "QueueNotExist"), ("1-nothing", "InvalidQueueName")):
        with queue_of(running, name) as queue, refused(code):
            queue.receive_message()


def test_two_functions_may_have_one_queue(tmp_path: Path, clock: Clock) -> None:
    with running_functions(tmp_path, failing(tmp_path), failing(tmp_path, "other"), queue_clock=clock) as running:
        for text, name in (("a", "label"), ("b", "other"), ("c", "label")):
            fail(running, text, name)
        with queue_of(running) as queue:
            assert [raised(one) for one in queue.batch_peek_message(16)] == ["a", "b", "c"]
            first, second = queue.batch_receive_message(2)
            assert (raised(first), raised(second)) == ("a", "b")
            queue.batch_delete_message([first.receipt_handle, second.receipt_handle])
            assert [raised(one) for one in queue.batch_receive_message(16)] == ["c"]


def test_messages_and_handles_survive_a_restart(tmp_path: Path, clock: Clock) -> None:
    with running_functions(tmp_path, failing(tmp_path), queue_clock=clock) as running, queue_of(running) as queue:
        queue.send_message(Message("sent"))
        fail(running, "a")
        held = queue.receive_message()
    with running_functions(tmp_path, failing(tmp_path), queue_clock=clock) as running, queue_of(running) as queue:
        queue.delete_message(held.receipt_handle)
        assert [raised(one) for one in queue.batch_receive_message(16)] == ["a"]


def test_messages_of_an_emulator_whose_queues_could_not_be_read_can_be_received(tmp_path: Path) -> None:
    folder = tmp_path / "functions"
    folder.mkdir()
    database = sqlite3.connect(folder / "label.sqlite")
    database.execute(
        "CREATE TABLE messages (id INTEGER PRIMARY KEY, destination TEXT NOT NULL, body BLOB NOT NULL,"
        " sent REAL NOT NULL)"
    )
    database.execute("INSERT INTO messages (destination, body, sent) VALUES (?, ?, 1.0)", (QUEUE, b'{"old": true}'))
    database.commit()
    database.close()
    with running_functions(tmp_path, deployed(tmp_path)) as running, queue_of(running) as queue:
        message = queue.receive_message()
        assert (json.loads(message.message_body), message.enqueue_time) == ({"old": True}, 1000)


def test_expired_and_wrong_keys_are_refused(running: RunningFunctions, queue: Any) -> None:
    fail(running, "a")
    key = running.keyring.issue(3600)
    with queue_of(running, key=key) as temporary:
        assert raised(temporary.peek_message()) == "a"
        running.keyring.expire(key.id)
        with refused("AccessDenied"):
            temporary.peek_message()
    for wrong, code in (
        (type(key)("nobody", "secret"), "InvalidAccessKeyId"),
        (type(key)("emulator", "wrong"), "SignatureDoesNotMatch"),
        (type(key)("emulator", "emulator", "token"), "AccessDenied"),
    ):
        with queue_of(running, key=wrong) as other, refused(code):
            other.receive_message()


MESSAGE = b'<Message xmlns="http://mns.aliyuncs.com/doc/v1/"><MessageBody>a</MessageBody></Message>'


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "status", "code"),
    [
        ("GET", "/queues/failures/messages", {"Authorization": ""}, None, 400, "MissingAuthorizationHeader"),
        ("GET", "/queues/failures/messages", {"Authorization": "MNS a"}, None, 400, "InvalidAuthorizationHeader"),
        ("GET", "/queues/failures/messages", {"Date": ""}, None, 400, "MissingDateHeader"),
        ("GET", "/queues/failures/messages", {"Date": "today"}, None, 400, "InvalidDateHeader"),
        ("GET", "/queues/failures/messages", {"Date": "Thu, 07 Mar 2012 18:49:58 GMT"}, None, 408, "TimeExpired"),
        ("GET", "/queues/failures/messages", {"x-mns-version": "2014-07-08"}, None, 400, "InvalidArgument"),
        ("GET", "/queues", {}, None, 400, "InvalidRequestURL"),
        ("PUT", "/queues/failures", {}, b"x", 400, "InvalidRequestURL"),
        ("PATCH", "/queues/failures/messages", {}, None, 400, "InvalidRequestURL"),
        ("GET", "/queues/failures/messages?number=1", {}, None, 400, "InvalidQueryString"),
        ("GET", "/queues/failures/messages?numOfMessages=x", {}, None, 400, "InvalidArgument"),
        ("GET", "/queues/failures/messages?numOfMessages=00000000116", {}, None, 400, "InvalidArgument"),
        ("GET", f"/queues/failures/messages?waitseconds={'0' * 5000}", {}, None, 400, "InvalidArgument"),
        ("DELETE", "/queues/failures/messages", {}, None, 400, "MissingReceiptHandle"),
        ("DELETE", "/queues/failures/messages?ReceiptHandle=x", {}, None, 400, "ReceiptHandleError"),
        ("PUT", "/queues/failures/messages?receiptHandle=x", {}, None, 400, "MissingVisibilityTimeout"),
        (
            "PUT",
            "/queues/failures/messages?receiptHandle=x&visibilityTimeout=0",
            {},
            None,
            400,
            "InvalidArgument",
        ),
        ("POST", "/queues/failures/messages", {}, b"x", 400, "MalformedXML"),
        ("POST", "/queues/failures/messages", {}, b"<!DOCTYPE a><a/>", 400, "MalformedXML"),
        (
            "POST",
            "/queues/failures/messages",
            {},
            b"<Message><MessageBody>a</MessageBody></Message>",
            400,
            "MalformedXML",
        ),
        ("DELETE", "/queues/failures/messages", {}, MESSAGE, 400, "MalformedXML"),
        ("POST", "/queues/failures/messages", {"Content-MD5": "x"}, MESSAGE, 400, "InvalidDegist"),
    ],
)
def test_a_mistake_is_refused_by_its_code(
    running: RunningFunctions,
    method: str,
    target: str,
    headers: dict[str, str],
    body: bytes | None,
    status: int,
    code: str,
) -> None:
    told, answer = by_hand(running, method, target, headers, body)
    assert (told, f"<Code>{code}</Code>".encode() in answer) == (status, True), answer
