"""Faults in the use cases that only reconcile has."""

from tests.planted import fault

RECONCILE = "usecases/reconcile.py"
ATTEMPT = "usecases/attempt.py"
ENDING = "usecases/ending.py"
ASKING = "usecases/asking.py"
CALLING = "usecases/calling.py"
MODEL = "domain/model.py"
PLAN = "domain/plan.py"
LOOKS = "usecases/looks.py"
DELIVER = "usecases/deliver.py"

FAULTS = [
    fault(
        "size_limit_off_by_one",
        PLAN,
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
        ("is_meant = _has_row(by, decoded) and not _has_row(by, change.ref)", "is_meant = False"),
    ),
    fault(
        "row_of_the_decoded_key_goes_with_the_raw_one",
        RECONCILE,
        "test_the_removal_of_a_key_that_only_looks_encoded_leaves_the_other_row",
        (" and not _has_row(by, change.ref)", ""),
    ),
    fault(
        "waiting_not_raised",
        ATTEMPT,
        "test_temp_not_kept_a_throttled_call_is_made_again",
        ("if done.outcome.state is State.WAITING:", "if False:"),
    ),
    fault(
        "last_look_off",
        ENDING,
        "test_a_change_whose_event_is_lost_right_after_the_tag_write_is_seen_by_the_last_look",
        ("    if not done or last != seen.head:\n", "    if not done:\n"),
    ),
    fault(
        "last_look_after_removal_off",
        ENDING,
        "test_an_object_that_comes_back_right_after_its_removal_is_labelled",
        ("planned.state is State.UNDONE or", "planned.state in (State.UNDONE, State.REMOVED) or"),
    ),
    fault(
        "version_not_named",
        MODEL,
        "test_a_versioned_object_is_read_and_tagged_by_its_version",
        ("return ref if ref.version == head.version else replace(ref, version=head.version)", "return ref"),
    ),
    fault(
        "write_at_the_lease_end",
        ATTEMPT,
        "test_a_worker_with_too_little_of_its_lease_left_does_not_begin_to_write",
        ("if planned.tags is not None and not has_time", "if False and not has_time"),
    ),
    fault(
        "paid_answer_thrown_away",
        LOOKS,
        "test_an_answer_that_was_paid_for_survives_a_store_that_fails_right_after",
        (
            "repeated, now, held = by.at_once(lambda: store(by.answers, found, by.clock, deadline), look, tags)",
            "now, held = by.at_once(look, tags)\n        repeated = store(by.answers, found, by.clock, deadline)",
        ),
    ),
    fault(
        "confirmed_without_looking",
        LOOKS,
        "test_an_answer_for_another_picture_is_not_rescued_when_the_store_fails_right_after",
        ("        return by.look(asked.ref).head == asked.head\n", "        return True\n"),
    ),
    fault(
        "trace_of_waiting_lost",
        ATTEMPT,
        "test_a_port_that_fails_once_is_waited_for_and_leaves_its_reason",
        ("return error.reason if isinstance(error, Unavailable) else None", "return None"),
    ),
    fault(
        "lost_lock_taken_for_done",
        ENDING,
        "test_a_sleeper_whose_lock_was_taken_over_starts_again",
        ("    if not done or last != seen.head:\n", "    if last != seen.head:\n"),
    ),
    fault(
        "claim_kept_when_object_went",
        ASKING,
        "test_a_picture_that_went_during_its_call_does_not_block_its_copy",
        (
            "            found = Found(Answer(Reason.UNSETTLED), gone=True)\n",
            "            return Found(Answer(Reason.UNSETTLED), gone=True)\n",
        ),
    ),
    fault(
        "claim_kept_after_a_crash",
        ASKING,
        "test_a_crash_in_our_own_code_frees_the_key_and_the_claim",
        (
            "        except BaseException:\n            self._end_claim(answer_id, nonce, former)\n",
            "        except BaseException:\n",
        ),
    ),
    fault(
        "young_object_asked_about",
        ASKING,
        "test_a_b_a_within_a_second_does_not_poison_the_answer",
        ("if (self._wait_out_the_second(head) or waited) and", "if waited and"),
    ),
    fault(
        "broken_detector_called_on",
        CALLING,
        "test_a_detector_that_a_person_must_mend_is_not_called_again_for_a_while",
        (
            "self._by.time.now() + HOLD)",
            "self._by.time.now())",
        ),
    ),
    fault(
        "free_call_counted_as_paid",
        CALLING,
        "test_a_call_that_costs_nothing_is_not_counted_as_paid",
        ("self.paid_calls += self._detector.calls if self._detector.paid else 0", "self.paid_calls += 1"),
    ),
    fault(
        "budget_not_asked",
        CALLING,
        "test_a_detector_that_a_person_must_mend_is_not_called_again_for_a_while",
        (
            "reason = self._budget.take(name, _bucket(picture), now, self._limits, self._detector.calls)",
            "reason = None",
        ),
    ),
    fault(
        "one_error_ends_the_event",
        DELIVER,
        "test_one_record_that_waits_does_not_keep_the_others_from_being_labelled",
        (
            "    except LabelingError as error:\n        return Delivered(change, None, error, measure.spent())",
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
