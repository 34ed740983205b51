"""The safeguards that concern interleavings: which scenario and which faults show what goes wrong without each.

The names are those of tests/planted/, whose changes are made to the code before it is loaded. A name with `model` in
its line is a condition of the index; the explorer has an index of its own, and switches the condition off there.
"""

from __future__ import annotations

from typing import NamedTuple


class Removed(NamedTuple):
    """A safeguard, and where its absence shows."""

    name: str
    scenario: str
    faults: str = ""
    redelivers: bool = True
    model: bool = False
    bound: int = 100_000
    """So many states are visited at most."""


REMOVED: tuple[Removed, ...] = (
    Removed("lock", "overwrite", "crash", redelivers=False),
    Removed("fence", "overwrite", "late"),
    Removed("hold_after_lost", "overwrite", "late"),
    Removed("keep_while_sent", "overwrite", "late"),
    Removed("head_before_write", "overwrite-kept", "crash", redelivers=False),
    Removed("head_before_store", "copy-overwrite"),
    Removed("cond_row", "overwrite-kept", "crash sleep", redelivers=False, model=True, bound=300_000),
    Removed("removal_locks", "again-kept", "crash sleep", redelivers=False, model=True),
    Removed("content_claim", "copies"),
    Removed("long_claim", "copies", "sleep"),
    Removed("claim_lease", "copies", "crash"),
    Removed("keep", "copies"),
    Removed("lease", "put", "crash"),
    Removed("reread", "tags"),
    Removed("merge", "put"),
    Removed("strip", "refused"),
    Removed("refusal_kept", "refused-twice"),
    Removed("row_before_tags", "tags-kept"),
    Removed("fresh_tags", "carried", "slow"),
    Removed("gone_restarts", "gone-second"),
    Removed("own_lock", "correct-setting"),
    Removed("fresh_token", "overwrite-kept", "crash twice", redelivers=False),
    Removed("finished_row_kept", "late", "forbid"),
    Removed("store_at_once", "put", "fail"),
    Removed("store_again", "put", "fail"),
    Removed("look_again_after_a_repeated_store", "tags", "fail"),
    Removed("unconfirmed", "copy-overwrite"),
    Removed("origin_head", "copy-overwrite"),
    Removed("full_equality", "copy-aba", bound=200_000),
    Removed("others_confirm", "copy-delete"),
    Removed("others_use", "copies"),
    Removed("take_over_in_one_step", "orphan"),
    Removed("take_over_claims", "orphan"),
    Removed("own_claim_not_known", "orphan", "lost"),
    Removed("fresh_nonce", "copy-aba", "twice"),
    Removed("forbidden_origin_is_no_proof", "copy-overwrite", "forbid", bound=400_000),
    Removed("forbidden_look_voids", "put", "forbid"),
    Removed("forbidden_look_confirms", "copy-overwrite", "forbid", bound=400_000),
    Removed("young_object_asked_about", "aba-second"),
    Removed("look_after_the_second", "aba-second"),
    Removed("look_after_the_claim", "claim"),
    Removed("budget_not_asked", "budget"),
    Removed("waiting_not_raised", "copies", "fail"),
    Removed("lost_lock_taken_for_done", "overwrite", "sleep"),
    Removed("claim_kept_when_object_went", "delete"),
    Removed("temp_not_kept", "copies", "fail"),
    Removed("failures_counted", "failing"),
    Removed("failures_added_up", "failing"),
    Removed("failures_are_no_answer", "failing"),
    Removed("rest_is_kept", "failing"),
    Removed("failures_put_back", "failing-overwrite"),
    Removed("row_before_tags_where_it_waits", "carried", "fail"),
    Removed("waiting_is_said", "overwrite", "forbid"),
    Removed("head_beside_row", "overwrite-kept", "forbid"),
    Removed("own_lock_that_lands_late", "put", "twice"),
)
