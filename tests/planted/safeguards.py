"""The safeguards of reconcile taken out one by one; each has its story in tests/usecases/test_safeguards.py.

Those of answers that nobody has confirmed yet are in tests/planted/unconfirmed.py.
"""

# ruff: noqa: E501 - quotes code as it stands

from tests.planted import fault

DELIVERY = "usecases/delivery.py"
LOOKS = "usecases/looks.py"
ANSWERS = "usecases/answers.py"
PLAN = "domain/plan.py"
TAGS = "domain/tags.py"
LEDGER = "sqlite/ledger.py"

FAULTS = [
    fault(
        "lock",
        DELIVERY,
        "test_lock_two_workers_do_not_mix_their_labels",
        ("Lock(uuid4().hex, former)", 'Lock("everybody", former)'),
    ),
    fault(
        "fence",
        DELIVERY,
        "test_fence_a_tag_write_that_hangs_does_not_land_on_a_later_picture",
        ("before = min(lock.until, self.by.time.now() + FENCE)", "before = lock.until + 3600"),
    ),
    fault(
        "hold_after_lost",
        DELIVERY,
        "test_hold_after_lost_nobody_enters_while_a_tag_write_may_still_land",
        (
            "except (Gone, Rejected, Misconfigured):\n            lock.keep = False",
            "except Exception:\n            lock.keep = False",
        ),
    ),
    fault(
        "keep_while_sent",
        DELIVERY,
        "test_keep_while_sent_an_interrupt_does_not_free_a_key_whose_tag_write_is_under_way",
        ("        lock.keep = True\n        try:", "        try:"),
    ),
    fault(
        "head_before_write",
        DELIVERY,
        "test_head_before_write_a_late_event_does_not_put_old_labels_on_a_new_picture",
        (
            "            if now != head:\n                self.answers.void",
            "            if now != head and not found.kept:\n                self.answers.void",
        ),
    ),
    fault(
        "head_before_store",
        DELIVERY,
        "test_head_before_store_an_answer_is_not_kept_for_a_picture_it_did_not_see",
        (
            "                self.answers.void(found)\n                head = now\n",
            "                self.answers.store(replace(found, answer=replace(found.answer, asked=None)))\n                head = now\n",
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
        ANSWERS,
        "test_content_claim_two_copies_at_once_are_paid_once",
        (
            '        if first.kind != "busy":\n            return first, False\n        return until',
            '        if first.kind == "busy":\n            return Claim("mine"), False\n        if True:\n            return first, False\n        return until',
        ),
    ),
    fault(
        "long_claim",
        ANSWERS,
        "test_long_claim_a_slow_call_is_not_made_a_second_time",
        (
            "id, nonce, self._time.at(self._claim_until), self._time.now())",
            "id, nonce, self._time.now() + 1, self._time.now())",
        ),
    ),
    fault(
        "claim_lease",
        ANSWERS,
        "test_claim_lease_a_dead_owner_does_not_keep_a_picture_from_being_labelled",
        (
            "id, nonce, self._time.at(self._claim_until), self._time.now())",
            "id, nonce, self._time.now() + 1e9, self._time.now())",
        ),
    ),
    fault(
        "keep",
        ANSWERS,
        "test_keep_the_same_picture_under_another_key_costs_nothing",
        (
            "self._ledger.store(found.proof.answer_id, found.proof.nonce, found.answer)",
            "self._ledger.give_back(found.proof.answer_id, found.proof.nonce)",
        ),
    ),
    fault(
        "lease",
        DELIVERY,
        "test_lease_a_dead_worker_does_not_lock_a_key_for_ever",
        ("now + RESOLUTION + self.by.lease", "now + 1e9"),
    ),
    fault(
        "reread",
        DELIVERY,
        "test_reread_a_tag_that_the_user_sets_during_the_call_stays",
        (
            "                now, tags = second_look(self.by, self.answers, found, self.ref, head)",
            "                now, tags = second_look(self.by, self.answers, found, self.ref, head)[0], self.early",
        ),
        (
            "            found, row = self._found(head)",
            "            self.early = self.by.objects.tags(self.ref) if head else {}\n            found, row = self._found(head)",
        ),
    ),
    fault("merge", TAGS, "test_merge_the_users_own_tags_stay", ("Wanted(theirs | written", "Wanted(written")),
    fault(
        "strip",
        PLAN,
        "test_strip_labels_of_another_picture_go_when_this_one_has_none",
        ('answer.reason != "symlink"', "answer.reason is None"),
    ),
    fault(
        "removal_locks",
        LEDGER,
        "test_removal_locks_a_late_removal_does_not_drop_the_row_of_a_picture_that_came_back",
        ("AND lock = ?", "AND ? IS NOT NULL"),
    ),
    fault(
        "refusal_kept",
        ANSWERS,
        "test_refusal_kept_a_picture_that_was_refused_is_not_paid_again_under_another_key",
        (
            "return found(_refused(seen, error.reason, str(error)))",
            'raise Unavailable("detector_error") from error',
        ),
    ),
    fault(
        "temp_not_kept",
        ANSWERS,
        "test_temp_not_kept_a_throttled_call_is_made_again",
        (
            "        except (Unavailable, Misconfigured, Rejected) as error:\n            found = Found(Answer(error.reason, str(error)))",
            "        except (Unavailable, Misconfigured, Rejected) as error:\n            return Found(Answer(error.reason, str(error)), new=True, proof=Proof(id, nonce, True))",
        ),
    ),
    fault(
        "row_before_tags",
        DELIVERY,
        "test_row_before_tags_a_tag_that_the_user_sets_while_the_row_is_read_stays",
        ("            row = self._recorded()\n        # What", "            pass\n        # What"),
        (
            "            if now != head:\n                self.answers.void",
            "            row = self._recorded() if found.kept else row\n            if now != head:\n                self.answers.void",
        ),
    ),
    fault(
        "row_before_tags_where_it_waits",
        DELIVERY,
        "test_row_before_tags_a_tag_stays_too_where_the_detector_is_throttled_and_stale_labels_go",
        ("if (found.kept or passing) and not self.look_at_row:", "if found.kept and not self.look_at_row:"),
        (
            "            if (outcome := self._put_off(lock, head, found.",
            "            self._recorded()\n            if (outcome := self._put_off(lock, head, found.",
        ),
    ),
    fault(
        "what_may_pass_is_told_again",
        DELIVERY,
        "test_temp_not_kept_a_call_that_is_throttled_again_is_given_back_to_the_platform_again",
        ("return found, None if passing else row", "return found, row"),
    ),
    fault(
        "fresh_tags",
        LOOKS,
        "test_fresh_tags_that_were_read_half_a_second_ago_are_read_again",
        (" or by.clock.monotonic() - answered > FRESH", ""),
    ),
    fault(
        "gone_restarts",
        DELIVERY,
        "test_gone_while_tags_are_read_never_means_that_there_are_none",
        (
            "                now, tags = second_look(self.by, self.answers, found, self.ref, head)\n            except Gone:\n                head = self.by.look(self.ref).head\n                continue\n",
            "                now, tags = second_look(self.by, self.answers, found, self.ref, head)\n            except Gone:\n                now, tags = self.by.look(self.ref).head, {}\n",
        ),
    ),
    fault(
        "own_lock",
        DELIVERY,
        "test_own_lock_a_delivery_does_not_wait_for_the_lease_of_its_own_earlier_round",
        ("            former = lock.token\n", ""),
    ),
    fault(
        "fresh_token",
        DELIVERY,
        "test_fresh_token_a_finish_that_lands_twice_does_not_write_the_row_of_an_earlier_round",
        ("Lock(uuid4().hex, former)", "Lock(former or uuid4().hex, former)"),
    ),
    fault(
        "strip_what_is_archived_at_read",
        ANSWERS,
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
        DELIVERY,
        "test_history_a_delivery_that_has_to_start_again_counts_each_call_once",
        ("calls = outcome.paid_calls - self.told_calls", "calls = outcome.paid_calls"),
    ),
    fault(
        "inherited_noted",
        DELIVERY,
        "test_inherited_tags_of_the_user_that_a_late_upload_got_from_the_picture_before_are_noted",
        ("        self.wrote = head, tags\n", ""),
    ),
    fault(
        "last_look_is_a_belt",
        DELIVERY,
        "test_last_look_after_a_removal_that_fails_takes_nothing_back",
        ("lambda: self._last_look(None)", "lambda: self.by.look(self.ref).head"),
    ),
    fault(
        "finished_row_kept",
        DELIVERY,
        "test_a_good_row_of_the_same_object_stays_and_says_what_it_waits_for",
        ("if self.record is None or not stands(self.record, head):", "if True:"),
    ),
    fault(
        "row_of_the_same_head",
        PLAN,
        "test_a_row_of_another_picture_is_parked_and_says_that_the_tags_were_not_seen",
        ("(head is None or record.head == head)", "True"),
    ),
    fault(
        "waiting_is_said",
        DELIVERY,
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
        DELIVERY,
        "test_a_row_that_waited_already_when_its_picture_was_replaced_says_that_the_tags_were_not_seen",
        (
            "            self._recorded()\n            if (outcome",
            "            self.record = self._recorded()\n            if (outcome",
        ),
    ),
    fault(
        "unseen_tags_said_again",
        DELIVERY,
        "test_a_row_that_could_not_be_looked_after_twice_still_says_that_the_tags_were_not_seen",
        ("(bool(self.record.tags_written) or NOT_SEEN in self.record.notes)", "bool(self.record.tags_written)"),
    ),
]
