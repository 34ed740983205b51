"""Conditions of reads and of copies: which are heeded, and in which order."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tests.emulator.running import refused

TEN = b"0123456789"
PAST, FUTURE = "Sat, 01 Jan 2000 00:00:00 GMT", "Sat, 01 Jan 2050 00:00:00 GMT"
ETAG = hashlib.md5(TEN).hexdigest().upper()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-Match": ETAG}, 200),
        ({"If-Match": f'"{ETAG}"'}, 200),
        ({"If-Match": f'"other", "{ETAG}"'}, 200),
        ({"If-Match": "*"}, 200),
        ({"If-Match": "other"}, 412),
        ({"If-Match": f'W/"{ETAG}"'}, 412),
        ({"If-Match": f'W/"{ETAG}", "{ETAG}"'}, 200),
        ({"If-Match": ETAG, "If-None-Match": ETAG}, 304),
        ({"If-Match": "other", "If-None-Match": ETAG}, 412),
        ({"If-Match": ETAG, "If-Modified-Since": FUTURE}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": f'"{ETAG}"'}, 304),
        ({"If-None-Match": f'W/"{ETAG}"'}, 304),
        ({"If-None-Match": f'"other", W/"{ETAG}"'}, 304),
        ({"If-None-Match": '"other","another"'}, 200),
        ({"If-None-Match": ETAG, "If-Modified-Since": PAST}, 304),
        ({"If-None-Match": ETAG, "If-Unmodified-Since": PAST}, 412),
        ({"If-Modified-Since": "no date"}, 200),
        ({"If-Modified-Since": PAST, "If-Unmodified-Since": FUTURE}, 200),
        ({"If-None-Match": ETAG, "Range": "bytes=0-1"}, 304),
        ({"If-None-Match": ETAG}, 304),
        ({"If-None-Match": "other"}, 200),
        ({"If-Modified-Since": PAST}, 200),
        ({"If-Modified-Since": FUTURE}, 304),
        ({"If-Unmodified-Since": PAST}, 412),
        ({"If-Unmodified-Since": FUTURE}, 200),
        ({"If-Unmodified-Since": "no date"}, 200),
        ({"If-Match": ETAG, "If-Unmodified-Since": PAST}, 200),
        ({"If-None-Match": "other", "If-Modified-Since": FUTURE}, 200),
        ({"If-Match": "other", "Range": "bytes=0-1"}, 412),
    ],
)
@pytest.mark.parametrize("operation", ["get_object", "head_object"])
def test_conditions_are_honoured(client: Any, operation: str, headers: dict[str, str], status: int) -> None:
    client.put_object("a", TEN)
    call = getattr(client, operation)
    if status == 200:
        assert call("a", headers=headers).status == 200
    else:
        error = refused(call, "a", headers=headers)
        assert error.status == status
        assert error.code == ("PreconditionFailed" if status == 412 else "")


@pytest.mark.parametrize("name", ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"])
def test_a_condition_on_a_write_is_refused_by_name_and_not_passed_over(client: Any, name: str) -> None:
    value = FUTURE if name.endswith("Since") else "*"
    client.put_object("a", TEN)
    for call in (
        lambda headers: client.put_object("a", b"theirs", headers=headers),
        lambda headers: client.copy_object("photos", "a", "a", headers=headers),
        lambda headers: client.delete_object("a", headers=headers),
        lambda headers: client.init_multipart_upload("a", headers=headers),
        lambda headers: client.append_object("a", 10, b"theirs", headers=headers),
    ):
        error = refused(call, {name: value})
        assert (error.status, name in error.message) == (501, True)
    assert client.get_object("a").read() == TEN


def test_no_condition_makes_an_object_of_nothing(client: Any) -> None:
    for headers in ({"If-Match": "*"}, {"If-None-Match": "*"}, {"If-Unmodified-Since": FUTURE}):
        assert refused(client.get_object, "a", headers=headers).code == "NoSuchKey"


def test_a_304_says_which_object_it_is(bucket: Any) -> None:
    bucket.put_object("a", TEN)
    error = refused(bucket.get_object, "a", headers={"If-None-Match": ETAG})
    assert error.headers["ETag"] == f'"{ETAG}"'
    assert error.body == b""


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("if-match", ETAG, 200),
        ("if-match", "x", 412),
        ("if-none-match", ETAG, 304),
        ("if-none-match", f'W/"{ETAG}"', 304),
        ("if-match", f'W/"{ETAG}"', 412),
        ("if-match", f'"x", "{ETAG}"', 200),
        ("if-modified-since", FUTURE, 304),
        ("if-unmodified-since", PAST, 412),
    ],
)
def test_a_copy_may_depend_on_its_source(client: Any, name: str, value: str, status: int) -> None:
    client.put_object("a", TEN)
    headers = {f"x-oss-copy-source-{name}": value}
    if status == 200:
        client.copy_object("photos", "a", "b", headers=headers)
    else:
        assert refused(client.copy_object, "photos", "a", "b", headers=headers).status == status
    assert client.object_exists("b") == (status == 200)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f'"{ETAG}"', b"01"),
        (f'W/"{ETAG}"', TEN),
        ('"other"', TEN),
        (PAST, TEN),
        (FUTURE, TEN),
        ("neither", TEN),
    ],
)
def test_a_range_of_another_content_than_the_client_has_is_not_sent(client: Any, value: str, expected: bytes) -> None:
    client.put_object("a", TEN)
    assert client.get_object("a", headers={"Range": "bytes=0-1", "If-Range": value}).read() == expected


def test_a_range_is_sent_if_the_object_has_the_date_that_the_client_knows(client: Any) -> None:
    client.put_object("a", TEN)
    date = client.head_object("a").headers["Last-Modified"]
    assert client.get_object("a", headers={"Range": "bytes=0-1", "If-Range": date}).read() == b"01"
    assert client.get_object("a", headers={"If-Range": date}).read() == TEN
