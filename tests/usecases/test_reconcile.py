"""What becomes of an object, told as stories."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from imagelabels.domain.errors import LabelingError, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import Label, ObjectRef, Outcome, Tags
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.policy import Policy
from tests.fakes import jpeg, label
from tests.world import TIMEOUT, J, K, World

CAT, DOG = {"label:cat": "mammal"}, {"label:dog": "mammal"}


def outcome(got: Outcome | str) -> Outcome:
    assert isinstance(got, Outcome), got
    return got


def test_a_new_picture_gets_tags_row_and_history(world: World) -> None:
    world.user_puts(K, "cat")()
    got = outcome(world.worker().gets(K))
    assert got == Outcome(State.LABELLED, None, (), ("cat",), 1)
    assert world.tags(K) == CAT
    row = world.ledger.row(K)
    assert row is not None
    assert row.record is not None
    assert (row.lock, row.waiting) == (None, None)
    assert (row.record.width, row.record.height, row.record.detector) == (640, 480, "fake")
    assert row.record.tags_written == CAT
    assert row.record.updated_at == pytest.approx(world.clock.store * 1000, abs=1001)
    (line,) = world.ledger.history(K)
    assert (line.event_id, line.state, line.paid_calls) == ("event of k.jpg", "labelled", 1)
    assert (line.tags_before, line.tags_after) == ({}, CAT)


def test_an_ordinary_new_picture_takes_twelve_calls_five_of_them_to_the_ledger(world: World) -> None:
    world.user_puts(K, "cat")()
    world.wait(1)
    worker = world.worker()
    worker.gets(K)
    assert worker.wire.calls == [
        "objects.head",
        "ledger.lock",
        "ledger.claim",
        "objects.read",
        "ledger.take",
        "detector.detect",
        "ledger.store",
        "objects.head",
        "objects.tags",
        "objects.put_tags",
        "ledger.finish",
        "objects.head",
    ]


def test_a_picture_younger_than_a_second_is_looked_at_once_more_before_it_is_paid(world: World) -> None:
    world.user_puts(K, "cat")()
    worker = world.worker()
    worker.gets(K)
    assert len(worker.wire.calls) == 13
    assert worker.wire.calls[3:7] == ["objects.read", "objects.head", "ledger.take", "detector.detect"]


def test_a_duplicate_event_pays_nothing_writes_no_tags_and_leaves_the_row_alone(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker().gets(K)
    before = world.ledger.row(K)
    world.wait(100)
    worker = world.worker()
    assert outcome(worker.gets(K)) == Outcome(State.UNCHANGED, None, (), ("cat",), 0)
    assert "objects.put_tags" not in worker.wire.calls
    assert world.ledger.row(K) == before
    assert world.detector.asked == ["cat"]


def test_an_overwrite_is_labelled_anew_and_the_users_tags_on_it_stay(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker().gets(K)
    world.user_puts(K, "dog", tags={"mine": "1"})()
    outcome(world.worker().gets(K, event_id="second"))
    assert world.tags(K) == DOG | {"mine": "1"}
    assert [line.event_id for line in world.ledger.history(K)] == ["event of k.jpg", "second"]


def test_a_removed_object_has_no_row_and_uploading_it_again_is_free(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker().gets(K)
    world.objects.delete(K)
    assert outcome(world.worker().gets(K, kind="removed")).state == "removed"
    assert world.ledger.row(K) is None
    world.user_puts(K, "cat")()
    assert outcome(world.worker().gets(K)).paid_calls == 0
    assert (world.tags(K), world.labels(K)) == (CAT, ("cat",))


def test_a_late_removal_event_does_not_harm_the_object_that_is_there(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker().gets(K)
    assert outcome(world.worker().gets(K, kind="removed")).state == "unchanged"
    assert world.labels(K) == ("cat",)


def test_the_users_own_tags_under_our_prefix_stay_through_label_relabel_and_overwrite(world: World) -> None:
    theirs = {"label:dog": "mine", "label:summer": "1"}
    world.user_puts(K, "dog", tags=theirs)()
    got = outcome(world.worker().gets(K))
    assert got.notes == ("tag_taken",)
    assert world.tags(K) == theirs
    row = world.ledger.row(K)
    assert row is not None
    assert row.record is not None
    assert (world.labels(K), row.record.tags_left_out) == (("dog",), ("dog",))
    outcome(world.worker(policy=Policy(tag_value="confidence")).gets(K))
    assert world.tags(K) == theirs
    world.user_puts(K, "cat", tags=theirs)()
    outcome(world.worker().gets(K))
    assert world.tags(K) == theirs | CAT


def test_a_copy_that_carried_our_tags_along_and_is_overwritten_loses_them(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker().gets(K)
    world.objects.put(J, world.objects.there[K.uri].data, tags=world.tags(K))
    assert outcome(world.worker().gets(J)).paid_calls == 0
    assert world.tags(J) == CAT
    world.user_puts(J, "dog", tags=CAT)()
    world.worker().gets(J)
    assert world.tags(J) == DOG


def test_ten_tags_of_the_users_leave_no_room_and_nothing_is_lost(world: World) -> None:
    theirs = {f"t{n}": "x" for n in range(10)}
    world.user_puts(K, "cat", tags=theirs)()
    got = outcome(world.worker().gets(K))
    assert got.notes == ("tags_left_out",)
    assert world.tags(K) == theirs
    row = world.ledger.row(K)
    assert row is not None
    assert row.record is not None
    assert row.record.tags_left_out == ("cat",)


def test_a_changed_policy_is_applied_from_the_kept_answer_without_a_call(world: World) -> None:
    world.detector.shows["both"] = (label("cat", 0.9), label("car", 0.6))
    world.user_puts(K, "both")()
    world.worker().gets(K)
    assert world.labels(K) == ("cat",)
    got = outcome(world.worker(policy=Policy(threshold=0.5)).gets(K))
    assert (got.state, got.paid_calls) == ("labelled", 0)
    assert world.labels(K) == ("cat", "car")
    assert world.tags(K) == CAT | {"label:car": "vehicle"}


def test_a_language_changes_the_rows_names_and_never_a_tag(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker(policy=Policy(language="zh-Hans")).gets(K)
    row = world.ledger.row(K)
    assert row is not None
    assert row.record is not None
    assert [(found.name, found.language) for found in row.record.labels] == [("猫", "zh-Hans")]
    assert world.tags(K) == CAT


def test_tags_that_a_user_removed_come_back_with_the_next_event(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker().gets(K)
    world.objects.there[K.uri].tags = {}
    assert outcome(world.worker().gets(K)).state == "labelled"
    assert world.tags(K) == CAT


def test_a_picture_without_labels_has_a_row_that_says_so(world: World) -> None:
    world.detector.shows["fog"] = (label("cat", 0.2),)
    world.user_puts(K, "fog")()
    assert outcome(world.worker().gets(K)) == Outcome(State.LABELLED, None, ("no_labels",), (), 1)
    assert (world.tags(K), world.labels(K)) == ({}, ())


@pytest.mark.parametrize(
    ("key", "data", "head", "reason"),
    [
        ("notes.jpg", b"These are only words", {}, "not_image"),
        ("empty.jpg", b"", {}, "empty"),
        ("folder/", b"", {}, "folder_marker"),
        ("big.jpg", jpeg("big"), {"size": 20 * 1024 * 1024 + 1}, "too_large"),
        ("wide.jpg", jpeg("wide", 30_001, 10), {}, "too_many_pixels"),
        ("area.jpg", jpeg("area", 25_000, 10_001), {}, "too_many_pixels"),
        ("icon.jpg", jpeg("icon", 640, 49), {}, "too_small"),
        ("cold.jpg", jpeg("cold"), {"archived": True}, "archived"),
        ("link.jpg", jpeg("link"), {"symlink": True}, "symlink"),
        ("old.gif", b"GIF89a\x10\x00\x10\x00\x80\x00\x00" + b"\x00" * 40, {}, "unsupported_format"),
    ],
)
def test_what_is_no_picture_for_us_is_skipped_by_name_and_never_paid_for(
    world: World, key: str, data: bytes, head: dict[str, object], reason: str
) -> None:
    ref = ObjectRef("oss", "photos", key)
    world.objects.put(ref, data, tags=CAT if reason == "symlink" else {}, **head)
    notes = ("format_gif",) if key == "old.gif" else ()
    assert outcome(world.worker().gets(ref)) == Outcome(State.SKIPPED, Reason(reason), notes)
    assert world.detector.asked == []
    row = world.ledger.row(ref)
    assert row is not None
    assert row.record is not None
    assert (row.record.state, row.record.reason) == ("skipped", reason)
    assert world.tags(ref) == (CAT if reason == "symlink" else {})


def test_a_link_keeps_the_tags_that_may_be_its_targets_though_the_policy_labels_no_link(world: World) -> None:
    ref = ObjectRef("oss", "photos", "link.jpg")
    world.objects.put(ref, jpeg("link"), tags=CAT, symlink=True)
    assert outcome(world.worker(policy=Policy(label=False)).gets(ref)).reason is Reason.EXCLUDED
    assert world.tags(ref) == CAT


@pytest.mark.parametrize("key", ["a", "a.gif", "folder.jpg/a", "a.jpg.txt"])
def test_a_key_that_the_detector_would_bill_and_refuse_is_skipped_and_its_content_labelled_under_another(
    world: World, key: str
) -> None:
    world.detector.suffixes = (".jpg", ".png")
    named = ObjectRef("oss", "photos", key)
    world.user_puts(named, "cat")()
    world.user_puts(K, "cat")()
    assert outcome(world.worker().gets(named)) == Outcome(State.SKIPPED, Reason.UNSUPPORTED_FORMAT)
    assert world.detector.asked == []
    assert outcome(world.worker().gets(K)).state == "labelled"


@pytest.mark.parametrize("key", ["a.jpg", "A.JPG", "b/c.Png", ".jpg"])
def test_a_key_whose_end_the_detector_takes_is_asked_about(world: World, key: str) -> None:
    world.detector.suffixes = (".jpg", ".png")
    world.user_puts(ObjectRef("oss", "photos", key), "cat")()
    assert outcome(world.worker().gets(ObjectRef("oss", "photos", key))).state == "labelled"


def test_a_picture_at_the_limits_is_labelled(world: World) -> None:
    world.objects.put(K, jpeg("cat", 25_000, 10_000), size=20 * 1024 * 1024)
    assert outcome(world.worker().gets(K)).state == "labelled"


def test_a_head_that_does_not_tell_the_size_is_no_reason_to_refuse(world: World) -> None:
    world.objects.put(K, b"\xff\xd8\xff\xe0 no frame header |cat")
    assert outcome(world.worker().gets(K)).state == "labelled"
    row = world.ledger.row(K)
    assert row is not None
    assert row.record is not None
    assert (row.record.width, row.record.height) == (None, None)


def test_when_a_photo_was_taken_is_in_its_row_and_in_that_of_a_copy(world: World) -> None:
    moment = b"2023:07:01 12:34:56\0"
    exif = struct.pack("<2sHIHHHIII", b"II", 42, 8, 1, 0x8769, 4, 1, 26, 0)
    exif = b"Exif\0\0" + exif + struct.pack("<HHHIII", 1, 0x9003, 2, len(moment), 44, 0) + moment
    plain = jpeg("cat")
    photo = plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:]
    copy = ObjectRef("oss", "photos", "copy.jpg")
    for ref in (K, copy):
        world.objects.put(ref, photo)
        assert outcome(world.worker().gets(ref)).state == "labelled"
        row = world.ledger.row(ref)
        assert row is not None
        assert row.record is not None
        assert row.record.taken_at == "2023-07-01T12:34:56"
    assert world.detector.asked == ["cat"]


def test_a_picture_in_a_format_that_is_not_read_says_in_its_row_which(world: World) -> None:
    world.objects.put(K, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40))
    assert outcome(world.worker().gets(K)) == Outcome(State.SKIPPED, Reason.UNSUPPORTED_FORMAT, ("format_heic",))
    row = world.ledger.row(K)
    assert row is not None
    assert row.record is not None
    assert row.record.notes == ("format_heic",)


def test_an_object_replaced_between_event_and_head_gets_the_new_pictures_labels(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker().before("objects.head", world.user_puts(K, "dog")).gets(K, etag="OLD", size=1)
    assert (world.tags(K), world.labels(K), world.detector.asked) == (DOG, ("dog",), ["dog"])


def test_an_object_deleted_between_event_and_head_is_removed(world: World) -> None:
    world.user_puts(K, "cat")()
    got = world.worker().before("objects.head", lambda: world.objects.delete(K)).gets(K)
    assert outcome(got).state == "removed"
    assert world.ledger.row(K) is None


def test_an_object_deleted_during_the_call_leaves_nothing_behind(world: World) -> None:
    world.user_puts(K, "cat")()
    got = world.worker().before("detector.detect", lambda: world.objects.delete(K)).gets(K)
    assert outcome(got).state == "removed"
    assert world.ledger.row(K) is None


def test_an_object_deleted_just_before_the_tag_write_is_removed(world: World) -> None:
    world.user_puts(K, "cat")()
    got = world.worker().before("objects.put_tags", lambda: world.objects.delete(K)).gets(K)
    assert outcome(got).state == "removed"
    assert world.ledger.row(K) is None


def test_an_object_that_never_stands_still_is_given_back_to_the_platform(world: World) -> None:
    world.user_puts(K, "v0")()
    worker = world.worker()
    for n in range(20):
        worker.before("objects.head", world.user_puts(K, f"v{n + 1}"))
    assert worker.gets(K) == "unsettled"
    row = world.ledger.row(K)
    assert row is not None
    assert (row.lock, row.waiting) == (None, "unsettled")


def test_a_change_whose_event_is_lost_right_after_the_tag_write_is_seen_by_the_last_look(world: World) -> None:
    world.user_puts(K, "cat")()
    got = world.worker().before("ledger.finish", world.user_puts(K, "dog")).gets(K)
    assert outcome(got).labels == ("dog",)
    assert (world.tags(K), world.labels(K)) == (DOG, ("dog",))


def test_two_events_for_one_object_at_once_pay_once(world: World) -> None:
    world.user_puts(K, "cat")()
    worker = world.worker().before("detector.detect", lambda: world.worker().gets(K, timeout=22, event_id="twin"))
    outcome(worker.gets(K))
    assert outcome(world.worker().gets(K, event_id="twin")).state == "unchanged"
    assert world.detector.asked == ["cat"]


def test_who_waits_for_the_lock_looks_again_once_it_has_it(world: World) -> None:
    world.user_puts(K, "cat")()
    first = world.worker()
    first.gets(K)
    world.ledger.lock(K, "somebody", world.clock.store + 30, world.clock.store, "e")
    first.after("objects.head", world.user_puts(K, "dog"))
    outcome(first.gets(K))
    assert world.detector.asked == ["cat", "dog"]
    assert first.wire.calls.count("detector.detect") == 2


def test_a_very_fresh_object_is_not_asked_about_within_its_second(world: World) -> None:
    world.objects.put(K, jpeg("cat"))
    asked_at: list[float] = []
    world.worker().before("detector.detect", lambda: asked_at.append(world.clock.store)).gets(K)
    assert int(asked_at[0]) > world.objects.there[K.uri].head.last_modified


def test_a_b_a_within_a_second_does_not_poison_the_answer(world: World) -> None:
    def flicker() -> None:
        world.objects.put(K, jpeg("dog"))

    def back() -> None:
        world.objects.put(K, jpeg("cat"))

    world.objects.put(K, jpeg("cat"))
    world.worker().before("detector.detect", flicker).after("detector.detect", back).gets(K)
    assert (world.tags(K), world.labels(K)) == (CAT, ("cat",))


def test_tags_that_the_store_refuses_fail_for_a_person_and_are_not_retried(world: World) -> None:
    world.user_puts(K, "cat")()
    world.objects.refuse_tags = True
    assert outcome(world.worker().gets(K)) == Outcome(State.FAILED, Reason.TAGS_REFUSED, (), ("cat",), 1)
    assert (world.tags(K), world.state(K)) == ({}, "failed")


def test_a_detector_that_a_person_must_mend_is_not_called_again_for_a_while(world: World) -> None:
    world.detector.fails.append(Misconfigured("no IMM project is bound to bucket photos", "detector_unbound"))
    world.user_puts(K, "cat")()
    world.user_puts(J, "dog")()
    assert outcome(world.worker().gets(K)) == Outcome(State.PARKED, Reason.DETECTOR_UNBOUND, (), (), 1)
    assert outcome(world.worker().gets(J)) == Outcome(State.PARKED, Reason.DETECTOR_UNBOUND)
    assert world.detector.asked == ["cat"]
    world.wait(700)
    assert outcome(world.worker().gets(J)).state == "labelled"


def test_a_store_that_forbids_reading_parks_the_object_with_a_row(world: World) -> None:
    def forbidden(*_: object) -> Tags:
        raise Misconfigured("oss:GetObjectTagging is missing")

    world.user_puts(K, "cat")()
    assert outcome(world.worker().instead("objects.tags", forbidden).gets(K)).reason == "forbidden"
    assert world.state(K) == "parked"
    assert world.ledger.row(K).lock is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("error", "state"),
    [(Rejected("unsignable_key", "no request can be signed"), "skipped"), (Misconfigured("oss:GetObject"), "parked")],
)
def test_an_object_that_cannot_even_be_looked_at_has_a_row_that_says_why(
    world: World, error: LabelingError, state: str
) -> None:
    def refuse(*_: object) -> None:
        raise error

    assert outcome(world.worker().instead("objects.head", refuse).gets(K)) == Outcome(State(state), error.reason)
    row = world.ledger.row(K)
    assert row is not None
    assert row.record is not None
    assert (row.record.state, row.record.reason, row.lock) == (state, error.reason, None)


def test_without_the_stores_time_nobodys_lock_is_taken_away(world: World) -> None:
    def refuse(*_: object) -> None:
        raise Misconfigured("oss:GetObject")

    world.ledger.lock(K, "somebody", world.clock.time() - 3600, world.clock.time(), "e")
    assert world.worker().instead("objects.head", refuse).gets(K, timeout=5) == "busy"


def test_a_key_that_cannot_be_signed_is_skipped_by_name(world: World) -> None:
    def unsignable(*_: object) -> None:
        raise Rejected("unsignable_key", "no request can be signed for this key")

    world.user_puts(K, "cat")()
    assert outcome(world.worker().instead("objects.put_tags", unsignable).gets(K)).reason == "unsignable_key"
    assert world.state(K) == "skipped"


@pytest.mark.parametrize("call", ["objects.tags", "objects.read", "objects.head", "ledger.claim"])
def test_a_port_that_fails_once_is_waited_for_and_leaves_its_reason(world: World, call: str) -> None:
    def fail(*_: object) -> None:
        raise Unavailable("index_error" if "ledger" in call else "throttled")

    world.user_puts(K, "cat")()
    worker = world.worker()
    worker.gets(J)  # so that the store's time is known: lock and look go out together
    got = worker.instead(call, fail).gets(K)
    assert got == ("index_error" if "ledger" in call else "throttled")
    row = world.ledger.row(K)
    assert row is not None
    assert row.lock is not None or row.waiting == got or (row.record is not None and row.record.reason == got)
    assert isinstance(world.until_done(K), Outcome)
    assert (world.tags(K), world.labels(K)) == (CAT, ("cat",))


def test_an_answer_that_was_paid_for_survives_a_store_that_fails_right_after(world: World) -> None:
    def fail(*_: object) -> Tags:
        raise Unavailable("throttled")

    world.user_puts(K, "cat")()
    assert world.worker().instead("objects.tags", fail).gets(K) == "throttled"
    assert outcome(world.worker().gets(K)).paid_calls == 0
    assert world.detector.asked == ["cat"]


def test_a_crash_in_our_own_code_frees_the_key_and_the_claim(world: World) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError

    world.user_puts(K, "cat")()
    with pytest.raises(ZeroDivisionError):
        world.worker().instead("detector.detect", bug).gets(K)
    assert isinstance(world.worker().gets(K, timeout=40), Outcome)


def test_a_worker_with_too_little_of_its_lease_left_does_not_begin_to_write(world: World) -> None:
    world.user_puts(K, "cat")()
    worker = world.worker().after("detector.detect", lambda: world.wait(27))
    assert outcome(worker.gets(K)).state == "labelled"
    assert worker.wire.calls.count("ledger.lock") == 2
    assert worker.wire.calls.count("objects.put_tags") == 1
    assert world.detector.asked == ["cat"]


def test_an_encoded_key_is_read_decoded_where_only_that_object_is_there(world: World) -> None:
    real = ObjectRef("oss", "photos", "my dog.jpg")
    world.user_puts(real, "dog")()
    head = world.objects.there[real.uri].head
    encoded = ObjectRef("oss", "photos", "my+dog.jpg")
    got = outcome(world.worker().gets(encoded, decoded=real, etag=head.etag, size=head.size))
    assert (got.state, got.notes) == ("labelled", ("key_decoded",))
    assert world.tags(real) == DOG


def test_a_key_that_only_looks_encoded_is_taken_as_it_stands(world: World) -> None:
    raw, decoded = ObjectRef("oss", "photos", "a%2Bb.jpg"), ObjectRef("oss", "photos", "a+b.jpg")
    world.user_puts(raw, "cat")()
    world.user_puts(decoded, "dog")()
    outcome(world.worker().gets(raw, decoded=decoded, etag=world.objects.there[decoded.uri].head.etag))
    assert world.labels(raw) == ("cat",)
    assert world.ledger.row(decoded) is None


def test_a_decoded_key_of_another_content_is_left_alone(world: World) -> None:
    raw, decoded = ObjectRef("oss", "photos", "a%2Bb.jpg"), ObjectRef("oss", "photos", "a+b.jpg")
    world.user_puts(decoded, "dog")()
    assert outcome(world.worker().gets(raw, decoded=decoded, etag="0" * 32, size=1)).state == "removed"
    assert world.tags(decoded) == {}


ENCODED = {
    "plus": ("my+dog.jpg", "my dog.jpg"),
    "space": ("my%20dog.jpg", "my dog.jpg"),
    "colon only": ("cn%3A1/dog.jpg", "cn:1/dog.jpg"),
    "Chinese": ("%E7%8B%97+1%2B1.jpg", "狗 1+1.jpg"),
    "a key that looks encoded": ("a%252Bb.jpg", "a%2Bb.jpg"),
}


@pytest.mark.parametrize("case", ENCODED)
def test_a_removal_is_read_as_the_creation_was_and_leaves_no_row(world: World, case: str) -> None:
    raw, real = (ObjectRef("oss", "photos", key) for key in ENCODED[case])
    world.user_puts(real, "dog")()
    head = world.objects.there[real.uri].head
    world.worker().gets(raw, decoded=real, etag=head.etag, size=head.size)
    assert world.labels(real) == ("dog",)
    world.objects.delete(real)
    worker = world.worker()
    got = outcome(worker.gets(raw, decoded=real, kind="removed", event_id="gone"))
    assert (got.state, got.notes) == ("removed", ("key_decoded",))
    assert world.ledger.row(real) is None
    assert world.ledger.row(raw) is None
    assert world.ledger.history(real)[-1].event_id == "gone"
    again = world.worker()
    assert outcome(again.gets(raw, decoded=real, kind="removed")).notes == ()


def test_the_late_creation_event_of_a_removed_object_with_an_encoded_key_leaves_no_row(world: World) -> None:
    raw, real = ObjectRef("oss", "photos", "my+dog.jpg"), ObjectRef("oss", "photos", "my dog.jpg")
    world.user_puts(real, "dog")()
    world.worker().gets(real)
    world.objects.delete(real)
    assert outcome(world.worker().gets(raw, decoded=real, size=1)).notes == ("key_decoded",)
    assert world.ledger.row(real) is None


def test_the_removal_of_a_key_that_only_looks_encoded_leaves_the_other_row(world: World) -> None:
    raw, decoded = ObjectRef("oss", "photos", "a%2Bb.jpg"), ObjectRef("oss", "photos", "a+b.jpg")
    for ref, content in ((raw, "cat"), (decoded, "dog")):
        world.user_puts(ref, content)()
        world.worker().gets(ref)
    world.objects.delete(raw)
    assert outcome(world.worker().gets(raw, decoded=decoded, kind="removed")).notes == ()
    assert world.ledger.row(raw) is None
    assert world.labels(decoded) == ("dog",)
    world.user_puts(raw, "cat")()
    world.worker().gets(raw)
    for ref in (raw, decoded):
        world.objects.delete(ref)
    world.worker().gets(raw, decoded=decoded, kind="removed", event_id="second")
    assert world.ledger.row(raw) is None
    assert world.labels(decoded) == ("dog",), "its own removal event takes this row away"


def test_the_removal_event_of_an_encoded_key_that_comes_late_leaves_the_new_object_alone(world: World) -> None:
    raw, real = ObjectRef("oss", "photos", "my+dog.jpg"), ObjectRef("oss", "photos", "my dog.jpg")
    world.user_puts(real, "dog")()
    world.worker().gets(real)
    outcome(world.worker().gets(raw, decoded=real, kind="removed"))
    assert world.labels(real) == ("dog",)


def test_an_ordinary_removal_costs_no_call_for_another_reading_of_its_key(world: World) -> None:
    world.user_puts(K, "dog")()
    world.worker().gets(K)
    world.objects.delete(K)
    worker = world.worker()
    worker.gets(K, kind="removed")
    assert "ledger.row" not in worker.wire.calls
    ordinary = worker.wire.calls.count("objects.head")
    encoded = world.worker()
    encoded.gets(ObjectRef("oss", "photos", "a+b"), decoded=ObjectRef("oss", "photos", "a b"), kind="removed")
    assert encoded.wire.calls.count("objects.head") <= ordinary + 2
    assert encoded.wire.calls.count("ledger.row") <= 2


def test_answers_are_shared_as_far_as_the_setting_says(world: World) -> None:
    elsewhere = ObjectRef("oss", "other", "k.jpg")
    for ref in (K, J, elsewhere):
        world.user_puts(ref, "cat")()
    for ref in (K, J, elsewhere):
        world.worker().gets(ref)
    assert world.detector.asked == ["cat", "cat"]
    for ref in (K, J, elsewhere):
        world.worker(reuse="all").gets(ref)
    assert world.detector.asked == ["cat"] * 3
    for ref in (K, J):
        world.worker(reuse="object").gets(ref)
    assert world.detector.asked == ["cat"] * 5


def test_a_new_detector_setting_asks_again(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker().gets(K)
    world.detector.setting = "fake-2"
    world.worker().gets(K)
    assert world.detector.asked == ["cat", "cat"]


def test_a_versioned_object_is_read_and_tagged_by_its_version(world: World) -> None:
    versions: list[str | None] = []
    world.user_puts(K, "cat", version="v7")()
    worker = world.worker()

    def put_tags(ref: ObjectRef, tags: Tags, before: float, until: float) -> None:
        versions.append(ref.version)
        world.objects.put_tags(ref, tags, before, until)

    worker.instead("objects.put_tags", put_tags).gets(K)
    row = world.ledger.row(K)
    assert row is not None
    assert row.record is not None
    assert (versions, row.record.ref.version) == (["v7"], "v7")


def test_the_fence_is_five_seconds_and_never_beyond_the_lease(world: World) -> None:
    fences: list[tuple[float, float]] = []
    world.user_puts(K, "cat")()

    def put_tags(ref: ObjectRef, tags: Tags, before: float, until: float) -> None:
        fences.append((before - world.clock.store, until - world.clock.store))

    world.worker().instead("objects.put_tags", put_tags).gets(K)
    ((before, until),) = fences
    assert 3 < before <= 5
    assert before <= until <= 31


def test_an_event_without_time_left_is_given_back_and_harms_nothing(world: World) -> None:
    world.ledger.lock(K, "somebody", world.clock.store + 3600, world.clock.store, "e")
    world.user_puts(K, "cat")()
    assert world.worker().gets(K, timeout=TIMEOUT) == "busy"
    assert world.tags(K) == {}


def test_labels_of_a_vendor_that_we_do_not_know_are_kept_under_its_name(world: World) -> None:
    camping = Label("imm:露营", "露营", "zh-Hans", 2, "imm:活动", 0.93, 0.6)
    world.detector.shows["tent"] = (camping, replace(camping, id="imm:帐篷", name="帐篷", parent_id="imm:露营"))
    world.user_puts(K, "tent")()
    world.worker().gets(K)
    assert world.tags(K) == {
        "label:imm:=E5=B8=90=E7=AF=B7": "imm",
        "label:imm:=E9=9C=B2=E8=90=A5": "imm",
    }
    row = world.ledger.row(K)
    assert row is not None
    assert row.record is not None
    assert row.record.ancestors == {"imm:帐篷": ("imm:露营", "imm:活动"), "imm:露营": ("imm:活动",)}
