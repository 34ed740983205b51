"""Receivers are told when pictures enter and leave an album: at least once, and in order for each picture."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count, pairwise

import pytest

from imagelabels.domain import webhooks
from imagelabels.domain.albums import Album, Changed, Question
from imagelabels.domain.changes import Change
from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import ImageRecord
from imagelabels.domain.webhooks import MOST_FAILED, MOST_HOOKS, MOST_WAITING, Delivery, Hook
from imagelabels.ports.receivers import SendResult
from imagelabels.ports.webhooks import Told
from imagelabels.usecases import hook_turn
from imagelabels.usecases.hook_keeping import TooManyHooks, delivery_form, hook_form
from imagelabels.usecases.hook_run import run
from imagelabels.usecases.hook_turn import LEASE, MOST_IN_A_ROW
from tests.fakes_albums import FakeChanges
from tests.fakes_webhooks import BROKEN, OK, Sent
from tests.toy.index.shelf import ShelfIndex
from tests.webhooks_world import CAT, DOG, URL, World

HOUR = 3600
OTHER = "https://example.com/other"


@pytest.fixture
def world() -> World:
    return World()


def test_a_receiver_is_told_when_a_picture_enters_and_when_it_leaves(world: World) -> None:
    world.hook()
    world.has("a.jpg", DOG)
    world.has("b.jpg", CAT)
    world.run()
    assert world.told() == [("entered", "a.jpg")]
    world.has("a.jpg", CAT)
    world.has("b.jpg", DOG)
    world.run()
    assert sorted(world.told()) == [("entered", "b.jpg"), ("left", "a.jpg")]
    world.lost("b.jpg")
    world.run()
    assert world.told() == [("left", "b.jpg")]
    world.run()
    assert world.told() == []


def test_a_picture_that_is_put_in_by_hand_while_changes_are_read_is_told(world: World) -> None:
    world.hook()
    world.run()
    for number in range(150):  # More than one page, so that pins have been read when the next page is.
        world.has(f"{number:03}.jpg", CAT)

    class Pinning(FakeChanges):
        pages = 0

        def since(self, cursor: str | None, limit: int = 100) -> tuple[tuple[Change, ...], str]:
            self.pages += 1
            if self.pages == 2:
                world.albums.pin(world.album.id, "oss://photos/000.jpg", "in", world.now)
            return super().since(cursor, limit)

    world.by = replace(world.by, changes=Pinning(world.ledger.changes))
    world.run()
    world.run()
    assert world.told() == [("entered", "000.jpg")]


def test_a_clock_that_was_a_year_ahead_for_a_moment_stops_no_webhook_for_a_year(world: World) -> None:
    hook = world.hook()
    world.has("a.jpg", DOG)
    world.later(365 * 24 * HOUR)
    world.receivers.answers[URL] = BROKEN
    world.run()  # This run writes that the next attempt is due in a year.
    there = world.state(hook)
    killed = replace(there, lease="killed", lease_until=world.now + LEASE, version=there.version + 1)
    world.kept.hooks.put(killed, there.version)
    world.told()
    world.later(-365 * 24 * HOUR)
    world.receivers.answers[URL] = OK
    world.run()
    assert world.told() == [("entered", "a.jpg")]


def test_a_picture_leaves_too_if_it_is_still_waiting_to_be_told_as_entered(world: World) -> None:
    def compare_because_the_question_changed() -> None:
        world.asks(Question(("cat",)))

    def compare_because_the_cursor_is_too_old() -> None:
        world.lost("000.jpg")
        world.has("other.jpg", CAT)
        world.changes.remove(len(world.changes.lines))

    for happens in (compare_because_the_question_changed, compare_because_the_cursor_is_too_old):
        world = World()
        world.hook()
        for number in range(230):  # More than two pages.
            world.has(f"{number:03}.jpg", DOG)
        world.receivers.answers[URL] = BROKEN
        world.run()
        happens()
        world.run()
        world.told()
        world.receivers.answers[URL] = OK
        world.later(HOUR)
        world.run()
        told = [kind for kind, key in world.told() if key == "000.jpg"]
        assert told == ["entered", "left"]


def test_a_question_that_changes_during_the_first_comparison_leaves_nothing_wrong_behind(world: World) -> None:
    for number in range(150):
        world.has(f"{number:03}.jpg", DOG)
    world.later(HOUR)
    hook, by = world.hook(), world.by
    ticks = count()
    world.by = replace(by, clock=lambda: float(next(ticks)))
    world.work(hook, until=1.0)
    assert (world.state(hook).stage, bool(world.state(hook).place)) == ("matches", True)
    world.by = by
    world.asks(Question(("cat",)))
    world.run()
    world.told()
    world.has("000.jpg", CAT)
    world.run()
    assert world.told() == [("entered", "000.jpg")]


def test_a_message_says_what_happened_and_is_signed_with_the_secret_of_its_webhook(world: World) -> None:
    hook = world.hook()
    uri = world.has("a.jpg", DOG)
    world.run()

    (sent,) = world.receivers.sent
    assert (sent.url, sent.secrets) == (URL, hook.secrets)
    assert sent.message == {
        "type": "album.picture.entered",
        "timestamp": "2027-01-15T08:00:00.000Z",
        "data": {"album": world.album.id, "picture": sent.message["data"]["picture"], "uri": uri, "change": 1},
    }


def test_a_new_webhook_tells_nothing_of_pictures_that_were_there_but_tells_when_they_leave(world: World) -> None:
    world.has("old.jpg", DOG)
    world.has("new.jpg", CAT)
    world.later(HOUR)
    world.hook()
    world.run()
    assert world.told() == []
    world.has("old.jpg", DOG)
    world.run()
    assert world.told() == []
    world.has("old.jpg", CAT)
    world.run()
    assert world.told() == [("left", "old.jpg")]


def test_a_picture_that_comes_while_the_album_is_first_compared_is_told(world: World) -> None:
    world.later(HOUR)
    world.hook()
    world.has("new.jpg", DOG)
    world.run()
    assert world.told() == [("entered", "new.jpg")]
    assert world.run()[0].worked is not None
    assert world.told() == []


def test_pictures_are_put_in_and_taken_out_by_hand(world: World) -> None:
    world.hook()
    a, b = world.has("a.jpg", CAT), world.has("b.jpg", DOG)
    world.run()
    world.told()
    world.albums.pin(world.album.id, a, "in", world.now)
    world.albums.pin(world.album.id, b, "out", world.now)
    world.run()
    assert sorted(world.told()) == [("entered", "a.jpg"), ("left", "b.jpg")]
    world.albums.pin(world.album.id, a, None, world.now)
    world.run()
    assert world.told() == [("left", "a.jpg")]


def test_each_change_would_read_all_pins_of_a_large_album(world: World) -> None:
    world.hook()
    world.run()
    before = world.albums.pages_of_pins
    world.albums.pin(world.album.id, world.has("a.jpg", CAT), "in", world.now)
    world.run()
    assert world.told() == [("entered", "a.jpg")]
    assert world.albums.pages_of_pins == before


def test_pins_that_were_there_before_the_webhook_are_known_to_its_receiver(world: World) -> None:
    a, b = world.has("a.jpg", CAT), world.has("b.jpg", CAT)
    world.albums.pin(world.album.id, a, "in", world.now)
    world.later(HOUR)
    world.hook()
    world.albums.pin(world.album.id, b, "in", world.now)
    world.run()
    assert world.told() == [("entered", "b.jpg")]
    world.lost("a.jpg")
    world.run()
    assert world.told() == [("left", "a.jpg")]


def test_another_question_tells_of_what_it_finds_and_of_what_it_finds_no_more(world: World) -> None:
    world.hook()
    for number in range(150):
        world.has(f"dog{number}.jpg", DOG)
        world.has(f"cat{number}.jpg", CAT)
    world.run()
    assert len(world.told()) == 150
    world.asks(Question(("cat",)))
    world.run()
    told = world.told()
    assert sorted(told) == sorted(
        [
            *(("entered", f"cat{number}.jpg") for number in range(150)),
            *(("left", f"dog{number}.jpg") for number in range(150)),
        ]
    )
    world.run()
    assert world.told() == []


class Lagging(ShelfIndex):
    """An index whose search shows a row a minute after it was written."""

    def __init__(self, world: World) -> None:
        super().__init__(world.ledger)
        self._world = world

    def _rows(self) -> list[ImageRecord]:
        return [row for row in super()._rows() if row.updated_at <= self._world.now - 60_000]


def lags(world: World) -> None:
    """Let the search of the world's index lag, and its changes know it."""
    world.by = replace(world.by, gallery=replace(world.by.gallery, index=Lagging(world)))
    world.changes.not_searched = 2


