"""The script inside the function's process, which tests call over its socket as the emulator does."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from emulator.functions import worker
from tests.emulator.functions.deployed import code

HEAD: dict[str, Any] = {
    "begins": "Begin r-1",
    "ends": "End r-1",
    "plain": False,
    "timeout": 60,
    "variables": {},
    "context": {"request_id": "r-1", "credentials": {"secret": "hush"}, "tracing": {"span": None}},
}
PLAIN = {"plain": True}


class Talk:
    def __init__(self, channel: socket.socket, process: subprocess.Popen[bytes]) -> None:
        self.channel = channel
        self.process = process
        self._stream = channel.makefile("rb")
        self.memory = 0

    def receive(self) -> tuple[dict[str, Any], bytes]:
        message = worker.receive(self._stream)
        assert message is not None, "the process ended without a message"
        return message

    def call(self, event: bytes, **changes: Any) -> tuple[dict[str, Any], bytes]:
        """Return head and body of the reply, the head without the used memory."""
        worker.send(self.channel, {**HEAD, **changes}, event)
        head, body = self.receive()
        self.memory = head.pop("memory")
        return head, body

    def hang_up(self) -> bytes:
        """Close the socket, and return everything that the process has written to its streams."""
        self._stream.close()
        self.channel.close()
        assert self.process.stdout is not None
        return b"" if self.process.stdout.closed else self.process.communicate()[0]


@contextmanager
def talking(folder: Path, handler: str = "index.handler") -> Iterator[Talk]:
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(
        [sys.executable, "-I", "-u", "-X", "utf8", worker.__file__, str(theirs.fileno()), handler],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[theirs.fileno()],
    )
    theirs.close()
    talk = Talk(ours, process)
    with process:
        try:
            yield talk
        finally:
            talk.hang_up()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "code"


def test_event_reaches_the_handler_byte_for_byte(folder: Path) -> None:
    code(folder, "def handler(event, context): return event")
    event = '{"key":"图 片+%41.jpg"}'.encode() + b"\x00\xff\r\n"
    with talking(folder) as talk:
        assert talk.receive() == ({"error": None}, b"")
        assert talk.call(event) == ({"error": None}, event)
        assert talk.call(b"") == ({"error": None}, b"")


@pytest.mark.parametrize(
    ("returned", "body"),
    [("b'\\xff'", b"\xff"), ("'图'", "图".encode()), ("{'a': [1]}", b'{"a": [1]}'), ("None", b"null")],
)
def test_result_is_encoded_by_its_type(folder: Path, returned: str, body: bytes) -> None:
    code(folder, f"def handler(event, context): return {returned}")
    with talking(folder) as talk:
        talk.receive()
        assert talk.call(b"") == ({"error": None}, body)


def test_result_that_is_not_json_is_an_error_of_the_function(folder: Path) -> None:
    code(folder, "def handler(event, context): return object()")
    with talking(folder) as talk:
        talk.receive()
        head, _ = talk.call(b"")
        assert head["error"]["errorType"] == "TypeError"


def test_context_is_an_object_down_to_its_parts(folder: Path) -> None:
    code(folder, "def handler(event, c): return [c.request_id, c.credentials.secret, c.tracing.span, hasattr(c, 'x')]")
    with talking(folder) as talk:
        talk.receive()
        assert json.loads(talk.call(b"")[1]) == ["r-1", "hush", None, False]


def test_where_all_is_plain_event_and_context_are_what_json_knows_and_so_is_the_result(folder: Path) -> None:
    code(folder, "def handler(event, context): return [event['键'], context, 'ü']")
    with talking(folder) as talk:
        talk.receive()
        assert talk.call('{"键":[1]}'.encode(), **PLAIN) == (
            {"error": None},
            json.dumps([[1], HEAD["context"], "ü"], ensure_ascii=False).encode(),
        )


@pytest.mark.parametrize(
    ("event", "returned", "kind"),
    [(b"not json", "1", "JSONDecodeError"), (b"{}", "b'bytes'", "TypeError"), (b"\xff", "1", "UnicodeDecodeError")],
)
def test_where_all_is_plain_what_is_not_json_is_an_error_of_the_function(
    folder: Path, event: bytes, returned: str, kind: str
) -> None:
    code(folder, f"def handler(event, context): return {returned}")
    with talking(folder) as talk:
        talk.receive()
        assert talk.call(event, **PLAIN)[0]["error"]["errorType"] == kind
        assert talk.call(event)[0] == {"error": None}


def test_printing_the_context_shows_no_secret(folder: Path) -> None:
    code(folder, "def handler(event, context): return f'{context} {context.credentials!r}'")
    with talking(folder) as talk:
        talk.receive()
        assert b"hush" not in talk.call(b"")[1]


def test_variables_of_a_call_are_there_before_the_handler_and_follow_the_next(folder: Path) -> None:
    code(folder, "import os\ndef handler(event, context): return os.environ['A_KEY']")
    with talking(folder) as talk:
        talk.receive()
        for key in ("one", "two"):
            assert talk.call(b"", variables={"A_KEY": key})[1] == key.encode()


def test_exception_is_answered_in_the_vendors_form_and_the_process_goes_on(folder: Path) -> None:
    code(
        folder,
        """
        def handler(event, context):
            if event:
                raise ValueError("图: " + event.decode())
        """,
    )
    with talking(folder) as talk:
        talk.receive()
        head, body = talk.call(b"bad")
        assert body == b""
        assert head["error"] == {
            "errorMessage": "图: bad",
            "errorType": "ValueError",
            "stackTrace": [
                [f'File "{folder / "index.py"}"', "line 4", "in handler", 'raise ValueError("图: " + event.decode())']
            ],
        }
        assert talk.call(b"") == ({"error": None}, b"null")


def test_output_of_the_function_never_mixes_with_the_protocol(folder: Path) -> None:
    code(
        folder,
        """
        import os, subprocess, sys
        print("while loading 图")
        def handler(event, context):
            print("printed", end="")
            os.write(1, b"\\nraw out\\n")
            os.write(2, b"raw err\\n")
            subprocess.run([sys.executable, "-c", "print('from a child')"])
            if event == b"close":
                sys.stdout.close()
            return "fine"
        """,
    )
    with talking(folder) as talk:
        talk.receive()
        for event in (b"", b"close", b"after"):
            head, body = talk.call(event)
            if event == b"after":
                assert head["error"]["errorType"] == "ValueError"
            else:
                assert (head, body) == ({"error": None}, b"fine")
        output = talk.hang_up().decode()
    assert output.startswith("while loading 图\nBegin r-1\nprinted\nraw out\nraw err\nfrom a child\n")
    assert output.count("End r-1\n") == 3


@pytest.mark.parametrize(
    ("source", "handler", "kind", "named"),
    [
        ("", "missing.handler", "ModuleNotFoundError", "No module named 'missing'"),
        ("def handler(:", "index.handler", "SyntaxError", "index.py, line 1"),
        ("", "index.handler", "AttributeError", "index.py has no function 'handler'"),
        ("handler = 1", "index.handler", "AttributeError", "index.py has no function 'handler'"),
        ("1 / 0", "index.handler", "ZeroDivisionError", "division by zero"),
    ],
)
def test_code_that_cannot_be_loaded_says_why(folder: Path, source: str, handler: str, kind: str, named: str) -> None:
    code(folder, source)
    with talking(folder, handler) as talk:
        head, _ = talk.receive()
        assert head["error"]["errorType"] == kind
        assert named in head["error"]["errorMessage"]


def test_handler_in_a_subfolder_is_found(folder: Path) -> None:
    code(folder / "src", "def main(event, context): return 'sub'", "entry.py")
    with talking(folder, "src/entry.main") as talk:
        assert talk.receive() == ({"error": None}, b"")
        assert talk.call(b"")[1] == b"sub"


def test_process_ends_when_the_emulator_is_gone_even_with_threads_left(folder: Path) -> None:
    code(
        folder,
        """
        import threading
        def handler(event, context):
            threading.Thread(target=threading.Event().wait).start()
        """,
    )
    with talking(folder) as talk:
        talk.receive()
        talk.call(b"")
        talk.hang_up()
        assert talk.process.wait() == 0


def test_call_that_outlives_the_emulator_ends_by_itself(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code(folder, "import time\ndef handler(event, context): time.sleep(3600)")
    with talking(folder) as talk:
        talk.receive()
        worker.send(talk.channel, {**HEAD, "timeout": 0.1 - worker.GRACE}, b"")
        assert talk.process.wait() == 1


def test_the_used_memory_is_that_of_the_functions_process_alone(folder: Path) -> None:
    code(folder, "def handler(event, context): return len(bytearray(int(event)))")
    with talking(folder) as talk:
        talk.receive()
        talk.call(b"1")
        before = talk.memory
        assert 1_000_000 < before < 60_000_000
        talk.call(b"100000000")
        assert talk.memory - before > 90_000_000
