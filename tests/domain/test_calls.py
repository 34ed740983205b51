"""These tests check the messages of errors about calls to vendors."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain import calls
from imagelabels.domain.calls import Call
from imagelabels.domain.errors import LabelingError, Misconfigured, Rejected, Unavailable

CALL = Call("GetObject", "oss:GetObject", "oss://b/k")


def test_a_vendors_words_are_not_cut_within_one_of_them() -> None:
    words = "The difference between " + "far too long " * 40
    quote = calls.shortened(words)
    assert len(quote) <= calls.WORDS
    assert words.startswith(f"{quote} ")
    assert calls.shortened("x" * 999) == "x" * calls.WORDS
    assert calls.shortened("short") == "short"


def test_quotes_of_a_vendor_are_not_escaped_and_its_control_characters_do_not_reach_a_terminal() -> None:
    error = calls.raised(calls.STORE, CALL, ["X"], "HTTPSConnectionPool(host='h', \"port\"=1)\n\x1b[31m red")
    assert str(error) == (
        "GetObject 'oss://b/k': the store failed (X, \"HTTPSConnectionPool(host='h', \"port\"=1) [31m red\")"
    )


@pytest.mark.parametrize("meaning", [calls.GONE, calls.NO_BUCKET])
def test_an_error_for_a_missing_object_names_the_call(meaning: calls.Meaning) -> None:
    assert "GetObject 'oss://b/k'" in str(calls.raised(meaning, CALL, ["404"], ""))


@pytest.mark.parametrize("host", ["127.0.0.1:9000", "localhost:9000", "::1:9000"])
def test_an_address_of_this_machine_makes_us_ask_for_the_emulator_and_not_for_the_region(host: str) -> None:
    message = str(calls.raised(calls.UNREACHABLE, CALL, ["X"], "", host, "; check FC_REGION"))
    assert f"cannot reach {host} from here; nothing listens there: start the emulator" in message
    assert "FC_REGION" not in message


def test_a_failure_of_the_stores_kind_is_the_detectors_when_the_detector_was_called() -> None:
    assert calls.by_the_detector(calls.NETWORK) == calls.Meaning(Unavailable, "detector_error", calls.NETWORK.advice)
    for meaning in (calls.CLOCK, calls.TIMEOUT, calls.FORBIDDEN, calls.GONE):
        assert calls.by_the_detector(meaning) is meaning


def test_words_of_exactly_the_greatest_length_are_quoted_whole() -> None:
    words = "x" * (calls.WORDS - 2) + " y"
    assert calls.shortened(words) == words
    assert calls.shortened(words + "z") == "x" * (calls.WORDS - 2)


def test_a_vendors_words_are_quoted_up_to_200_characters() -> None:
    assert calls.shortened("x" * 999) == "x" * 200
    whole = "x" * 100 + " " + "y" * 99
    assert calls.shortened(f"{whole} and more") == whole
    assert calls.shortened(f"{whole}y and more") == "x" * 100


@pytest.mark.parametrize(
    ("meaning", "kind", "reason"),
    [
        (calls.FORBIDDEN, Misconfigured, "forbidden"),
        (calls.STORE, Unavailable, "store_error"),
        (calls.ARCHIVED, Rejected, "archived"),
    ],
)
def test_an_error_has_the_class_and_the_reason_that_its_meaning_names(
    meaning: calls.Meaning, kind: type[LabelingError], reason: str
) -> None:
    error = calls.raised(meaning, CALL, ["403", ""], "")
    assert isinstance(error, kind)
    assert error.reason == reason
    assert str(error).endswith(f"{meaning.advice.format(permission='oss:GetObject')} (403)")


def test_a_vendors_words_are_left_out_where_they_might_repeat_a_secret() -> None:
    signed = replace(CALL, signed_url=True)
    assert str(calls.raised(calls.STORE, signed, ["500"], "harmless")).endswith("(500)")
    assert str(calls.raised(calls.STORE, CALL, ["500"], "x-security-token: abc")).endswith("(500)")
    assert str(calls.raised(calls.STORE, signed, ["500"], "")).endswith("(500)")
    assert str(calls.raised(calls.STORE, CALL, ["500"], "harmless")).endswith('(500, "harmless")')


def test_a_call_asks_the_store_and_its_signature_lasts_unless_it_says_otherwise() -> None:
    assert (CALL.asks, CALL.signed_url, CALL.fenced) == ("store", False, False)