def test_a_new_webhook_would_miss_a_picture_that_the_search_does_not_show_yet(world: World) -> None:
    lags(world)
    world.has("old.jpg", DOG)
    world.later(HOUR)
    world.has("young.jpg", DOG)
    world.later(50)
    world.has("cat.jpg", CAT)
    hook = world.hook()
    world.run()
    assert world.told() == [("entered", "young.jpg")]
    world.later(HOUR)
    world.lost("young.jpg")
    world.lost("old.jpg")
    world.run()
    assert sorted(world.told()) == [("left", "old.jpg"), ("left", "young.jpg")]
    assert world.state(hook).stage == "following"


def test_another_question_would_miss_a_picture_that_the_search_does_not_show_yet(world: World) -> None:
    lags(world)
    world.hook()
    world.has("cat.jpg", CAT)
    world.has("dog.jpg", DOG)
    world.run()
    assert world.told() == [("entered", "dog.jpg")]
    world.asks(Question(("cat",)))
    world.later(1)
    world.run()
    assert sorted(world.told()) == [("entered", "cat.jpg"), ("left", "dog.jpg")]
    world.run()
    assert world.told() == []


def test_a_new_title_tells_nothing(world: World) -> None:
    hook = world.hook()
    world.has("a.jpg", DOG)
    world.run()
    world.told()
    there = world.albums.there[world.album.id]
    world.albums.put(replace(there, title="Hounds", version=2), 1)
    world.run()
    assert (world.told(), world.state(hook).stage) == ([], "following")


