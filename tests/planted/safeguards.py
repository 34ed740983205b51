"""The safeguards of reconcile taken out one by one; each has its story in tests/usecases/test_safeguards.py."""

# ruff: noqa: E501 - quotes code as it stands

from tests.planted import fault

RECONCILE = "usecases/reconcile.py"
ANSWERS = "usecases/answers.py"
PLAN = "domain/plan.py"
TAGS = "domain/tags.py"
LEDGER = "embedded/ledger.py"

FAULTS = [
    fault(
        "lock",
        RECONCILE,
        "test_lock_two_workers_do_not_mix_their_labels",
        ("Lock(uuid4().hex)", 'Lock("everybody")'),
    ),
    fault(
        "fence",
        RECONCILE,
        "test_fence_a_tag_write_that_hangs_does_not_land_on_a_later_picture",
        ("before = min(lock.until, self.by.time.now() + FENCE)", "before = lock.until + 3600"),
    ),
    fault(
        "hold_after_lost",
        RECONCILE,
        "test_hold_after_lost_nobody_enters_while_a_tag_write_may_still_land",
        (
            "except (Gone, Rejected, Misconfigured):\n                lock.keep = False",
            "except Exception:\n                lock.keep = False",
        ),
    ),
    fault(
        "keep_while_sent",
        RECONCILE,
        "test_keep_while_sent_a_failing_ledger_does_not_free_a_key_whose_tag_write_hangs",
        ("            lock.keep = True\n            try:", "            try:"),
    ),
    fault(
        "head_before_write",
        RECONCILE,
        "test_head_before_write_a_late_event_does_not_put_old_labels_on_a_new_picture",
        ("found.gone or now.head != head", "found.gone or (now.head != head and not found.kept)"),
    ),
    fault(
        "head_before_store",
        RECONCILE,
        "test_head_before_store_an_answer_is_not_kept_for_a_picture_it_did_not_see",
        (
            "                self.answers.void(found, lock.token)\n                head",
            "                self.answers.keep(found, lock.token)\n                head",
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
        ('return None if claim.kind == "busy" else claim', "return claim"),
    ),
    fault(
        "long_claim",
        ANSWERS,
        "test_long_claim_a_slow_call_is_not_made_a_second_time",
        ("self._time.at(self._claim_until)", "self._time.now() + 1"),
    ),
    fault(
        "claim_lease",
        ANSWERS,
        "test_claim_lease_a_dead_owner_does_not_keep_a_picture_from_being_labelled",
        ("self._time.at(self._claim_until)", "self._time.now() + 1e9"),
    ),
    fault(
        "keep",
        ANSWERS,
        "test_keep_the_same_picture_under_another_key_costs_nothing",
        ("self._ledger.store(found.claim, token, found.answer)", "self.void(found, token)"),
    ),
    fault(
        "lease",
        RECONCILE,
        "test_lease_a_dead_worker_does_not_lock_a_key_for_ever",
        ("now + RESOLUTION + self.by.lease", "now + 1e9"),
    ),
    fault(
        "reread",
        RECONCILE,
        "test_reread_a_tag_that_the_user_sets_during_the_call_stays",
        ("            tags = self.by.objects.tags(self._versioned(head))", "            tags = self.early"),
        (
            "            found = self._found(head, lock)",
            "            self.early = self.by.objects.tags(self.ref) if head else {}\n            found = self._found(head, lock)",
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
            "return Found(_refused(seen, error.reason, str(error)), claim=id)",
            'raise Unavailable("detector_error") from error',
        ),
    ),
    fault(
        "temp_not_kept",
        ANSWERS,
        "test_temp_not_kept_a_throttled_call_is_made_again",
        (
            "        except (Unavailable, Misconfigured) as error:\n            self._ledger.give_back(id, token)\n            return Found(Answer(error.reason, str(error)))",
            "        except (Unavailable, Misconfigured) as error:\n            return Found(Answer(error.reason, str(error)), claim=id)",
        ),
    ),
]
