"""The safeguards of reconcile taken out one by one; each has its story in tests/usecases/test_safeguards.py.

Those of answers that nobody has confirmed yet are in tests/planted/unconfirmed.py.
"""

# ruff: noqa: E501 - quotes code as it stands

from tests.planted import fault

ATTEMPT = "usecases/attempt.py"
ENDING = "usecases/ending.py"
LOCK = "usecases/lock.py"
LOOKS = "usecases/looks.py"
ASKING = "usecases/asking.py"
FOUND = "usecases/found.py"
PLAN = "domain/plan.py"
TAGS = "domain/tags.py"
LEDGER = "sqlite/ledger.py"

FAULTS = [
    fault(
        "lock",
        ATTEMPT,
        "test_lock_two_workers_do_not_mix_their_labels",
        ("Lock(uuid4().hex, errand.event_id, former)", 'Lock("everybody", errand.event_id, former)'),
    ),
    fault(
        "fence",
        ENDING,
        "test_fence_a_tag_write_that_hangs_does_not_land_on_a_later_picture",
        ("before = min(lock.until, by.time.now() + FENCE)", "before = lock.until + 3600"),
    ),
    fault(
        "hold_after_lost",
        ENDING,
        "test_hold_after_lost_nobody_enters_while_a_tag_write_may_still_land",
        (
            "except (Gone, Rejected, Misconfigured):\n        lock.keep = False",
            "except Exception:\n        lock.keep = False",
        ),
    ),
    fault(
        "keep_while_sent",
        ENDING,
        "test_keep_while_sent_an_interrupt_does_not_free_a_key_whose_tag_write_is_under_way",
        ("    lock.keep = True\n    try:", "    try:"),
    ),
    fault(
        "head_before_write",
        ATTEMPT,
        "test_head_before_write_a_late_event_does_not_put_old_labels_on_a_new_picture",
        (
            "            if now != head:\n                void",
            "            if now != head and not found.kept:\n                void",
        ),
    ),
    fault(
        "head_before_store",
        ATTEMPT,
        "test_head_before_store_an_answer_is_not_kept_for_a_picture_it_did_not_see",
        (
            "                void(work.by.answers, found)\n                head = now\n",
            "                proof, answer = found.proof, found.answer\n                if proof is not None:\n                    known = Answer(answer.reason, answer.message, answer.detection)\n                    work.by.answers.store(proof.answer_id, proof.nonce, known)\n                head = now\n",
        ),
    ),
    fault(
        "cond_row",
        LEDGER,
        "test_cond_row_a_sleeper_does_not_write_its_row_over_a_newer_one",
        ("AND lock = ?", "AND ? IS NOT NULL"),
    ),
    fault(
        "content_claim",
        ASKING,
        "test_content_claim_two_copies_at_once_are_paid_once",
        (
            '        if first.kind != "busy":\n            return first, False\n        return until',
            '        if first.kind == "busy":\n            return Claim("mine"), False\n        if True:\n            return first, False\n        return until',
        ),
    ),
    fault(
        "long_claim",
        ASKING,
        "test_long_claim_a_slow_call_is_not_made_a_second_time",
        (
            "answer_id, nonce, self._time.at(self._claim_until), self._time.now())",
            "answer_id, nonce, self._time.now() + 1, self._time.now())",
        ),
    ),
    fault(
        "claim_lease",
        ASKING,
        "test_claim_lease_a_dead_owner_does_not_keep_a_picture_from_being_labelled",
        (
            "answer_id, nonce, self._time.at(self._claim_until), self._time.now())",
            "answer_id, nonce, self._time.now() + 1e9, self._time.now())",
        ),
    ),
    fault(
        "keep",
        FOUND,
        "test_keep_the_same_picture_under_another_key_costs_nothing",
        (
            "answers.store(found.proof.answer_id, found.proof.nonce, found.answer)",
            "answers.give_back(found.proof.answer_id, found.proof.nonce)",
        ),
    ),
    fault(
        "lease",
        LOCK,
        "test_lease_a_dead_worker_does_not_lock_a_key_for_ever",
        ("now + RESOLUTION + by.lease", "now + 1e9"),
    ),
    fault(
        "reread",
        ATTEMPT,
        "test_reread_a_tag_that_the_user_sets_during_the_call_stays",
        (
            "            now, tags = _second_look(work, head, found)",
            "            now, tags = _second_look(work, head, found)[0], early",
        ),
        (
            "        found = _found(work, head)\n",
            "        early = work.by.objects.tags(work.ref) if head else {}\n        found = _found(work, head)\n",
        ),
    ),
    fault("merge", TAGS, "test_merge_the_users_own_tags_stay", ("Wanted(theirs | written", "Wanted(written")),
    fault(
        "strip",
        PLAN,
        "test_strip_labels_of_another_picture_go_when_this_one_has_none",
        ("want.tags != tags and not is_link", "want.tags != tags and answer.reason is None"),
    ),
    fault(
        "removal_locks",
        LEDGER,
        "test_removal_locks_a_late_removal_does_not_drop_the_row_of_a_picture_that_came_back",
        ("AND lock = ?", "AND ? IS NOT NULL"),
    ),
    fault(
        "refusal_kept",
        ASKING,
        "test_refusal_kept_a_picture_that_was_refused_is_not_paid_again_under_another_key",
        ("return found(refused(seen, error.reason, str(error)))", 'raise Unavailable("detector_error") from error'),
    ),
    fault(
        "temp_not_kept",
        ASKING,
        "test_temp_not_kept_a_throttled_call_is_made_again",
        (
            "        except (Unavailable, Misconfigured, Rejected) as error:\n            found = Found(Answer(error.reason, str(error)))",
            "        except (Unavailable, Misconfigured, Rejected) as error:\n            return Found(Answer(error.reason, str(error)), new=True, proof=Proof(answer_id, nonce, True))",
        ),
    ),
    fault(
        "row_before_tags",
        ATTEMPT,
        "test_row_before_tags_a_tag_that_the_user_sets_while_the_row_is_read_stays",
        ("and not first:\n        work.read_row()", "and not first:\n        pass"),
        (
            "            if now != head:\n                void",
            "            if found.kept:\n                work.read_row()\n            if now != head:\n                void",
        ),
    ),
    fault(
        "row_before_tags_where_it_waits",
        ATTEMPT,
        "test_row_before_tags_a_tag_stays_too_where_the_detector_is_throttled_and_stale_labels_go",
        ("(found.kept or passes) and not first", "found.kept and not first"),
        (
            "            seen = work.seen(head, found, tags)\n            planned",
            "            if found.answer.reason is not None and found.answer.reason.may_pass:\n                work.read_row()\n            seen = work.seen(head, found, tags)\n            planned",
        ),
    ),
    fault(
        "what_may_pass_is_told_again",
        PLAN,
        "test_temp_not_kept_a_call_that_is_throttled_again_is_given_back_to_the_platform_again",
        (" and not passes and _records", " and _records"),
    ),
    fault(
        "fresh_tags",
        LOOKS,
        "test_fresh_tags_that_were_read_half_a_second_ago_are_read_again",
        (" or by.clock.monotonic() - answered > FRESH", ""),
    ),
    fault(
        "gone_restarts",
        ATTEMPT,
        "test_gone_while_tags_are_read_never_means_that_there_are_none",
        (
            "            now, tags = _second_look(work, head, found)\n",
            "            try:\n                now, tags = _second_look(work, head, found)\n            except Gone:\n                now, tags = work.look(), {}\n",
        ),
    ),
    fault(
        "own_lock",
        ATTEMPT,
        "test_own_lock_a_delivery_does_not_wait_for_the_lease_of_its_own_earlier_round",
        ("        former = lock.token\n", ""),
    ),
    fault(
        "fresh_token",
        ATTEMPT,
        "test_fresh_token_a_finish_that_lands_twice_does_not_write_the_row_of_an_earlier_round",
        ("Lock(uuid4().hex, errand.event_id, former)", "Lock(former or uuid4().hex, errand.event_id, former)"),
    ),
    fault(
        "strip_what_is_archived_at_read",
        ASKING,
        "test_archived_found_while_reading_takes_the_labels_of_another_picture_off",
        ("except (Unavailable, Misconfigured, Rejected) as error:", "except (Unavailable, Misconfigured) as error:"),
    ),
    fault(
        "line_per_delivery",
        LEDGER,
        "test_history_a_second_delivery_does_not_hide_what_the_first_one_paid",
        ('f"{entry.event_id} {token}"', "entry.event_id"),
    ),
    fault(
        "calls_told_once",
        ENDING,
        "test_history_a_delivery_that_has_to_start_again_counts_each_call_once",
        ("calls = work.errand.paid_calls() - work.told_calls", "calls = work.errand.paid_calls()"),
    ),
    fault(
        "inherited_noted",
        ENDING,
        "test_inherited_tags_of_the_user_that_a_late_upload_got_from_the_picture_before_are_noted",
        ("    work.wrote = seen.head, tags\n", ""),
    ),
    fault(
        "last_look_is_a_belt",
        ENDING,
        "test_last_look_after_a_removal_that_fails_takes_nothing_back",
        ("    except LabelingError:\n        return seen.head\n", "    except LabelingError:\n        raise\n"),
    ),
    fault(
        "finished_row_kept",
        PLAN,
        "test_a_good_row_of_the_same_object_stays_and_says_what_it_waits_for",
        (
            "    if _is_good(seen):\n        return Plan(reason.state, reason, stands=True)\n    # The tags",
            "    # The tags",
        ),
    ),
    fault(
        "row_of_the_same_head",
        PLAN,
        "test_a_row_of_another_picture_is_parked_and_says_that_the_tags_were_not_seen",
        ("return seen.head is None or record.head == seen.head", "return True"),
    ),
    fault(
        "head_beside_row",
        ATTEMPT,
        "test_a_late_delivery_that_is_hindered_does_not_replace_the_row_of_a_newer_picture",
        ("work.seen(_head_beside_row(work))", "work.seen(work.head)"),
    ),
    fault(
        "own_lock_that_lands_late",
        LOCK,
        "test_own_lock_a_request_for_it_that_lands_after_it_was_refused_is_not_waited_for",
        ("(None, lock.token, lock.former)", "(None, lock.former)"),
    ),
    fault(
        "waiting_is_said",
        ENDING,
        "test_a_good_row_of_the_same_object_stays_and_says_what_it_waits_for",
        ("lock.token, None, entry, None, reason)", "lock.token, None, entry)"),
    ),
    fault(
        "waiting_is_cleared",
        LEDGER,
        "test_the_next_delivery_clears_what_a_good_row_waited_for",
        ("SET {_FREE}, waiting = NULL, version", "SET {_FREE}, version"),
    ),
    fault(
        "unseen_tags_said",
        ATTEMPT,
        "test_a_row_that_waited_already_when_its_picture_was_replaced_says_that_the_tags_were_not_seen",
        (
            "        work.read_row()\n        seen = work.seen(_head_beside_row(work))\n",
            "        work.read_row()\n        work.record = work.record if work.may_stay else None\n        seen = work.seen(work.head)\n",
        ),
    ),
    fault(
        "unseen_tags_said_again",
        PLAN,
        "test_a_row_that_could_not_be_looked_after_twice_still_says_that_the_tags_were_not_seen",
        ("(bool(record.tags_written) or Note.TAGS_NOT_SEEN in record.notes)", "bool(record.tags_written)"),
    ),
]
