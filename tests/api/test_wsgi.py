"""What a WSGI server gets of the API's answers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from imagelabels.api.app import LARGEST_BODY, Event, refused
from imagelabels.api.problems import Problem
from imagelabels.api.streaming import Part, Streamed
from imagelabels.api.wsgi import MOST_PARAMETERS, MOST_STREAMS, Wsgi


class Parted:
    """An API that answers everything in so many parts, and counts those that were made."""

    def __init__(self, parts: int) -> None:
        self.parts, self.made = parts, 0

    def refusal(self, event: Event, problem: Problem) -> dict[str, Any]:
        return refused(problem)

    def answer(self, event: object) -> dict[str, Any]:
        return {"statusCode": 200, "headers": {}, "body": Streamed(self._parts()), "isBase64Encoded": False}

    def _parts(self) -> Iterator[Part]:
        for number in range(self.parts):
            self.made += 1
            yield Part(b"%d" % number, "next" if number + 1 < self.parts else None)


class Asked:
    """Asks an application, and keeps what it answers."""

    def __init__(self, app: Wsgi, method: str = "GET", **more: str) -> None:
        environ = {"REQUEST_METHOD": method, "PATH_INFO": "/v1/export", "wsgi.input": io.BytesIO(), **more}
        self.status, self.headers = "", dict[str, str]()
        self.parts: Any = app(environ, self._start)

    def _start(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = status, dict(headers)


def app(parts: int) -> Wsgi:
    api: Any = Parted(parts)
    return Wsgi(api, None, lambda host: host != "evil.example")


def test_clients_that_read_nothing_of_a_long_answer_would_take_all_threads() -> None:
    long = app(3)
    slow = [Asked(long) for _ in range(MOST_STREAMS)]
    assert all(one.status == "200 OK" for one in slow)
    refused = Asked(long)
    assert (refused.status[:3], refused.headers["Retry-After"]) == ("503", "30")
    assert json.loads(b"".join(refused.parts))["code"] == "busy"
    slow[0].parts.close()
    assert b"".join(Asked(long).parts) == b"012"
    assert Asked(long).status[:3] == "503"


def test_a_small_copy_would_have_to_wait_for_long_answers() -> None:
    short = app(1)
    answers = [Asked(short) for _ in range(MOST_STREAMS + 1)]
    assert [(one.status, one.headers["Content-Length"], one.parts) for one in answers] == [
        ("200 OK", "1", [b"0"])
    ] * len(answers)


def test_who_asks_for_the_head_of_a_long_answer_would_let_all_of_it_be_made() -> None:
    api: Any = Parted(3)
    head = Asked(Wsgi(api), "HEAD")
    assert (head.status, list(head.parts), api.made) == ("200 OK", [], 1)
    assert "Content-Length" not in head.headers


@pytest.mark.parametrize(
    ("environ", "status", "code"),
    [
        ({"CONTENT_LENGTH": f"{LARGEST_BODY + 1}"}, "413", "too_large"),
        ({"QUERY_STRING": "&" * MOST_PARAMETERS}, "400", "bad_parameter"),
        ({"HTTP_HOST": "evil.example"}, "421", "misdirected"),
    ],
)
def test_somebody_who_is_refused_would_not_learn_why(environ: dict[str, str], status: str, code: str) -> None:
    answer = Asked(app(1), "POST", **environ)
    document = json.loads(b"".join(answer.parts))
    assert (answer.status[:3], document["code"], answer.headers["Content-Type"]) == (
        status,
        code,
        "application/problem+json",
    )
    assert document["detail"]
