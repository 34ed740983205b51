"""Faults in the use cases that only reconcile has."""

from tests.planted import fault

RECONCILE = "usecases/reconcile.py"
DELIVERY = "usecases/delivery.py"
LOOKS = "usecases/looks.py"
ANSWERS = "usecases/answers.py"
DELIVER = "usecases/deliver.py"

FAULTS = [
    fault(
        "size_limit_off_by_one",
        ANSWERS,
        "test_a_picture_at_the_limits_is_labelled",
        ("if head.size > ", "if head.size >= "),
    ),
    fault(
        "decoded_key_believed",
        RECONCILE,
        "test_a_decoded_key_of_another_content_is_left_alone",
        ('change.kind == "created" and _fits(change, there)', 'change.kind == "created"'),
    ),
    fault(
        "removal_of_a_decoded_key_unread",
        RECONCILE,
        "test_a_removal_is_read_as_the_creation_was_and_leaves_no_row",
        ("is_meant = self._has_row(decoded) and not self._has_row(change.ref)", "is_meant = False"),
    ),
    fault(
        "row_of_the_decoded_key_goes_with_the_raw_one",
        RECONCILE,
        "test_the_removal_of_a_key_that_only_looks_encoded_leaves_the_other_row",
        (" and not self._has_row(change.ref)", ""),
    ),
    fault(
        "waiting_not_raised",
        DELIVERY,
        "test_temp_not_kept_a_throttled_call_is_made_again",
        ('if outcome.state == "waiting":', "if False:"),
    ),
    fault(
        "last_look_off",
        DELIVERY,
        "test_a_change_whose_event_is_lost_right_after_the_tag_write_is_seen_by_the_last_look",
        ("return outcome if done and last == head else None", "return outcome if done else None"),
    ),
    fault(
        "last_look_after_removal_off",
        DELIVERY,
        "test_an_object_that_comes_back_right_after_its_removal_is_labelled",
        ("return outcome if done and last is None else None", "return outcome if done else None"),
    ),
    fault(
        "version_not_named",
        LOOKS,
        "test_a_versioned_object_is_read_and_tagged_by_its_version",
        (
            "return ref if ref.version == head.version else replace(ref, version=head.version)",
            "return ref",
        ),
    ),
    fault(
        "write_at_the_lease_end",
        DELIVERY,
        "test_a_worker_with_too_little_of_its_lease_left_does_not_begin_to_write",
        ("if planned.tags is not None and ", "if False and "),
    ),
    fault(
        "paid_answer_thrown_away",
        LOOKS,
        "test_an_answer_that_was_paid_for_survives_a_store_that_fails_right_after",
        (
            "repeated, now, held = by.at_once(lambda: answers.store(found), look, tags)",
            "now, held = by.at_once(look, tags)\n        repeated = answers.store(found)",
        ),
    ),
    fault(
        "confirmed_without_looking",
        ANSWERS,
        "test_an_answer_for_another_picture_is_not_rescued_when_the_store_fails_right_after",
        ("            return self._look(asked.ref).head == asked.head\n", "            return True\n"),
    ),
    fault(
        "trace_of_waiting_lost",
        DELIVERY,
        "test_a_port_that_fails_once_is_waited_for_and_leaves_its_reason",
        ("waiting = error.reason if isinstance(error, Unavailable) else None", "waiting = None"),
    ),
    fault(
        "lost_lock_taken_for_done",
        DELIVERY,
        "test_a_sleeper_whose_lock_was_taken_over_starts_again",
        ("return outcome if done and last == head else None", "return outcome if last == head else None"),
    ),
    fault(
        "claim_kept_when_object_went",
        ANSWERS,
        "test_a_picture_that_went_during_its_call_does_not_block_its_copy",
        (
            '            found = Found(Answer("unsettled"), gone=True)\n',
            '            return Found(Answer("unsettled"), gone=True)\n',
        ),
    ),
    fault(
        "claim_kept_after_a_crash",
        ANSWERS,
        "test_a_crash_in_our_own_code_frees_the_key_and_the_claim",
        (
            "        except BaseException:\n            self._ledger.give_back(id, nonce)\n",
            "        except BaseException:\n",
        ),
    ),
    fault(
        "young_object_asked_about",
        ANSWERS,
        "test_a_b_a_within_a_second_does_not_poison_the_answer",
        ("if (self._wait_out_the_second(head) or waited) and", "if waited and"),
    ),
    fault(
        "broken_detector_called_on",
        ANSWERS,
        "test_a_detector_that_a_person_must_mend_is_not_called_again_for_a_while",
        ("            self._ledger.hold(budget, error.reason, self._time.now() + HOLD)\n", ""),
    ),
    fault(
        "free_call_counted_as_paid",
        ANSWERS,
        "test_a_call_that_costs_nothing_is_not_counted_as_paid",
        ("self.paid_calls += self._detector.paid", "self.paid_calls += 1"),
    ),
    fault(
        "budget_not_asked",
        ANSWERS,
        "test_a_detector_that_a_person_must_mend_is_not_called_again_for_a_while",
        (
            "if (reason := self._ledger.take(budget, self._time.now())) is not None:",
            "if (reason := None) is not None:",
        ),
    ),
    fault(
        "one_error_ends_the_event",
        DELIVER,
        "test_one_record_that_waits_does_not_keep_the_others_from_being_labelled",
        (
            "    except LabelingError as error:\n        return Delivered(change, None, error)",
            "    except LabelingError:\n        raise",
        ),
    ),
    fault(
        "records_of_one_object_at_once",
        DELIVER,
        "test_records_of_one_object_go_one_after_the_other",
        ("groups.setdefault(change.ref.uri, [])", "groups.setdefault(str(number), [])"),
    ),
]
