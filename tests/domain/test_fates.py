"""These tests check what is told of an object before anybody looks at it: from its line in the list and its row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain.fates import Fate, Foretold, fate
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import DetectorTraits, ImageRecord, ObjectHead, ObjectRef, crc64
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.plan import Seen
from imagelabels.domain.policy import Policy
from imagelabels.domain.taxonomy import Taxonomy

REF = ObjectRef("oss", "album", "cat.jpg")
HEAD = ObjectHead("ABC", 10, crc64("xz", "5"), 1_700_000_000)
LISTED = Listed(REF, "abc", 10, 1_700_000_000.0, "Standard")
SEEN = Seen(REF, None, Policy(), Taxonomy([], 1), DetectorTraits("oss", "oss/1", 1000, (".jpg",)), setting="oss/1")
RECORD = ImageRecord(REF, State.LABELLED, None, HEAD, "c", "oss/1", "digest", "oss", "1")


def told(record: ImageRecord | None = RECORD, listed: Listed = LISTED, seen: Seen = SEEN, free: bool = True) -> Fate:
    return fate(listed, seen, record, "digest", free).fate


def test_an_object_that_is_labelled_for_its_content_and_policy_needs_nothing() -> None:
    assert fate(LISTED, SEEN, RECORD, "digest") == Foretold(Fate.DONE)


def test_an_object_without_a_row_needs_a_call() -> None:
    assert told(None) is Fate.ASK


@pytest.mark.parametrize(
    "listed",
    [
        replace(LISTED, etag="other"),
        replace(LISTED, size=11),
        replace(LISTED, modified=1_700_000_001.0),
        replace(LISTED, crc64=crc64("xz", "6")),
        replace(LISTED, etag=""),
    ],
)
def test_an_object_with_another_content_than_its_row_is_not_done(listed: Listed) -> None:
    assert told(listed=listed) is Fate.ASK


def test_a_list_without_times_does_not_make_everything_be_asked_about_again() -> None:
    assert told(listed=replace(LISTED, modified=None)) is Fate.DONE


def test_another_policy_costs_no_call_where_an_answer_is_kept() -> None:
    assert told(replace(RECORD, policy="older")) is Fate.REPLAN
    refused = replace(RECORD, policy="older", state=State.SKIPPED, reason=Reason.DETECTOR_REFUSED)
    assert told(refused) is Fate.REPLAN


def test_a_place_that_was_excluded_before_needs_calls_now() -> None:
    assert told(replace(RECORD, policy="older", state=State.SKIPPED, reason=Reason.EXCLUDED)) is Fate.ASK


def test_another_detector_needs_calls() -> None:
    assert told(replace(RECORD, setting="oss/0")) is Fate.ASK


@pytest.mark.parametrize("state", [State.PARKED, State.FAILED, State.WAITING])
def test_what_stands_still_is_tried_again(state: State) -> None:
    assert told(replace(RECORD, state=state)) is Fate.ASK


def test_a_row_that_a_delivery_holds_or_left_a_reason_at_is_not_done() -> None:
    assert told(free=False) is Fate.ASK


@pytest.mark.parametrize(
    ("listed", "reason"),
    [
        (replace(LISTED, ref=replace(REF, key="album/"), size=0), Reason.FOLDER_MARKER),
        (replace(LISTED, size=0), Reason.EMPTY),
        (replace(LISTED, size=1001), Reason.TOO_LARGE),
        (replace(LISTED, ref=replace(REF, key="notes.txt")), Reason.UNSUPPORTED_FORMAT),
        *((replace(LISTED, storage_class=name), Reason.ARCHIVED) for name in ("Archive", "ColdArchive", "ARCHIVE")),
        (replace(LISTED, storage_class="DEEP_ARCHIVE"), Reason.ARCHIVED),
    ],
)
def test_what_the_list_shows_to_need_no_call_is_told_with_its_reason(listed: Listed, reason: Reason) -> None:
    assert fate(listed, SEEN, None, "digest") == Foretold(Fate.NO_CALL, reason)


def test_a_place_that_the_policy_excludes_needs_no_call() -> None:
    excluding = replace(SEEN, policy=Policy(label=False))
    assert fate(LISTED, excluding, replace(RECORD, policy="older"), "digest") == Foretold(Fate.NO_CALL, Reason.EXCLUDED)


def test_an_archived_object_is_done_until_its_class_shows_that_it_is_not_archived_any_more() -> None:
    archived = replace(RECORD, state=State.SKIPPED, reason=Reason.ARCHIVED)
    assert told(archived, replace(LISTED, storage_class="Archive")) is Fate.DONE
    assert told(archived) is Fate.ASK


def test_a_link_is_done_until_it_is_put_anew_though_the_list_shows_another_etag_than_head() -> None:
    link = replace(RECORD, state=State.SKIPPED, reason=Reason.SYMLINK)
    listed = replace(LISTED, etag="link", size=0)
    assert told(link, listed) is Fate.DONE
    assert told(link, replace(listed, modified=1_600_000_000.0)) is Fate.DONE  # The target is newer than the link.
    assert told(link, replace(listed, modified=1_700_000_001.0)) is not Fate.DONE
    assert told(link, replace(listed, modified=None)) is not Fate.DONE
    assert told(RECORD, listed) is not Fate.DONE
