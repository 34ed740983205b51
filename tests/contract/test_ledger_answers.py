"""These tests check what every ledger promises about stored answers and about claims of detector calls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain.model import Answer, Asked
from imagelabels.domain.outcomes import Reason
from imagelabels.ports import Claim, Ledger, Proof, StoredAnswer
from tests.contract.samples import ANSWER, DETECTION, HEAD, NOW, REF, REFUSAL, entry, record

UNTIL = NOW + 30


def test_a_new_content_is_the_first_asker_s_to_get(ledger: Ledger) -> None:
    assert ledger.claim("c1", "a", UNTIL, NOW) == Claim("mine")
    assert ledger.claim("c1", "b", UNTIL, NOW) == Claim("busy")
    assert ledger.claim("c2", "b", UNTIL, NOW) == Claim("mine")


def test_a_claim_whose_reply_was_lost_can_be_made_again(ledger: Ledger) -> None:
    assert ledger.claim("c1", "a", UNTIL, NOW) == Claim("mine")
    assert ledger.claim("c1", "a", UNTIL, NOW) == Claim("mine")


def test_a_claim_is_not_taken_over_while_its_owner_may_live(ledger: Ledger) -> None:
    ledger.claim("c1", "a", UNTIL, NOW)
    assert ledger.claim("c1", "b", UNTIL + 60, UNTIL) == Claim("busy")
    assert ledger.store("c1", "a", ANSWER)


def test_the_claim_of_a_dead_worker_is_taken_over_for_good(ledger: Ledger) -> None:
    ledger.claim("c1", "a", UNTIL, NOW)
    assert ledger.claim("c1", "b", UNTIL + 60, UNTIL + 0.01) == Claim("mine", failures=1)
    assert ledger.claim("c1", "c", UNTIL + 60, UNTIL + 1) == Claim("busy")
    assert not ledger.store("c1", "a", REFUSAL)
    ledger.give_back("c1", "a")
    assert ledger.store("c1", "b", ANSWER)
    assert ledger.claim("c1", "a", UNTIL, NOW) == Claim("kept", ANSWER)


@pytest.mark.parametrize(
    "answer",
    [
        ANSWER,
        REFUSAL,
        Answer(Reason.CORRUPT, "cut in half", None, 10, 20),
        Answer(None, "", replace(DETECTION, labels=())),
    ],
    ids=["labels", "refusal", "refusal-with-size", "no-labels"],
)
def test_a_kept_answer_reads_back_whole_for_everybody_and_for_ever(ledger: Ledger, answer: Answer) -> None:
    ledger.claim("c1", "a", UNTIL, NOW)
    assert ledger.store("c1", "a", answer)
    for token in ("a", "b"):
        assert ledger.claim("c1", token, UNTIL + 9_999_999, UNTIL + 9_999_998) == Claim("kept", answer)


def test_an_answer_is_kept_once_and_never_replaced(ledger: Ledger) -> None:
    ledger.claim("c1", "a", UNTIL, NOW)
    assert ledger.store("c1", "a", ANSWER)
    assert not ledger.store("c1", "a", REFUSAL)
    assert ledger.claim("c1", "b", UNTIL, NOW) == Claim("kept", ANSWER)


def test_an_answer_without_a_claim_is_not_kept(ledger: Ledger) -> None:
    assert not ledger.store("c1", "a", ANSWER)
    ledger.claim("c1", "a", UNTIL, NOW)
    assert not ledger.store("c1", "b", ANSWER)
    ledger.give_back("c1", "a")
    assert not ledger.store("c1", "a", ANSWER)
    assert ledger.claim("c1", "c", UNTIL, NOW) == Claim("mine")


def test_a_claim_given_back_is_free_at_once(ledger: Ledger) -> None:
    ledger.claim("c1", "a", UNTIL, NOW)
    ledger.give_back("c1", "a")
    ledger.give_back("c1", "a")
    assert ledger.claim("c1", "b", UNTIL, NOW) == Claim("mine")


def test_only_the_owner_s_claim_is_given_back_and_never_an_answer(ledger: Ledger) -> None:
    ledger.claim("c1", "a", UNTIL, NOW)
    ledger.give_back("c1", "b")
    assert ledger.claim("c1", "b", UNTIL, NOW) == Claim("busy")
    ledger.store("c1", "a", ANSWER)
    ledger.give_back("c1", "a")
    assert ledger.claim("c1", "b", UNTIL, NOW) == Claim("kept", ANSWER)


def test_a_claim_ends_after_its_last_moment(ledger: Ledger) -> None:
    assert ledger.claim("c1", "a", UNTIL, NOW) == Claim("mine")
    assert ledger.claim("c1", "b", UNTIL + 60, UNTIL) == Claim("busy")
    assert ledger.claim("c1", "b", UNTIL + 60, UNTIL + 0.001) == Claim("mine", failures=1)


def test_an_answer_is_read_without_claiming_it(ledger: Ledger) -> None:
    assert ledger.answer("c1") is None
    assert ledger.claim("c1", "a", UNTIL, NOW) == Claim("mine")
    assert ledger.answer("c1") == StoredAnswer(None, UNTIL)
    assert ledger.store("c1", "a", ANSWER)
    assert ledger.answer("c1") == StoredAnswer(ANSWER)
    assert ledger.answer("c2") is None
    assert ledger.claim("c2", "b", UNTIL, NOW) == Claim("mine")


def _unconfirmed(answer: Answer = ANSWER, nonce: str = "a") -> Answer:
    return replace(answer, asked=Asked(nonce, REF, HEAD))


@pytest.mark.parametrize("answer", [ANSWER, REFUSAL], ids=["labels", "refusal"])
def test_an_unconfirmed_answer_reads_back_with_the_object_it_was_asked_for(ledger: Ledger, answer: Answer) -> None:
    ledger.claim("c1", "a", UNTIL, NOW)
    assert ledger.store("c1", "a", _unconfirmed(answer))
    for now in (NOW, UNTIL + 9_999_999):
        assert ledger.claim("c1", "b", now + 30, now) == Claim("kept", _unconfirmed(answer))
    assert ledger.answer("c1") == StoredAnswer(_unconfirmed(answer))


@pytest.mark.parametrize("answer", [ANSWER, REFUSAL], ids=["labels", "refusal"])
@pytest.mark.parametrize("row", [record(), None], ids=["with a row", "leaving the row"])
def test_an_answer_is_confirmed_by_the_write_that_finishes_a_row(ledger: Ledger, answer: Answer, row: object) -> None:
    ledger.claim("c1", "a", UNTIL, NOW)
    ledger.store("c1", "a", _unconfirmed(answer))
    assert ledger.lock(REF, "t", UNTIL, NOW, "e")
    written = record() if row is not None else None
    assert ledger.finish(REF, "t", written, entry("e"), Proof("c1", "a", answer.reason is not None))
    assert ledger.answer("c1") == StoredAnswer(answer)
    ledger.give_back("c1", "a")
    assert not ledger.take_over("c1", "a", "b", UNTIL)
    assert ledger.answer("c1") == StoredAnswer(answer)


def test_a_proof_of_another_call_confirms_nothing(ledger: Ledger) -> None:
    ledger.claim("c1", "a", UNTIL, NOW)
    ledger.store("c1", "a", _unconfirmed())
    assert ledger.lock(REF, "t", UNTIL, NOW, "e")
    assert ledger.finish(REF, "t", record(), entry("e"), Proof("c1", "z", False))
    assert ledger.answer("c1") == StoredAnswer(_unconfirmed())


def test_a_proof_of_an_answer_that_is_gone_does_not_keep_the_row_from_being_written(ledger: Ledger) -> None:
    assert ledger.lock(REF, "t", UNTIL, NOW, "e")
    assert ledger.finish(REF, "t", record(), entry("e"), Proof("c1", "a", False))
    assert ledger.answer("c1") is None


def test_a_claim_is_not_confirmed_as_if_it_were_an_answer(ledger: Ledger) -> None:
    ledger.claim("c1", "a", UNTIL, NOW)
    assert ledger.lock(REF, "t", UNTIL, NOW, "e")
    assert ledger.finish(REF, "t", record(), entry("e"), Proof("c1", "a", False))
    assert ledger.store("c1", "a", ANSWER)


def test_an_unconfirmed_answer_is_voided_by_its_own_nonce_alone(ledger: Ledger) -> None:
    ledger.claim("c1", "a", UNTIL, NOW)
    ledger.store("c1", "a", _unconfirmed())
    ledger.give_back("c1", "b")
    assert ledger.answer("c1") == StoredAnswer(_unconfirmed())
    ledger.give_back("c1", "a")
    assert ledger.answer("c1") is None


def test_an_unconfirmed_answer_is_taken_over_by_one_worker(ledger: Ledger) -> None:
    ledger.claim("c1", "a", UNTIL, NOW)
    ledger.store("c1", "a", _unconfirmed())
    assert ledger.take_over("c1", "a", "b", UNTIL)
    assert not ledger.take_over("c1", "a", "c", UNTIL)
    assert ledger.claim("c1", "c", UNTIL, NOW) == Claim("busy")
    assert not ledger.store("c1", "a", ANSWER)
    assert ledger.store("c1", "b", _unconfirmed(REFUSAL, "b"))
    assert ledger.answer("c1") == StoredAnswer(_unconfirmed(REFUSAL, "b"))


def test_workers_that_die_over_a_content_one_after_the_other_would_not_be_counted(ledger: Ledger) -> None:
    assert ledger.claim("c1", "a", UNTIL, NOW) == Claim("mine")
    for died, nonce in enumerate(("b", "c", "d"), 1):
        now = UNTIL + 60 * died
        assert ledger.claim("c1", nonce, now + 30, now) == Claim("mine", failures=died)
        assert ledger.claim("c1", nonce, now + 30, now) == Claim("mine", failures=died), "a lost reply is no death"
    ledger.give_back("c1", "d")
    assert ledger.claim("c1", "e", UNTIL, NOW) == Claim("mine")


def test_a_worker_that_dies_would_take_the_count_of_failures_with_it(ledger: Ledger) -> None:
    ledger.claim("c1", "a", UNTIL, NOW)
    assert ledger.store("c1", "a", replace(_unconfirmed(REFUSAL), failures=2))
    assert ledger.take_over("c1", "a", "b", UNTIL, 2)
    assert ledger.claim("c1", "b", UNTIL, NOW) == Claim("mine", failures=2)
    assert ledger.claim("c1", "c", UNTIL + 60, UNTIL + 1) == Claim("mine", failures=3)


def test_failures_before_an_answer_would_count_once_more_after_it(ledger: Ledger) -> None:
    ledger.claim("c1", "a", UNTIL, NOW)
    assert ledger.claim("c1", "b", UNTIL + 60, UNTIL + 1) == Claim("mine", failures=1)
    assert ledger.store("c1", "b", _unconfirmed(ANSWER, "b"))
    assert ledger.take_over("c1", "b", "c", UNTIL + 60)
    assert ledger.claim("c1", "d", UNTIL + 200, UNTIL + 100) == Claim("mine", failures=1)


def test_a_store_whose_reply_was_lost_can_be_sent_again(ledger: Ledger) -> None:
    ledger.claim("c1", "a", UNTIL, NOW)
    assert ledger.store("c1", "a", _unconfirmed())
    assert ledger.store("c1", "a", _unconfirmed())
    assert ledger.answer("c1") == StoredAnswer(_unconfirmed())


def test_a_claim_is_never_taken_over_as_if_it_were_an_answer(ledger: Ledger) -> None:
    ledger.claim("c1", "a", UNTIL, NOW)
    assert not ledger.take_over("c1", "a", "b", UNTIL)
    assert ledger.store("c1", "a", ANSWER)


def test_a_confirmed_refusal_can_be_forgotten_and_nothing_else(ledger: Ledger) -> None:
    assert not ledger.forget_refusal("c1")
    ledger.claim("c1", "a", UNTIL, NOW)
    assert not ledger.forget_refusal("c1")
    assert ledger.store("c1", "a", replace(REFUSAL, asked=Asked("a", REF, HEAD)))
    assert not ledger.forget_refusal("c1")
    ledger.claim("c2", "a", UNTIL, NOW)
    assert ledger.store("c2", "a", ANSWER)
    assert not ledger.forget_refusal("c2")
    ledger.claim("c3", "a", UNTIL, NOW)
    assert ledger.store("c3", "a", REFUSAL)
    assert ledger.forget_refusal("c3")
    assert ledger.answer("c3") is None
    assert ledger.claim("c3", "b", UNTIL, NOW) == Claim("mine")
