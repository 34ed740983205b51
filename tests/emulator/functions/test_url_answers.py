"""The HTTP answer that a function's result describes."""

from __future__ import annotations

import json

import pytest

from emulator.functions.url_answers import LARGEST_HEADERS, Malformed, UrlAnswer, read


def test_an_object_with_a_status_code_is_the_answer_itself() -> None:
    result = {"statusCode": 404, "headers": {"content-type": "text/html", "X-Age": 7, "X-Old": True}, "body": "狗"}
    expected = {"content-type": "text/html", "X-Age": "7", "X-Old": "true"}
    assert read(json.dumps(result).encode()) == UrlAnswer(404, expected, "狗".encode())


@pytest.mark.parametrize("result", [b'{"labels": ["dog"]}', b"[1]", b'"text"', b"7", b"null"])
def test_any_other_json_is_the_body_of_an_answer(result: bytes) -> None:
    assert read(result) == UrlAnswer(200, {"Content-Type": "application/json"}, result)


def test_text_and_bytes_are_the_body_of_an_answer() -> None:
    assert read("狗 {".encode()) == UrlAnswer(200, {"Content-Type": "text/plain; charset=utf-8"}, "狗 {".encode())
    assert read(b"\xff\xd8") == UrlAnswer(200, {"Content-Type": "application/octet-stream"}, b"\xff\xd8")
    assert read(b"[" * 100_000).status == 200


def test_a_body_in_base64_becomes_bytes() -> None:
    assert read(b'{"statusCode": 200, "isBase64Encoded": true, "body": "/9j/"}').body == b"\xff\xd8\xff"
    assert read(b'{"statusCode": 204}').body == b""


def test_a_function_cannot_set_the_headers_of_the_connection() -> None:
    headers = {"Connection": "close", "content-length": "9", "X-Fc-Error-Type": "mine", "X-Kept": "1"}
    assert read(json.dumps({"statusCode": 200, "headers": headers}).encode()).headers == {
        "X-Kept": "1",
        "Content-Type": "application/json",
    }


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ({"statusCode": "200"}, "statusCode is not"),
        ({"statusCode": True}, "statusCode is not"),
        ({"statusCode": 101}, "statusCode is not"),
        ({"statusCode": 600}, "statusCode is not"),
        ({"headers": ["a"]}, "headers is not an object"),
        ({"headers": {"X-A": ["1", "2"]}}, "no header of HTTP"),
        ({"headers": {"X A": "1"}}, "no header of HTTP"),
        ({"headers": {"X-A": "1\r\nSet-Cookie: b"}}, "characters that HTTP does not allow"),
        ({"headers": {"X-A": "\ud800"}}, "characters that HTTP does not allow"),
        ({"headers": {"X-A": "x" * LARGEST_HEADERS}}, "more than 8192 bytes"),
        ({"body": {"a": 1}}, "body is not a string"),
        ({"isBase64Encoded": True, "body": "no base64!"}, "no base64"),
    ],
)
def test_an_answer_that_http_cannot_carry_is_named_and_never_sent(field: dict[str, object], reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        read(json.dumps({"statusCode": 200, **field}).encode())