def test_a_cursor_that_is_too_old_loses_nothing(world: World) -> None:
    hook = world.hook()
    world.has("a.jpg", DOG)
    world.has("b.jpg", DOG)
    world.run()
    world.told()
    world.has("a.jpg", CAT)
    world.lost("b.jpg")
    world.has("c.jpg", DOG)
    world.changes.remove(len(world.ledger.changes))
    world.run()
    assert sorted(world.told()) == [("entered", "c.jpg"), ("left", "a.jpg"), ("left", "b.jpg")]
    assert world.state(hook).stage == "following"


def test_a_question_that_cannot_be_asked_any_more_is_shown_and_what_waits_is_sent(world: World) -> None:
    hook = world.hook()
    world.has("a.jpg", DOG)
    world.receivers.answers[URL] = BROKEN
    world.run()
    world.told()
    world.asks(Question(("dog",), min_confidence=2.0))
    world.later(HOUR)
    world.receivers.answers[URL] = OK
    world.run()
    assert "cannot be asked" in world.state(hook).why
    assert world.told() == [("entered", "a.jpg")]
    world.asks(Question(("dog",)))
    world.run()
    assert world.state(hook).why == ""


def test_a_page_token_of_another_version_begins_the_comparison_anew(world: World) -> None:
    hook = world.hook()
    world.has("a.jpg", DOG)
    world.run()
    there = world.state(hook)
    world.kept.hooks.put(replace(there, stage="matches", place="nonsense", version=there.version + 1), there.version)
    world.run()
    assert world.state(hook).stage == "following"


