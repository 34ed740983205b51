"""Which signatures Tablestore accepts, and that the SDK accepts the signatures of its answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any
from unittest.mock import patch

import pytest
import tablestore

from emulator.aliyun.tablestore import auth
from emulator.core.parts import Key
from tests.emulator.aliyun.tablestore.asking import refused
from tests.emulator.running import REGION, ROOT, RunningTablestore


@contextmanager
def sdk_clock(offset: float) -> Iterator[None]:
    """Let the SDK date its requests `offset` seconds later, while the server's clock stays right."""
    later = datetime.now(timezone.utc) + timedelta(seconds=offset)
    with patch("tablestore.utils.get_now_utc_datetime", lambda: later):
        yield


@pytest.fixture(params=[None, REGION], ids=["v2", "v4"])
def region(request: pytest.FixtureRequest) -> Any:
    """With None the SDK signs in version 2."""
    return request.param


@pytest.mark.parametrize("native", [True, False])
def test_an_honest_client_gets_an_answer_that_it_believes(ots: RunningTablestore, region: Any, native: bool) -> None:
    assert list(ots.ots(region=region, enable_native=native).list_table()) == []


def test_an_error_too_is_signed(ots: RunningTablestore, region: Any) -> None:
    assert refused(ots.ots(region=region).describe_table, "t")[:2] == (404, "OTSObjectNotExist")


def test_a_temporary_key_works_with_its_token(ots: RunningTablestore, region: Any) -> None:
    assert list(ots.ots(ots.keyring.issue(60), region=region).list_table()) == []


@pytest.mark.parametrize("token", [None, "another"])
def test_a_temporary_key_without_its_token_is_refused(ots: RunningTablestore, token: str | None) -> None:
    key = ots.keyring.issue(60)
    answer = refused(ots.ots(Key(key.id, key.secret, token)).list_table)
    assert answer == (403, "OTSAuthFailed", "The security token is invalid.")


def test_the_root_key_has_no_token(ots: RunningTablestore) -> None:
    assert refused(ots.ots(Key(ROOT.id, ROOT.secret, "some")).list_table)[:2] == (403, "OTSAuthFailed")


def test_a_temporary_key_ends(ots: RunningTablestore) -> None:
    key = ots.keyring.issue(-1)
    assert refused(ots.ots(key).list_table)[2] == "The security token has expired."


def test_a_wrong_secret_is_refused(ots: RunningTablestore, region: Any) -> None:
    answer = refused(ots.ots(Key(ROOT.id, "wrong"), region=region).list_table)
    assert answer == (403, "OTSAuthFailed", "Signature mismatch.")


def test_an_unknown_key_is_refused(ots: RunningTablestore, region: Any) -> None:
    answer = refused(ots.ots(Key("nobody", "x"), region=region).list_table)
    assert answer == (403, "OTSAuthFailed", "The AccessKeyID does not exist.")


@pytest.mark.parametrize("offset", [-1200, 1200])
def test_a_clock_20_minutes_off_is_refused(ots: RunningTablestore, offset: float, region: Any) -> None:
    with sdk_clock(offset), pytest.raises(tablestore.OTSClientError, match="15 minutes"):
        # The SDK checks the date of the answer before it reads the error in it.
        ots.ots(region=region).list_table()


@pytest.mark.parametrize("offset", [-840, 840])
def test_a_clock_14_minutes_off_is_not(ots: RunningTablestore, offset: float, region: Any) -> None:
    with sdk_clock(offset):
        assert list(ots.ots(region=region).list_table()) == []


def test_a_signature_for_another_region_or_day_is_refused(ots: RunningTablestore) -> None:
    assert refused(ots.ots(region="cn-beijing").list_table)[:2] == (403, "OTSAuthFailed")
    assert refused(ots.ots(region=REGION, sign_date="20200101").list_table)[:2] == (403, "OTSAuthFailed")


def signed(path: str, body: bytes, **changed: str) -> dict[str, str]:
    """Return the headers that the SDK would send, with the changes that a test makes after they are signed."""
    headers = {
        "x-ots-date": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        "x-ots-apiversion": "2015-12-31",
        "x-ots-accesskeyid": ROOT.id,
        "x-ots-instancename": "photos-inst",
        "x-ots-contentmd5": auth.md5(body),
    }
    signer = tablestore.auth.SignV2("utf8")
    context = tablestore.auth.RequestContext(
        tablestore.StaticCredentialsProvider(ROOT.id, ROOT.secret).get_credentials()
    )
    signer.make_request_signature_and_add_headers(path, headers, context)
    return headers | {name.replace("_", "-"): value for name, value in changed.items()}


def test_a_request_made_by_hand_is_answered_with_what_the_sdk_checks(ots: RunningTablestore) -> None:
    status, headers, body = ots.raw("POST", "/ListTable", signed("/ListTable", b""), b"")
    assert (status, body) == (200, b"")
    assert headers["x-ots-contentmd5"] == auth.md5(b"")
    assert headers["x-ots-requestid"]
    assert headers["x-ots-contenttype"] == "protocol buffer"
    assert headers["Authorization"].startswith(f"OTS {ROOT.id}:")


@pytest.mark.parametrize("name", [*auth.REQUIRED, "x-ots-signature"])
def test_a_header_that_is_missing_is_named(ots: RunningTablestore, name: str) -> None:
    headers = signed("/ListTable", b"")
    del headers[name]
    headers["x-ots-apiversion"] = headers.get("x-ots-apiversion", "")
    status, _, body = ots.raw("POST", "/ListTable", headers, b"")
    assert status == 400
    assert f"Missing header: {name}.".encode() in body


@pytest.mark.parametrize(
    "changed",
    [{"x_ots_instancename": "other-inst"}, {"x_ots_signature": "AAAA"}, {"x_ots_extra": "unsigned"}],
)
def test_what_was_changed_after_signing_is_refused(ots: RunningTablestore, changed: dict[str, str]) -> None:
    status, answer, body = ots.raw("POST", "/ListTable", signed("/ListTable", b"", **changed), b"")
    assert (status, b"Signature mismatch." in body) == (403, True)
    assert "Authorization" not in answer


def test_a_signature_is_good_for_its_operation_alone(ots: RunningTablestore) -> None:
    status, _, body = ots.raw("POST", "/DeleteTable", signed("/ListTable", b""), b"")
    assert (status, b"Signature mismatch." in body) == (403, True)


def test_a_body_that_is_not_the_one_signed_is_refused(ots: RunningTablestore) -> None:
    status, _, body = ots.raw("POST", "/ListTable", signed("/ListTable", b""), b"other")
    assert (status, b"MD5 value of request body" in body) == (403, True)


@pytest.mark.parametrize("date", ["yesterday", "2026-11-21 10:00:00"])
def test_a_date_that_is_none_is_refused(ots: RunningTablestore, date: str) -> None:
    status, _, body = ots.raw("POST", "/ListTable", signed("/ListTable", b"", x_ots_date=date), b"")
    assert (status, b"Invalid date" in body) == (400, True)


def test_no_answer_shows_a_secret_or_the_right_signature(ots: RunningTablestore) -> None:
    headers = signed("/ListTable", b"")
    right = headers["x-ots-signature"]
    _, answer, body = ots.raw("POST", "/ListTable", headers | {"x-ots-signature": "AAAA"}, b"")
    assert right.encode() not in body
    assert right not in str(answer)
