"""The safeguards of answers that nobody has confirmed yet, taken out; their stories: tests/usecases/test_unconfirmed.py."""

# ruff: noqa: E501 - quotes code as it stands

from tests.planted import fault

ATTEMPT = "usecases/attempt.py"
ENDING = "usecases/ending.py"
LOCK = "usecases/lock.py"
LOOKS = "usecases/looks.py"
ASKING = "usecases/asking.py"
CALLING = "usecases/calling.py"
FOUND = "usecases/found.py"
PAIRS = "usecases/pairs.py"

_LOOK = "        return by.look(ref).head\n\n    if found.new:"

FAULTS = [
    fault(
        "store_at_once",
        LOOKS,
        "test_store_at_once_a_failing_look_after_the_call_does_not_pay_again",
        (
            "repeated, now, held = by.at_once(lambda: store(by.answers, found, by.clock, deadline), look, tags)",
            "now, held = by.at_once(look, tags)\n        repeated = store(by.answers, found, by.clock, deadline)",
        ),
    ),
    fault(
        "store_again",
        FOUND,
        "test_store_again_an_index_that_is_down_after_a_paid_call_does_not_lose_the_answer",
        ("if clock.monotonic() + pause > deadline - LEAVE:", "if True:"),
    ),
    fault(
        "store_for_ever",
        FOUND,
        "test_an_index_that_stays_down_gives_the_event_back_before_the_platform_kills",
        ("if clock.monotonic() + pause > deadline - LEAVE:", "if False:"),
    ),
    fault(
        "look_again_after_a_repeated_store",
        LOOKS,
        "test_store_again_a_tag_that_the_user_sets_while_the_store_is_repeated_stays",
        ("if repeated or by", "if by"),
    ),
    fault(
        "unconfirmed",
        ASKING,
        "test_unconfirmed_an_answer_that_saw_another_picture_is_given_to_nobody",
        ("return Found(replace(answer, asked=Asked(nonce, ref, head)), new", "return Found(answer, new"),
    ),
    fault(
        "origin_head",
        LOOKS,
        "test_unconfirmed_an_answer_that_saw_another_picture_is_given_to_nobody",
        ("        return by.look(asked.ref).head == asked.head\n", "        return True\n"),
    ),
    fault(
        "full_equality",
        LOOKS,
        "test_unconfirmed_a_picture_that_was_replaced_and_put_back_proves_nothing",
        (
            "        return by.look(asked.ref).head == asked.head\n",
            "        seen = by.look(asked.ref).head\n        return seen is not None and seen.etag == asked.head.etag\n",
        ),
    ),
    fault(
        "asker_voids",
        ATTEMPT,
        "test_unconfirmed_an_answer_is_void_once_its_own_object_is_seen_changed",
        ("                void(work.by.answers, found)\n", ""),
    ),
    fault(
        "others_confirm",
        ENDING,
        "test_unconfirmed_another_key_confirms_it_without_a_call_while_its_object_is_unchanged",
        ("record, entry, found.proof if found is not None else None)", "record, entry)"),
    ),
    fault(
        "others_use",
        ASKING,
        "test_unconfirmed_another_key_confirms_it_without_a_call_while_its_object_is_unchanged",
        ("if asked.ref.store == ref.store and is_unchanged(self._by, asked):", "if False:"),
    ),
    fault(
        "take_over_in_one_step",
        ASKING,
        "test_unconfirmed_who_comes_too_late_to_take_it_over_uses_the_other_s_answer",
        (
            "            if self._answers.take_over(answer_id, asked.nonce, nonce, until, failures):\n",
            "            self._answers.take_over(answer_id, asked.nonce, nonce, until, failures)\n            if True:\n",
        ),
    ),
    fault(
        "own_claim_not_known",
        ASKING,
        "test_a_take_over_that_landed_though_its_reply_was_lost_is_not_waited_for_by_its_owner",
        (
            "        while True:\n            claim, busy",
            "        while True:\n            nonce = uuid4().hex\n            claim, busy",
        ),
    ),
    fault(
        "fresh_nonce",
        ASKING,
        "test_each_call_has_a_number_of_its_own_so_that_late_writes_for_one_cannot_touch_another",
        ("nonce, waited = uuid4().hex, False", "nonce, waited = str(self._claim_until), False"),
    ),
    fault(
        "take_over_claims",
        ASKING,
        "test_unconfirmed_two_who_find_its_object_changed_pay_once",
        ("self._answers.take_over(answer_id, asked.nonce, nonce, until, failures)", "True"),
    ),
    fault(
        "forbidden_origin_is_no_proof",
        LOOKS,
        "test_unconfirmed_an_object_that_may_not_be_looked_at_confirms_nothing_for_another_key",
        (
            "    except (Gone, Misconfigured, Rejected):\n        return False",
            "    except (Gone, Misconfigured, Rejected):\n        return True",
        ),
    ),
    fault(
        "forbidden_look_voids",
        LOOKS,
        "test_forbidden_look_does_not_void_what_was_paid",
        (
            _LOOK,
            "        try:\n            return by.look(ref).head\n        except Exception:\n            return None\n\n    if found.new:",
        ),
    ),
    fault(
        "forbidden_look_confirms",
        LOOKS,
        "test_forbidden_look_does_not_confirm_what_saw_another_picture",
        (
            _LOOK,
            "        try:\n            return by.look(ref).head\n        except Exception:\n            return head\n\n    if found.new:",
        ),
    ),
    fault(
        "look_after_the_second",
        ASKING,
        "test_second_waited_out_a_picture_replaced_meanwhile_is_not_paid_for",
        ("if (self._wait_out_the_second(head) or waited) and", "if not self._wait_out_the_second(head) and waited and"),
    ),
    fault(
        "look_after_the_claim",
        ASKING,
        "test_claim_waited_for_the_same_picture_put_again_meanwhile_is_paid_once",
        ("if (self._wait_out_the_second(head) or waited) and", "if self._wait_out_the_second(head) and"),
    ),
    fault(
        "wait_forgotten_over_a_take_over",
        ASKING,
        "test_claim_waited_for_in_two_steps_the_same_picture_put_again_meanwhile_is_paid_once",
        ("waited = waited or busy", "waited = busy"),
    ),
    fault(
        "failures_counted",
        ASKING,
        "test_after_some_billed_calls_in_vain_the_event_is_acknowledged_and_no_further_call_is_made",
        ("if error.reason in IN_VAIN and", "if False and"),
    ),
    fault(
        "failures_added_up",
        ASKING,
        "test_after_some_billed_calls_in_vain_the_event_is_acknowledged_and_no_further_call_is_made",
        ("former.failures + 1 if former is not None else 1)", "1)"),
    ),
    fault(
        "failures_are_no_answer",
        ASKING,
        "test_after_some_billed_calls_in_vain_the_event_is_acknowledged_and_no_further_call_is_made",
        ("        if answer.failures:\n", "        if False:\n"),
    ),
    fault(
        "rest_is_kept",
        ASKING,
        "test_after_some_billed_calls_in_vain_the_event_is_acknowledged_and_no_further_call_is_made",
        ("is_early = rests(answer, self._time.now())", "is_early = False"),
    ),
    fault(
        "failures_put_back",
        ASKING,
        "test_a_picture_that_is_replaced_before_the_call_leaves_the_count_of_its_content",
        ("        if former is not None and self._count_failures(answer_id, former):\n            return\n", ""),
    ),
    fault(
        "deaths_counted",
        ASKING,
        "test_a_picture_that_kills_each_worker_would_be_paid_for_again_for_ever",
        ("if claim.failures > (former.failures if former is not None else 0):", "if False:"),
    ),
    fault(
        "failures_outlive_a_death",
        ASKING,
        "test_a_worker_that_dies_would_make_the_failures_before_it_be_forgotten",
        ("nonce, until, failures):", "nonce, until):"),
    ),
    fault(
        "leave_in_time",
        CALLING,
        "test_no_paid_call_begins_whose_answer_could_not_be_stored_in_time",
        ("        self.leave_in_time()\n        while True:", "        while True:"),
    ),
    fault(
        "leave_in_time_after_the_budget",
        CALLING,
        "test_no_paid_call_begins_after_a_budget_that_took_too_long_to_answer",
        (
            "        self.leave_in_time()  # The budget may have been slow: one call too many is counted then, and none is lost.\n",
            "",
        ),
    ),
    fault(
        "hold_by_bucket",
        CALLING,
        "test_one_bucket_that_the_detector_does_not_know_holds_no_call_for_another",
        ('return f"{picture.ref.store}://{picture.ref.bucket}"', 'return "any bucket"'),
    ),
    fault(
        "lock_polled_by_reading",
        LOCK,
        "test_a_lock_that_is_held_is_polled_by_reading",
        ("return True if over and take(by, ref, lock) else None", "return True if take(by, ref, lock) else None"),
    ),
    fault(
        "claim_polled_by_reading",
        ASKING,
        "test_a_claim_that_is_held_is_polled_by_reading",
        ("            if until is not None and until >= self._time.now():\n                return None\n", ""),
    ),
    fault(
        "error_raised_before_all_have_ended",
        PAIRS,
        "test_no_error_is_raised_before_every_call_has_ended",
        ("        here = _ended(last)\n", "        here = last(), None\n"),
    ),
    fault(
        "gone_wins",
        PAIRS,
        "test_an_error_that_is_not_gone_wins_wherever_it_stands",
        ("if not isinstance(error, Gone)", "if isinstance(error, Gone)"),
    ),
    fault(
        "results_in_the_order_of_their_ends",
        PAIRS,
        "test_results_come_in_the_order_of_the_calls",
        (
            "_results([*(other.result() for other in waiting), here])",
            "_results([here, *(other.result() for other in waiting)])",
        ),
    ),
]