def test_a_receiver_is_told_only_of_pictures_that_the_maker_of_the_webhook_may_see(world: World) -> None:
    world.hook(URL, "oss://photos/open/")
    world.has("open/a.jpg", DOG)
    world.has("secret/b.jpg", DOG)
    world.run()
    world.asks(Question(("dog",), prefix="oss://photos/"))
    world.run()
    assert world.told() == [("entered", "open/a.jpg")]


def test_a_picture_that_still_waits_for_its_first_labels_is_in_an_album_of_such_pictures(world: World) -> None:
    world.asks(Question(state="waiting"))
    world.hook()
    world.run()
    uri = world.has("a.jpg", DOG)
    row = world.ledger.there[uri]
    row.record, row.waiting = None, "throttled"
    world.run()
    assert world.told() == [("entered", "a.jpg")]


def test_the_next_message_of_a_picture_never_overtakes_the_former_one(world: World) -> None:
    hook = world.hook()
    world.receivers.answers[URL] = lambda sent: BROKEN if sent.short[1].endswith("a.jpg") else OK
    world.has("a.jpg", DOG)
    world.run()
    world.has("a.jpg", CAT)
    world.has("b.jpg", DOG)
    world.run()
    assert world.told() == [("entered", "a.jpg"), ("entered", "b.jpg")]
    assert [one.kind for one in world.waiting(hook)] == ["entered", "left"]
    world.receivers.answers[URL] = OK
    world.later(61)
    world.run()
    assert world.told() == [("entered", "a.jpg"), ("left", "a.jpg")]
    assert list(world.waiting(hook)) == []


def test_each_attempt_at_a_message_carries_the_same_id_and_the_same_words(world: World) -> None:
    world.hook()
    world.receivers.answers[URL] = BROKEN
    world.has("a.jpg", DOG)
    for _ in range(3):
        world.run()
        world.later(HOUR)
    world.receivers.answers[URL] = OK
    world.run()
    sent = {(one.id, one.body) for one in world.receivers.sent}
    assert (len(world.receivers.sent), len(sent)) == (4, 1)
    world.told()
    world.has("a.jpg", CAT)
    world.run()
    world.has("a.jpg", DOG)
    world.run()
    assert len({one.id for one in world.receivers.sent} | {next(iter(sent))[0]}) == 3


