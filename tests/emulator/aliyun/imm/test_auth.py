"""Which signatures IMM accepts: ACS3, temporary keys, and every way to make a wrong one."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timezone

import pytest

from emulator.core.parts import Key
from tests.emulator.aliyun.imm.running import Detector, RunningImm, refused, sdk_clock
from tests.emulator.running import ROOT

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

ODD = "照/a b+c%25&=?~*'\n.jpg"
EMPTY = hashlib.sha256(b"").hexdigest()


QUERY = "ProjectName=imagelabels&SourceURI=oss%3A%2F%2Fphotos%2Fa.jpg"


def by_hand(imm: RunningImm, leave_out: str = "", asked: str = QUERY, **changed: str) -> tuple[int, str]:
    """Return status and code for a request that is signed as the vendor's page says, and changed afterwards."""
    query = asked
    headers = {
        "host": imm.address,
        "x-acs-action": "DetectImageLabels",
        "x-acs-content-sha256": EMPTY,
        "x-acs-date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": "1",
        "x-acs-version": "2020-09-30",
    }
    signed = sorted(name for name in headers if name != leave_out)
    lines = "".join(f"{name}:{headers[name]}\n" for name in signed)
    request = "\n".join(["POST", "/", query, lines, ";".join(signed), EMPTY])
    text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(request.encode()).hexdigest()
    signature = hmac.new(b"emulator", text.encode(), hashlib.sha256).hexdigest()
    fields = f"Credential=emulator,SignedHeaders={';'.join(signed)},Signature={signature}"
    headers["Authorization"] = f"ACS3-HMAC-SHA256 {fields}"
    target = f"/?{changed.pop('query', query)}"
    body = changed.pop("body", "").encode()
    status, _, answer = imm.raw("POST", target, headers | changed, body)
    return status, str(json.loads(answer).get("Code", ""))


def test_a_signed_request_is_let_in_whatever_its_key_is_called(imm: RunningImm) -> None:
    imm.bucket().put_object(ODD, b"odd")
    assert [label.label_name for label in imm.labels(f"oss://photos/{ODD}").labels] == ["狗"]


def test_a_request_that_is_signed_as_the_page_says_is_let_in(imm: RunningImm) -> None:
    assert by_hand(imm) == (200, "")


def test_temporary_keys_are_good_with_their_token_until_they_expire(imm: RunningImm) -> None:
    key = imm.keyring.issue(600)
    assert imm.labels(key=key).labels
    for wrong, code in (
        (Key(key.id, key.secret, "another"), "InvalidSecurityToken.MismatchWithAccessKey"),
        (Key(key.id, key.secret), "MissingSecurityToken"),
        (imm.keyring.issue(-1), "InvalidSecurityToken.Expired"),
        (Key(ROOT.id, ROOT.secret, "one too many"), "InvalidSecurityToken.MismatchWithAccessKey"),
    ):
        assert refused(imm.labels, key=wrong)[:2] == (400, code)


def test_an_unknown_key_and_a_wrong_secret_are_refused(imm: RunningImm, detector: Detector) -> None:
    assert refused(imm.labels, key=Key("nobody", "x"))[:2] == (404, "InvalidAccessKeyId.NotFound")
    assert refused(imm.labels, key=Key(ROOT.id, "wrong"))[:2] == (400, "SignatureDoesNotMatch")
    assert detector.seen == []


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_date_twenty_minutes_off_is_refused(imm: RunningImm, minutes: int) -> None:
    with sdk_clock(60 * minutes):
        assert refused(imm.labels)[:2] == (400, "InvalidTimeStamp.Expired")


@pytest.mark.parametrize("minutes", [-14, 14])
def test_a_date_within_a_quarter_of_an_hour_is_taken(imm: RunningImm, minutes: int) -> None:
    with sdk_clock(60 * minutes):
        assert imm.labels().labels


def test_a_date_that_is_none_is_refused(imm: RunningImm) -> None:
    assert by_hand(imm, **{"x-acs-date": "yesterday"}) == (400, "InvalidTimeStamp.Format")


@pytest.mark.parametrize(
    "changed",
    [
        {"query": "ProjectName=imagelabels&SourceURI=oss%3A%2F%2Fphotos%2Fb.jpg"},
        {"body": "SourceURI=oss%3A%2F%2Fphotos%2Fb.jpg"},
        {"x-acs-signature-nonce": "2"},
        {"x-acs-version": "2017-09-06"},
        {"x-acs-content-sha256": hashlib.sha256(b"x").hexdigest()},
        {"x-acs-security-token-of-mine": "not signed"},
    ],
)
def test_what_was_altered_after_signing_is_refused(imm: RunningImm, changed: dict[str, str]) -> None:
    assert by_hand(imm, **changed) == (400, "SignatureDoesNotMatch")


@pytest.mark.parametrize("name", ["host", "x-acs-action", "x-acs-date", "x-acs-signature-nonce"])
def test_a_header_that_must_be_signed_and_is_not_is_refused(imm: RunningImm, name: str) -> None:
    assert by_hand(imm, leave_out=name) == (400, "SignatureDoesNotMatch")


@pytest.mark.parametrize("authorization", ["", "ACS3-HMAC-SHA256 ", "ACS3-HMAC-SHA256 Credential=emulator", "Basic x"])
def test_half_a_signature_is_refused(imm: RunningImm, authorization: str) -> None:
    assert by_hand(imm, Authorization=authorization) == (400, "IncompleteSignature")


def test_the_same_port_still_answers_for_oss(imm: RunningImm) -> None:
    assert imm.bucket().get_object("a.jpg").read() == b"picture"
