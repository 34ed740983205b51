"""A dry run that tells another number of calls than are made then would make people pay what nobody foresaw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from imagelabels.domain.errors import Misconfigured, Rejected, Unavailable
from imagelabels.domain.foreseen import Tally, Way
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import Crc64, ObjectRef
from imagelabels.domain.pauses import MOST_FAILURES
from imagelabels.domain.policy import Policy, Rules
from imagelabels.usecases.correct import Said, correct
from imagelabels.usecases.forecast import AHEAD, Forecast
from imagelabels.usecases.verdicts import TRIES
from imagelabels.usecases.walk import Place, listed
from tests.fakes import jpeg, label
from tests.world import World

PHOTOS = Place("oss", "photos", "")


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    # One thread: the fakes are not made for several.
    with ThreadPoolExecutor(1) as executor:
        yield executor


class Foretold:
    """A world, what is foretold of it, and what then happens in it."""

    def __init__(self, world: World, executor: ThreadPoolExecutor, **tools: Any) -> None:
        self.world, self.executor, self._tools = world, executor, tools
        self.source: list[Listed] | None = None
        self.worker = world.worker(**tools)

    def put(self, key: str, shows: str | bytes, **put: Any) -> ObjectRef:
        ref = ObjectRef("oss", "photos", key)
        self.world.clock.sleep(1.5)
        self.world.objects.put(ref, shows if isinstance(shows, bytes) else jpeg(shows), **put)
        return ref

    def tally(self, quick: bool = False, read_tags: bool = False) -> Tally:
        self.worker = self.world.worker(**self._tools)
        forecast = Forecast(self.worker.tools, PHOTOS, self.executor, quick, read_tags)
        entries = self.source
        if entries is None:
            return forecast.over(listed(self.worker.tools.objects, PHOTOS))
        return forecast.over(lambda position: ((entry.ref.key, entry) for entry in entries), is_list=False)

    def happens(self) -> tuple[int, int]:
        """Label everything, and return the paid calls that this took, and how many tags of ours the rows name then."""
        before = len(self.world.detector.asked)
        refs = [listed.ref for listed in self.world.objects.list("photos")]
        outcomes = [self.world.worker(**self._tools).gets(ref) for ref in refs]
        assert not [outcome for outcome in outcomes if isinstance(outcome, str)]
        rows = self.world.ledger.rows(refs)
        tags = sum(len(row.record.tags_written) for row in rows if row is not None and row.record is not None)
        return len(self.world.detector.asked) - before, tags


@pytest.fixture
def foretold(world: World, executor: ThreadPoolExecutor) -> Foretold:
    return Foretold(world, executor)


def counted(tally: Tally) -> dict[str, int]:
    return {str(way): number for way, number in tally.ways.items() if number}


def test_pictures_of_one_content_would_be_paid_for_each(foretold: Foretold) -> None:
    for number in range(5):
        foretold.put(f"{number}.jpg", "cat")
    foretold.put("dog.jpg", "dog")
    tally = foretold.tally()
    assert counted(tally) == {"call": 2, "duplicate": 4}
    assert (tally.unsure_calls, tally.called_bytes) == (0, len(jpeg("cat")) + len(jpeg("dog")))
    assert tally.requests == {"list": 1, "rows": 1, "head": 2, "answer": 2, "read": 2}
    assert foretold.happens()[0] == 2


def test_a_labelled_bucket_would_cost_more_than_reading_its_list_and_rows(foretold: Foretold) -> None:
    for name in ("cat", "dog"):
        foretold.put(f"{name}.jpg", name)
    foretold.happens()
    tally = foretold.tally()
    assert counted(tally) == {"done": 2}
    assert tally.requests == {"list": 1, "rows": 1}
    assert (tally.labelled_rows, tally.labelled_tags) == (2, 2)
    assert tally.tags + tally.tags_at_most == 0


def test_an_empty_place_would_be_an_error(foretold: Foretold) -> None:
    tally = foretold.tally()
    assert (tally.objects, tally.requests) == (0, {"list": 1})


def test_with_reuse_of_an_objects_own_answers_alone_a_copy_would_be_free(
    world: World, executor: ThreadPoolExecutor
) -> None:
    foretold = Foretold(world, executor, reuse="object")
    for number in range(3):
        foretold.put(f"{number}.jpg", "cat")
    assert counted(foretold.tally()) == {"call": 3}
    assert foretold.happens()[0] == 3


def test_refusals_would_be_paid_for_or_told_without_their_reasons(foretold: Foretold) -> None:
    foretold.put("a.txt", b"hello, this is no picture")
    foretold.put("b.txt", b"hello, this is no picture")
    foretold.put("c.gif", b"GIF89a" + bytes(100))
    foretold.put("d/", b"")
    foretold.put("e.jpg", b"")
    foretold.put("f.jpg", jpeg("cat", 10, 10))
    foretold.put("g.jpg", "cat", size=21_000_000)
    foretold.put("h.jpg", "dog", symlink=True)
    tally = foretold.tally()
    assert counted(tally) == {"refused": 3, "duplicate": 1, "no_call": 4}
    assert tally.reasons == {
        "not_image": 2,
        "unsupported_format": 1,
        "folder_marker": 1,
        "empty": 1,
        "too_small": 1,
        "too_large": 1,
        "symlink": 1,
    }
    assert tally.formats == {"gif": 1}
    assert tally.tags + tally.tags_at_most == 0
    assert foretold.happens()[0] == 0


def test_an_answer_that_is_kept_would_be_paid_for_again(foretold: Foretold) -> None:
    kept = foretold.put("first.jpg", "cat")
    refused = foretold.put("refused.jpg", "secret")
    foretold.world.detector.refuses.add("secret")
    foretold.happens()
    for ref in (kept, refused):
        foretold.world.objects.delete(ref)
    foretold.put("again/first.jpg", "cat")
    foretold.put("again/refused.jpg", "secret")
    tally = foretold.tally(read_tags=True)
    assert counted(tally) == {"kept": 2}
    assert tally.reasons == {"detector_refused": 1}
    assert (tally.tags, tally.tags_at_most) == (1, 0)
    assert foretold.happens() == (0, 1)


def test_another_policy_would_be_billed(world: World, executor: ThreadPoolExecutor) -> None:
    first = Foretold(world, executor)
    world.detector.shows["cat"] = (label("cat"), label("dog", 0.6))
    first.put("a.jpg", "cat")
    first.put("b.jpg", "cat")
    first.happens()
    changed = Foretold(world, executor, policy=Policy(threshold=0.5))
    changed.put("c.jpg", "cat")
    tally = changed.tally(read_tags=True)
    assert counted(tally) == {"replan": 2, "kept": 1}
    # The rows tell the content of their objects, so that no HEAD is needed for them.
    assert tally.requests["answer"] == 1
    assert (tally.tags, tally.tags_at_most) == (6, 0)
    assert changed.happens() == (0, 6)


def test_a_policy_of_a_folder_would_not_count_for_its_tags(world: World, executor: ThreadPoolExecutor) -> None:
    rules = Rules(Policy(), (("oss://photos/few/", Policy(tag_limit=1)), ("oss://photos/none/", Policy(label=False))))
    world.detector.shows["cat"] = (label("cat"), label("dog"))
    foretold = Foretold(world, executor, policy=rules)
    foretold.put("first.jpg", "cat")
    foretold.happens()
    for folder in ("few/", "many/", "none/"):
        foretold.put(f"{folder}k.jpg", "cat")
    tally = foretold.tally(read_tags=True)
    assert counted(tally) == {"done": 1, "kept": 2, "no_call": 1}
    assert tally.tags == 3
    assert foretold.happens() == (0, 5)


def test_the_users_tags_would_leave_as_much_room_as_if_there_were_none(foretold: Foretold) -> None:
    foretold.world.detector.shows["cat"] = tuple(label(name) for name in ("cat", "dog", "car"))
    foretold.put("first.jpg", "cat")
    foretold.happens()
    foretold.put("second.jpg", "cat", tags={f"mine{number}": "x" for number in range(8)})
    foretold.put("new.jpg", "dog", tags={f"mine{number}": "x" for number in range(9)})
    unread, read = foretold.tally(), foretold.tally(read_tags=True)
    assert (unread.tags, unread.tags_at_most) == (0, 3 + 5)
    assert (read.tags, read.tags_at_most, read.requests["tags"]) == (2, 1, 2)
    assert foretold.happens() == (1, 3 + 2 + 1)


def test_an_inventory_that_tells_that_there_are_no_tags_would_not_be_believed(foretold: Foretold) -> None:
    foretold.put("first.jpg", "cat")
    foretold.happens()
    foretold.put("second.jpg", "cat")
    foretold.source = [replace(listed, tag_count=0) for listed in foretold.world.objects.list("photos")]
    tally = foretold.tally()
    assert (tally.tags, tally.tags_at_most) == (1, 0)
    assert tally.requests == {"rows": 1, "head": 1, "answer": 1}


def in_parts(foretold: Foretold, key: str, shows: str, parts: int) -> ObjectRef:
    return foretold.put(key, shows, etag=f"{parts:032X}-{parts}")


def test_the_same_bytes_in_parts_of_other_sizes_would_be_paid_for_twice(foretold: Foretold) -> None:
    in_parts(foretold, "a.jpg", "cat", 2)
    in_parts(foretold, "b.jpg", "cat", 3)
    foretold.put("whole.jpg", "cat")
    tally = foretold.tally()
    assert counted(tally) == {"call": 2, "duplicate": 1}
    assert (tally.requests["head"], tally.called_bytes) == (3, 2 * len(jpeg("cat")))
    assert foretold.happens()[0] == 2


def test_an_inventory_with_checksums_would_need_a_head_for_each_upload_in_parts(foretold: Foretold) -> None:
    for number in range(2, 6):
        in_parts(foretold, f"{number}.jpg", "cat", number)
    there = foretold.world.objects.there
    foretold.source = [
        replace(listed, crc64=there[listed.ref.uri].head.crc64) for listed in foretold.world.objects.list("photos")
    ]
    tally = foretold.tally()
    assert counted(tally) == {"call": 1, "duplicate": 3}
    assert tally.requests == {"rows": 1, "answer": 1, "read": 1}
    assert foretold.happens()[0] == 1


def test_an_inventory_of_yesterday_would_be_believed_against_the_object(foretold: Foretold) -> None:
    ref = foretold.put("a.jpg", "cat")
    gone = foretold.put("b.jpg", "cat")
    foretold.source = [replace(one, crc64=Crc64("1")) for one in foretold.world.objects.list("photos")]
    foretold.put("a.jpg", "dog")
    foretold.world.objects.delete(gone)
    tally = foretold.tally()
    assert counted(tally) == {"call": 1, "no_call": 1}
    assert tally.reasons == {"removed": 1}
    assert foretold.world.answer_id(ref)


def test_an_archived_object_that_was_restored_would_be_left_out(foretold: Foretold) -> None:
    foretold.put("restored.jpg", "cat")
    foretold.put("away.jpg", "cat", archived=True)
    foretold.source = [replace(one, storage_class="Archive") for one in foretold.world.objects.list("photos")]
    tally = foretold.tally()
    assert counted(tally) == {"call": 1, "no_call": 1}
    assert tally.reasons == {"archived": 1}
    quick = foretold.tally(quick=True)
    # Nobody looks, so both may be restored: the calls of a quick look are never fewer than those that are made.
    assert (counted(quick), quick.unsure_calls) == ({"call": 2}, 2)


def test_a_quick_look_would_ask_for_objects(foretold: Foretold) -> None:
    for number in range(3):
        foretold.put(f"{number}.jpg", "cat")
    foretold.put("no-picture.txt", b"text")
    foretold.put("empty.jpg", b"")
    tally = foretold.tally(quick=True)
    assert counted(tally) == {"call": 2, "duplicate": 2, "no_call": 1}
    assert tally.unsure_calls == 2
    assert tally.requests == {"list": 1, "rows": 1}
    assert tally.tags_at_most == 4 * 5


def test_an_unconfirmed_answer_would_be_paid_for_again(foretold: Foretold) -> None:
    """A delivery died right after it had stored its answer: whoever comes sees that its object is unchanged."""
    ref = foretold.put("a.jpg", "cat")
    assert foretold.world.worker().dies_after("ledger.store").gets(ref) == "killed"
    foretold.put("b.jpg", "cat")
    foretold.world.clock.sleep(60)
    assert counted(foretold.tally()) == {"kept": 2}
    foretold.world.objects.delete(ref)
    assert counted(foretold.tally()) == {"call": 1}


def test_a_picture_on_which_the_detector_has_failed_would_be_said_to_cost_nothing(foretold: Foretold) -> None:
    ref = foretold.put("a.jpg", "cat")
    foretold.world.detector.fails.append(Unavailable("detector_error", "InternalError"))
    assert foretold.world.worker().gets(ref) == "detector_error"
    tally = foretold.tally()
    assert (counted(tally), tally.unsure_calls) == ({"call": 1}, 0)
    assert foretold.happens()[0] == 1


def test_a_call_for_a_picture_that_rests_would_count_as_certain_or_as_none(foretold: Foretold) -> None:
    ref = foretold.put("a.jpg", "cat")
    foretold.world.detector.fails += [Unavailable("detector_error", "InternalError")] * MOST_FAILURES
    for _ in range(MOST_FAILURES):
        foretold.world.worker().gets(ref)
    tally = foretold.tally()
    assert (counted(tally), tally.unsure_calls) == ({"call": 1}, 1)


def test_a_quick_look_would_tell_fewer_calls_than_are_made_where_answers_are_not_shared_any_more(
    world: World, executor: ThreadPoolExecutor
) -> None:
    first = Foretold(world, executor)
    first.put("a.jpg", "cat")
    first.put("b.jpg", "cat")
    first.happens()
    same = Foretold(world, executor, policy=Policy(threshold=0.5))
    same.put("0.jpg", "cat")
    assert counted(same.tally(quick=True)) == {"call": 1, "replan": 2}
    alone = Foretold(world, executor, policy=Policy(threshold=0.5), reuse="object")
    tally = alone.tally(quick=True)
    assert (counted(tally), tally.unsure_calls) == ({"call": 3}, 3)
    assert alone.happens()[0] == 3


def test_a_quick_look_at_an_index_that_fails_would_tell_fewer_calls_than_are_made(
    world: World, executor: ThreadPoolExecutor
) -> None:
    first = Foretold(world, executor)
    first.put("a.jpg", "cat")
    first.happens()
    worker = world.worker(policy=Policy(threshold=0.5)).fails("ledger.answer", Unavailable("index_error"), 6)
    tally = Forecast(worker.tools, PHOTOS, executor, quick=True).over(listed(world.objects, PHOTOS))
    assert (counted(tally), tally.unsure_calls) == ({"call": 1}, 1)


def test_a_call_that_another_delivery_makes_now_would_count_as_certain(foretold: Foretold) -> None:
    ref = foretold.put("a.jpg", "cat")
    claimed = foretold.world.worker()
    claimed.dies_after("ledger.claim").gets(ref)
    tally = foretold.tally()
    assert (counted(tally), tally.unsure_calls) == ({"call": 1}, 1)
    foretold.world.clock.sleep(3600)
    assert foretold.tally().unsure_calls == 0


def test_a_throttled_world_would_end_the_dry_run(foretold: Foretold) -> None:
    for name in ("cat", "dog", "car"):
        foretold.put(f"{name}.jpg", name)
    worker = foretold.world.worker()
    for call in ("objects.head", "objects.read", "ledger.answer", "ledger.rows"):
        worker.fails(call, Unavailable("throttled", "SlowDown"), 2)
    with ThreadPoolExecutor(1) as executor:
        tally = Forecast(worker.tools, PHOTOS, executor).over(listed(foretold.world.objects, PHOTOS))
    assert counted(tally) == {"call": 3}
    assert foretold.world.clock.slept[-8:] == pytest.approx([0.5, 1.0] * 4)
    assert tally.requests == {"list": 1, "rows": 3, "head": 5, "answer": 5, "read": 5}


def test_a_list_that_is_throttled_would_end_the_dry_run_or_begin_anew(foretold: Foretold) -> None:
    for number in range(2001):
        foretold.put(f"{number:04}.jpg", "cat")
    worker, opened = foretold.world.worker(), list[str]()

    def source(position: str) -> Iterator[tuple[str, Listed]]:
        """Every second time, the list fails on its way."""
        opened.append(position)
        for number, entry in enumerate(listed(foretold.world.objects, PHOTOS)(position)):
            if len(opened) % 2 and number == 1500:
                raise Unavailable("throttled", "SlowDown")
            yield entry

    with ThreadPoolExecutor(1) as executor:
        tally = Forecast(worker.tools, PHOTOS, executor).over(source)
    assert counted(tally) == {"call": 1, "duplicate": 2000}
    assert opened == ["", "0999.jpg"]


def test_an_object_that_may_not_be_looked_at_would_be_said_to_cost_nothing(foretold: Foretold) -> None:
    foretold.put("a.jpg", "cat")
    foretold.put("b.jpg", "cat")
    foretold.put("c.jpg", "dog")
    worker = foretold.world.worker().fails("objects.head", Misconfigured("no permission", "forbidden"))
    with ThreadPoolExecutor(1) as executor:
        tally = Forecast(worker.tools, PHOTOS, executor).over(listed(foretold.world.objects, PHOTOS))
    assert counted(tally) == {"unseen": 1, "call": 2}
    assert tally.unseen == {"forbidden": 1}


def test_keys_without_any_permission_would_get_a_bill(foretold: Foretold) -> None:
    for number in range(30):
        foretold.put(f"{number}.jpg", f"cat{number}")
    worker = foretold.world.worker().fails("objects.head", Misconfigured("no permission", "forbidden"), 30)
    with ThreadPoolExecutor(1) as executor, pytest.raises(Misconfigured, match="no permission"):
        Forecast(worker.tools, PHOTOS, executor).over(listed(foretold.world.objects, PHOTOS))


def test_a_key_that_no_request_can_name_would_end_the_dry_run(foretold: Foretold) -> None:
    foretold.put("a.jpg", "cat")
    worker = foretold.world.worker().fails("objects.head", Rejected("unsignable_key"))
    with ThreadPoolExecutor(1) as executor:
        tally = Forecast(worker.tools, PHOTOS, executor).over(listed(foretold.world.objects, PHOTOS))
    assert (counted(tally), tally.reasons) == ({"no_call": 1}, {"unsignable_key": 1})


def test_a_picture_that_always_changes_would_be_said_to_cost_nothing(foretold: Foretold) -> None:
    ref = foretold.put("a.jpg", "cat")
    worker = foretold.world.worker().before("objects.read", foretold.world.user_puts(ref, "dog"))
    with ThreadPoolExecutor(1) as executor:
        tally = Forecast(worker.tools, PHOTOS, executor).over(listed(foretold.world.objects, PHOTOS))
    assert (counted(tally), tally.unseen) == ({"unseen": 1}, {"unsettled": 1})


def test_tags_that_may_not_be_read_would_end_the_dry_run(foretold: Foretold) -> None:
    foretold.put("a.jpg", "cat")
    worker = foretold.world.worker().fails("objects.tags", Misconfigured("no permission", "forbidden"))
    with ThreadPoolExecutor(1) as executor:
        tally = Forecast(worker.tools, PHOTOS, executor, read_tags=True).over(listed(foretold.world.objects, PHOTOS))
    assert (counted(tally), tally.unasked_tags) == ({"call": 1}, 5)


def test_a_store_that_fails_for_long_would_end_the_dry_run_or_make_an_object_free(foretold: Foretold) -> None:
    foretold.put("a.jpg", "cat")
    worker = foretold.world.worker().fails("objects.head", Unavailable("store_error"), TRIES)
    with ThreadPoolExecutor(1) as executor:
        tally = Forecast(worker.tools, PHOTOS, executor).over(listed(foretold.world.objects, PHOTOS))
    assert (counted(tally), tally.unseen) == ({"unseen": 1}, {"store_error": 1})


def test_more_contents_than_are_under_way_at_once_would_be_lost(foretold: Foretold) -> None:
    for number in range(AHEAD + 6):
        foretold.put(f"{number}.jpg", f"cat {number}")
    foretold.put("none.txt", b"no picture")
    assert counted(foretold.tally()) == {"call": AHEAD + 6, "refused": 1}
    foretold.happens()
    done = foretold.tally()
    assert (counted(done), done.labelled_rows) == ({"done": AHEAD + 7}, AHEAD + 6)


def test_what_a_person_corrected_would_be_forgotten_in_the_count_of_tags(foretold: Foretold) -> None:
    ref = foretold.put("a.jpg", "cat")
    foretold.happens()
    said = Said(without=("cat",), add=("dog", "car"))
    correct(foretold.world.worker().tools, ref, said, foretold.world.clock.monotonic() + 60)
    changed = Foretold(foretold.world, foretold.executor, policy=Policy(threshold=0.5))
    tally = changed.tally(read_tags=True)
    assert (counted(tally), tally.tags) == ({"replan": 1}, 2)
    assert changed.happens() == (0, 2)


def test_a_thousand_copies_and_more_would_be_looked_at_again_in_every_piece(foretold: Foretold) -> None:
    first = foretold.put("0.jpg", "cat")
    head = foretold.world.objects.there[first.uri].head
    copies = [Listed(ObjectRef("oss", "photos", f"{n:05}"), head.etag, head.size) for n in range(2500)]
    foretold.source = [Listed(first, head.etag, head.size), *copies]
    tally = foretold.tally()
    assert counted(tally) == {"call": 1, "duplicate": 2500}
    assert (tally.requests["head"], tally.requests["rows"]) == (1, 26)


def test_tallies_of_parts_would_not_add_up() -> None:
    whole = Tally(ways=Counter({Way.CALL: 1}), tags=2)
    whole.add(Tally(ways=Counter({Way.CALL: 2, Way.DONE: 1}), tags=3, unsure_calls=1))
    assert (whole.ways, whole.tags, whole.unsure_calls, whole.objects) == ({Way.CALL: 3, Way.DONE: 1}, 5, 1, 4)