def test_a_delivery_is_tried_with_growing_pauses_for_a_day_and_then_kept_as_failed(world: World) -> None:
    hook = world.hook()
    world.receivers.answers[URL] = SendResult(302, "the receiver answered 302 (redirects are not followed)")
    world.has("a.jpg", DOG)
    tries = []
    while not (failed := [one for one in world.waiting(hook) if one.failed_at is not None]):
        world.run()
        tries += [world.now // 1000] * len(world.told())
        world.later(60)
    pauses = [after - before for before, after in pairwise(tries)]
    assert pauses == [60, 120, 240, 480, 960, 1920, 3840, *[7200] * 10, 6780]
    assert tries[-1] - tries[0] == 24 * HOUR
    assert (failed[0].tries, failed[0].answer) == (19, "the receiver answered 302 (redirects are not followed)")
    world.later(48 * HOUR)
    world.run()
    assert world.told() == []
    shown = delivery_form(failed[0])
    assert (shown["state"], shown["next_at"], shown["type"]) == ("failed", None, "album.picture.entered")


def test_after_a_message_was_given_up_the_next_one_of_its_picture_is_sent(world: World) -> None:
    hook = world.hook()
    world.receivers.answers[URL] = lambda sent: BROKEN if sent.short[0] == "entered" else OK
    world.has("a.jpg", DOG)
    for _ in range(100):
        world.run()
        world.later(HOUR)
    world.told()
    world.has("a.jpg", CAT)
    world.run()
    assert world.told() == [("left", "a.jpg")]
    assert [one.failed_at is not None for one in world.waiting(hook)] == [True]


def test_failed_messages_are_sent_again_on_demand_with_the_same_id_and_for_another_day(world: World) -> None:
    hook = world.hook()
    world.receivers.answers[URL] = BROKEN
    world.has("a.jpg", DOG)
    for _ in range(30):
        world.run()
        world.later(HOUR)
    ids = {one.id for one in world.receivers.sent}
    world.told()
    assert world.keeper().retry(hook.id) == 1
    world.run()
    assert {one.id for one in world.receivers.sent} == ids
    world.receivers.answers[URL] = OK
    world.later(HOUR)
    world.run()
    assert world.told() == [("entered", "a.jpg")] * 2
    assert list(world.waiting(hook)) == []
    assert world.keeper().retry("nobody") is None


def test_a_worker_that_was_killed_after_sending_sends_again_with_the_same_id(world: World) -> None:
    hook = world.hook()
    world.has("a.jpg", DOG)
    note = world.kept.known.note

    def killed(hook_id: str, told: object) -> None:
        raise KeyboardInterrupt

    world.kept.known.note = killed  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        world.work(hook)
    world.kept.known.note = note  # type: ignore[method-assign]
    assert world.work(hook) is None
    world.later(LEASE / 1000)
    world.run()
    assert len(world.receivers.sent) == 2
    assert len({one.id for one in world.receivers.sent}) == 1


def test_a_worker_that_was_killed_after_its_note_sends_nothing_twice(world: World) -> None:
    hook = world.hook()
    world.has("a.jpg", DOG)
    world.run()
    (sent,) = world.receivers.sent
    picture = sent.message["data"]["picture"]
    world.kept.outbox.add([Delivery(hook.id, picture, 1, sent.short[1], world.now)])
    world.told()
    world.run()
    assert (world.told(), list(world.waiting(hook))) == ([], [])


def test_a_worker_that_was_killed_before_the_cursor_was_written_tells_nothing_twice(world: World) -> None:
    hook = world.hook()
    world.has("a.jpg", DOG)
    world.run()
    there = world.state(hook)
    world.kept.hooks.put(replace(there, cursor="0", version=there.version + 1), there.version)
    world.told()
    world.run()
    assert world.told() == []


def test_two_timers_at_once_do_not_work_for_the_same_webhook(world: World) -> None:
    hook = world.hook()
    world.has("a.jpg", DOG)
    seen = world.state(hook)
    inner: list[object] = []

    def second_timer(sent: Sent) -> SendResult:
        inner.append(world.work(hook))
        inner.append(hook_turn.work(world.by, seen, 1e9))
        return OK

    world.receivers.answers[URL] = second_timer
    world.run()
    assert inner == [None, None]
    assert world.told() == [("entered", "a.jpg")]


def test_a_worker_stops_when_a_person_has_changed_the_webhook(world: World) -> None:
    hook = world.hook()
    for number in range(3):
        world.has(f"{number}.jpg", DOG)
    world.receivers.answers[URL] = lambda sent: (world.keeper().rotate(hook.id), OK)[1]
    assert world.work(hook) is None
    assert world.state(hook).secrets[1] != hook.secrets[0]
    world.later(LEASE / 1000)
    world.receivers.answers[URL] = OK
    world.run()
    assert list(world.waiting(hook)) == []


def test_a_dead_receiver_delays_no_other_one(world: World) -> None:
    world.each = 10.0
    dead, alive = world.hook(), world.hook(OTHER)
    world.receivers.answers[URL] = BROKEN
    for number in range(5):
        world.has(f"{number}.jpg", DOG)
    world.run(deadline=90.0)
    assert [one.url for one in world.receivers.sent].count(OTHER) == 5
    assert (len(list(world.waiting(dead))), len(list(world.waiting(alive)))) == (5, 0)


def test_the_webhook_that_has_waited_longest_comes_first(world: World) -> None:
    first, second = world.hook(), world.hook(OTHER)
    for last, urls in ((first, [OTHER, URL]), (second, [URL, OTHER])):
        there = world.state(last)
        world.kept.hooks.put(replace(there, worked_at=world.now + 1, version=there.version + 1), there.version)
        world.has(f"{last.id}.jpg", DOG)
        world.later(1)
        world.run()
        assert [one.url for one in world.receivers.sent] == urls
        world.told()


def test_a_turn_that_was_too_short_goes_on_in_the_same_run(world: World) -> None:
    hook = world.hook()
    world.each = 7.0
    for number in range(8):
        world.has(f"{number}.jpg", DOG)
    turns = world.run()
    assert len(turns) == 3
    assert len(world.told()) == 8
    assert world.state(hook).lease == ""


def test_a_run_begins_no_turn_after_its_end(world: World) -> None:
    world.hook()
    world.has("a.jpg", DOG)
    assert world.run(deadline=0.0) == []
    assert world.told() == []


def test_a_receiver_that_fails_again_and_again_is_left_alone_until_the_next_run(world: World) -> None:
    world.hook()
    for number in range(30):
        world.has(f"{number}.jpg", DOG)
    world.receivers.answers[URL] = BROKEN
    world.run()
    assert len(world.told()) == MOST_IN_A_ROW


def test_a_receiver_that_answers_410_is_never_asked_again(world: World) -> None:
    hook = world.hook()
    world.has("a.jpg", DOG)
    world.has("b.jpg", DOG)
    world.receivers.answers[URL] = SendResult(410, "the receiver answered 410")
    world.run()
    assert len(world.told()) == 1
    assert (world.state(hook).state, world.state(hook).why) == ("off", "the receiver answered 410 Gone")
    world.later(48 * HOUR)
    assert world.run() == []
    world.receivers.answers[URL] = OK
    assert world.keeper().retry(hook.id) == 0
    world.run()
    assert sorted(world.told()) == [("entered", "a.jpg"), ("entered", "b.jpg")]


def test_what_waits_for_a_dead_receiver_has_an_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = world.hook()
    world.receivers.answers[URL] = BROKEN
    for number in range(MOST_WAITING + 300):
        world.has(f"{number}.jpg", DOG)
    world.run()
    waiting = list(world.waiting(hook))
    assert MOST_WAITING - 100 < len(waiting) <= MOST_WAITING
    for one in waiting:
        world.kept.outbox.write(replace(one, first_at=world.now - webhooks.DAY, tries=9))
    monkeypatch.setattr(hook_turn, "MOST_IN_A_ROW", 10 * MOST_FAILED)
    world.run()
    world.run()
    assert world.state(hook).state == "on"
    for one in world.waiting(hook):
        if one.failed_at is None:
            world.kept.outbox.write(replace(one, first_at=world.now - webhooks.DAY, due_at=world.now))
    world.run()
    failed = [one for one in world.waiting(hook) if one.failed_at is not None]
    assert len(failed) == MOST_FAILED
    assert (world.state(hook).state, world.state(hook).why) == ("off", "1,000 deliveries have failed for a day each")


def test_a_full_outbox_of_which_nothing_is_due_makes_no_run_go_round_until_its_end(world: World) -> None:
    hook = world.hook()
    world.receivers.answers[URL] = BROKEN
    for number in range(MOST_WAITING + 10):
        world.has(f"{number}.jpg", DOG)
    world.run()
    for one in world.waiting(hook):
        world.kept.outbox.write(replace(one, due_at=world.now + HOUR))
    world.told()
    worked = world.work(hook)
    assert worked is not None
    assert (worked.more, world.told()) == (False, [])

    world.later(HOUR)
    world.receivers.answers[URL] = OK
    world.run()
    assert len(world.told()) == MOST_WAITING + 10


def test_a_deleted_album_takes_its_webhooks_with_it(world: World) -> None:
    hook, off = world.hook(), world.hook(OTHER)
    world.receivers.answers[OTHER] = SendResult(410, "gone")
    world.has("a.jpg", DOG)
    world.run()
    world.albums.delete(world.album.id, 1)
    world.told()
    world.run()
    assert (world.told(), world.kept.hooks.list()) == ([], ())
    for one in (hook, off):
        assert world.kept.known.list(one.id) == ()
        assert world.kept.outbox.list(one.id, 10) == ()


def test_a_deleted_webhook_is_gone_at_once_and_its_rows_by_and_by(world: World) -> None:
    hook = world.hook()
    world.has("a.jpg", DOG)
    world.run()
    world.told()
    assert world.keeper().delete(hook.id)
    assert (world.keeper().get(hook.id), world.keeper().hooks()) == (None, [])
    assert not world.keeper().delete(hook.id)
    assert world.keeper().rotate(hook.id) is None
    assert world.work(hook, until=0.0) is not None
    assert world.kept.hooks.get(hook.id) is not None
    world.run()
    assert (world.kept.hooks.list(), world.kept.known.list(hook.id), world.told()) == ((), (), [])


def test_an_index_that_fails_for_one_webhook_is_told_and_ends_no_other_ones_work(world: World) -> None:
    hook, _ = world.hook(), world.hook(OTHER)
    world.has("a.jpg", DOG)
    numbers = world.kept.known.numbers

    def failing(hook_id: str, pictures: list[str]) -> object:
        if hook_id == hook.id:
            raise Unavailable("index_error", "the index failed")
        return numbers(hook_id, pictures)

    world.kept.known.numbers = failing  # type: ignore[method-assign, assignment]
    turns = world.run()
    assert sorted(str(turn.error) for turn in turns) == ["None", "the index failed"]
    assert world.told() == [("entered", "a.jpg")]


def test_a_fault_of_ours_in_the_work_for_one_webhook_is_raised_after_the_others_had_their_turns(world: World) -> None:
    hook, _ = world.hook(), world.hook(OTHER)
    world.run()
    there = world.state(hook)
    broken = replace(there, stage="nonsense", version=there.version + 1)  # type: ignore[arg-type]
    world.kept.hooks.put(broken, there.version)
    world.has("a.jpg", DOG)
    with ThreadPoolExecutor(1) as executor, pytest.raises(KeyError, match="nonsense"):
        run(world.by, 1e9, executor, lambda turn: None)
    assert [one.url for one in world.receivers.sent] == [OTHER]


def test_for_a_day_messages_are_signed_with_the_former_secret_too(world: World) -> None:
    hook = world.hook()
    rotated = world.keeper().rotate(hook.id)
    assert rotated is not None
    assert rotated.secrets == (rotated.secrets[0], hook.secrets[0])
    world.has("a.jpg", DOG)
    world.run()
    assert world.receivers.sent[-1].secrets == rotated.secrets
    world.later(24 * HOUR)
    world.has("b.jpg", DOG)
    world.run()
    assert list(world.receivers.sent[-1].secrets) == [rotated.secrets[0]]


def test_a_person_who_changes_a_webhook_while_it_is_worked_for_tries_again(world: World) -> None:
    hook = world.hook()
    put, failures = world.kept.hooks.put, [True, True]

    def busy(new: object, expected: int | None = None) -> None:
        if failures:
            failures.pop()
            put(replace(world.state(hook), version=world.state(hook).version + 1), world.state(hook).version)
        put(new, expected)  # type: ignore[arg-type]

    world.kept.hooks.put = busy  # type: ignore[method-assign, assignment]
    assert world.keeper().rotate(hook.id) is not None
    failures.extend([True] * 5)
    with pytest.raises(Unavailable, match=f"messages are being sent for the webhook {hook.id}: try again"):
        world.keeper().rotate(hook.id)


def test_a_webhook_that_a_run_writes_while_its_album_is_deleted_is_left_to_the_next_run(world: World) -> None:
    busy_one, other = world.hook(), world.hook(OTHER)
    put = world.kept.hooks.put

    def busy(hook: Hook, expected_version: int | None = None) -> None:
        if hook.id == busy_one.id:
            raise Changed(hook.id)
        put(hook, expected_version)

    world.kept.hooks.put = busy  # type: ignore[method-assign]
    world.albums.delete(world.album.id, 1)
    world.keeper().delete_all(world.album.id)
    assert (world.state(busy_one).state, world.state(other).state) == ("on", "deleted")
    world.kept.hooks.put = put  # type: ignore[method-assign]
    world.run()
    assert world.kept.hooks.list() == ()


def test_an_album_has_ten_webhooks_at_most(world: World) -> None:
    for _ in range(MOST_HOOKS):
        world.hook()
    with pytest.raises(TooManyHooks, match="10 webhooks"):
        world.hook()


def test_a_webhook_that_tells_of_more_than_somebody_may_see_does_not_exist_for_them(world: World) -> None:
    wide, narrow = world.hook(), world.hook(OTHER, "oss://photos/2026/")
    editor = world.keeper("oss://photos")
    assert [hook.id for hook in editor.hooks(world.album.id)] == [narrow.id]
    assert editor.get(wide.id) is None
    assert not editor.delete(wide.id)
    assert world.keeper("oss://photos/2026").get(narrow.id) == narrow
    world.hook(OTHER, "oss://photos-private/")
    assert [hook.id for hook in editor.hooks()] == [narrow.id]
    assert world.keeper().hooks("another") == []


def test_no_form_shows_a_secret(world: World) -> None:
    hook = world.hook()
    assert hook.secrets[0] not in str(hook_form(hook))
    assert hook_form(hook)["worked_at"] is None
    world.run()
    assert hook_form(world.state(hook))["worked_at"] == "2027-01-15T08:00:00.000Z"


def test_a_stale_message_that_was_queued_by_a_slow_worker_is_not_sent(world: World) -> None:
    hook = world.hook()
    world.kept.known.note(hook.id, [Told("p", "oss://photos/p.jpg", 2)])
    world.kept.outbox.add([Delivery(hook.id, "p", 1, "oss://photos/p.jpg", world.now)])
    world.run()
    assert world.told() == []


@pytest.mark.parametrize("what", ["webhook", "album"])
def test_a_webhook_that_cannot_be_read_or_whose_album_cannot_be_would_end_the_work_for_the_others(
    world: World, what: str
) -> None:
    other = Album("other", "Cats", Question(("cat",)))
    world.albums.put(other)
    damaged = world.keeper().make(other.id, OTHER)
    world.kept.hooks.put(replace(damaged, state="off", version=2), 1)
    world.hook()
    if what == "webhook":
        world.kept.hooks.damaged.add(damaged.id)  # type: ignore[attr-defined]
    else:
        world.albums.damaged.add(other.id)
    world.has("a.jpg", DOG)
    world.run()
    assert world.told() == [("entered", "a.jpg")]
    assert len(world.keeper().hooks()) == (1 if what == "webhook" else 2)


def test_a_damaged_webhook_could_not_be_deleted_with_what_it_keeps_or_by_those_who_do_not_see_all(world: World) -> None:
    hook = world.hook()
    world.has("a.jpg", DOG)
    world.run()
    world.kept.hooks.damaged.add(hook.id)  # type: ignore[attr-defined]
    assert not world.keeper("oss://photos/").delete(hook.id)
    assert world.keeper().delete(hook.id)
    assert world.keeper().hooks() == []
    world.run()
    assert (world.kept.hooks.get(hook.id), world.kept.known.list(hook.id)) == (None, ())
