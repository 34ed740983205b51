"""Every adapter of the ports Hooks, Outbox and Known keeps these promises, and those of Albums tell of pins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.domain.albums import Album, Changed, new_id
from imagelabels.domain.changes import named
from imagelabels.domain.errors import Damaged
from imagelabels.domain.webhooks import Delivery, Hook
from imagelabels.ports.webhooks import Told, Webhooks
from imagelabels.records.rows import image_pk
from tests.contract.keeping import KEEPERS, Kept
from tests.contract.samples import put, record

STRANGE = "file:///home/me/\udc80 <script>.jpg"
NOBODY = "\udc80"


@pytest.fixture(params=sorted(KEEPERS))
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    with KEEPERS[request.param](tmp_path) as opened:
        yield opened


@pytest.fixture
def webhooks(kept: Kept) -> Webhooks:
    return kept.webhooks


def hook(**fields: object) -> Hook:
    made = Hook(new_id(), "album", "https://example.com/x", ("whsec_a", "whsec_b"), ("oss://photos/",), 1, 2)
    return replace(made, state="off", why="gone", cursor="c", stage="members", place=STRANGE, silent=False, **fields)  # type: ignore[arg-type]


def delivery(picture: str, number: int = 1, hook: str = "hook", **fields: object) -> Delivery:
    return replace(Delivery(hook, picture, number, STRANGE, 1, 2, 3, 4, None, "500", True), **fields)  # type: ignore[arg-type]


def test_a_webhook_is_read_as_it_was_written(webhooks: Webhooks) -> None:
    made = hook()
    webhooks.hooks.put(made)

    assert webhooks.hooks.get(made.id) == made
    assert webhooks.hooks.list() == (made,)


@pytest.mark.parametrize("name", ["", "nobody", NOBODY, "鹿" * 1000])
def test_what_is_not_there_is_nothing(webhooks: Webhooks, name: str) -> None:
    assert webhooks.hooks.get(name) is None
    assert webhooks.outbox.list(name, 10) == ()
    assert webhooks.known.list(name) == ()
    webhooks.hooks.delete("nobody")


def test_webhooks_are_listed_by_id_in_pages_without_a_gap(webhooks: Webhooks) -> None:
    made = sorted((hook() for _ in range(5)), key=lambda one: one.id)
    for one in made:
        webhooks.hooks.put(one)

    first = webhooks.hooks.list(limit=2)
    assert (*first, *webhooks.hooks.list(first[-1].id, 2), *webhooks.hooks.list(made[3].id)) == tuple(made)


@pytest.mark.parametrize("limit", [1, 100])
def test_one_damaged_webhook_hides_no_other(kept: Kept, limit: int) -> None:
    hooks = kept.webhooks.hooks
    first, damaged, last = sorted((hook() for _ in range(3)), key=lambda one: one.id)
    for one in (first, damaged, last):
        hooks.put(one)
    kept.damage("webhooks", damaged.id)

    page = hooks.list(limit=limit)
    assert (*page, *hooks.list(page[-1].id)) == (first, last)
    with pytest.raises(Damaged, match="the webhook"):
        hooks.get(damaged.id)
    hooks.delete(damaged.id)
    assert hooks.get(damaged.id) is None


def test_of_two_workers_that_write_a_webhook_the_second_is_told(webhooks: Webhooks) -> None:
    made = hook()
    webhooks.hooks.put(made)
    with pytest.raises(Changed):
        webhooks.hooks.put(replace(made, cursor="d"))
    webhooks.hooks.put(replace(made, lease="one", version=2), 1)
    with pytest.raises(Changed):
        webhooks.hooks.put(replace(made, lease="two", version=2), 1)

    assert webhooks.hooks.get(made.id) == replace(made, lease="one", version=2)


def test_a_deleted_webhook_comes_back_by_no_write_of_a_worker(webhooks: Webhooks) -> None:
    made = hook()
    webhooks.hooks.put(made)
    webhooks.hooks.delete(made.id)

    with pytest.raises(Changed):
        webhooks.hooks.put(replace(made, version=2), 1)
    assert webhooks.hooks.list() == ()


def test_a_delivery_that_is_made_twice_is_there_once_as_the_first_made_it(webhooks: Webhooks) -> None:
    first = delivery("a")
    webhooks.outbox.add([first])
    webhooks.outbox.add([replace(first, tries=0, made_at=9), delivery("b")])

    assert webhooks.outbox.list("hook", 10) == (first, delivery("b"))


def test_deliveries_come_in_the_order_of_pictures_and_numbers_and_only_those_of_the_webhook(webhooks: Webhooks) -> None:
    webhooks.outbox.add([delivery("b"), delivery("a", 10), delivery("a", 9)])
    webhooks.outbox.add([delivery("a", 1, "other")])

    assert [one.key for one in webhooks.outbox.list("hook", 10)] == [("a", 9), ("a", 10), ("b", 1)]
    assert [one.key for one in webhooks.outbox.list("hook", 2)] == [("a", 9), ("a", 10)]


def test_a_delivery_is_written_anew_and_removed(webhooks: Webhooks) -> None:
    webhooks.outbox.add([delivery("a"), delivery("b")])
    webhooks.outbox.write(delivery("a", failed_at=7))
    webhooks.outbox.remove([delivery("b"), delivery("nobody")])
    webhooks.outbox.remove([])

    assert webhooks.outbox.list("hook", 10) == (delivery("a", failed_at=7),)


def test_what_a_receiver_knows_never_becomes_older(webhooks: Webhooks) -> None:
    webhooks.known.note("hook", [Told("a", STRANGE, 2), Told("b", STRANGE, 1)])
    webhooks.known.note("hook", [Told("a", STRANGE, 1), Told("b", STRANGE, 1)])
    webhooks.known.note("other", [Told("a", STRANGE, 9)])
    webhooks.known.note("hook", [])

    assert webhooks.known.numbers("hook", ["a", "b", "c"]) == {"a": 2, "b": 1}
    assert webhooks.known.numbers("hook", []) == {}


def test_what_a_receiver_knows_is_listed_in_pages_and_forgotten(webhooks: Webhooks) -> None:
    told = [Told(f"{number:03}", STRANGE, 1) for number in range(250)]
    webhooks.known.note("hook", told)
    webhooks.known.note("other", told[:1])
    first = webhooks.known.list("hook", limit=100)
    assert (*first, *webhooks.known.list("hook", first[-1].picture, 1000)) == tuple(told)

    webhooks.known.forget("hook", [one.picture for one in first])
    assert webhooks.known.list("hook", limit=1) == (told[100],)
    assert webhooks.known.list("other") == (told[0],)


def test_a_pin_that_comes_or_goes_is_told_as_a_change_of_its_picture(kept: Kept) -> None:
    ref, made = named("oss://photos/a.jpg"), Album(new_id(), "Dogs")
    kept.albums.put(made)
    put(kept.ledger, record(ref), "event")
    kept.later(60)
    _, cursor = kept.changes.since(None)
    for kind in ("in", "out", None):
        kept.albums.pin(made.id, ref.uri, kind, int(1000 * kept.now()))
        kept.later(60)
        told, cursor = kept.changes.since(cursor)
        assert [(change.ref, change.picture, change.kind) for change in told] == [(ref, image_pk(ref), "written")]


@pytest.mark.parametrize("kept", ["sqlite", "tablestore"], indirect=True)
def test_one_damaged_delivery_hides_no_other_and_is_replaced_by_the_next_write(kept: Kept) -> None:
    outbox = kept.webhooks.outbox
    outbox.add([delivery("a"), replace(delivery("b"), tries="many"), delivery("c")])  # type: ignore[arg-type]
    assert outbox.list("hook", 2) == (delivery("a"), delivery("c"))
    outbox.write(delivery("b"))
    assert outbox.list("hook", 2) == (delivery("a"), delivery("b"))


@pytest.mark.parametrize("fields", [{"worked_at": "never"}, {"stage": "?"}, {"secrets": ()}, {"url": "https://["}])
@pytest.mark.parametrize("kept", ["sqlite", "tablestore"], indirect=True)
def test_a_webhook_with_a_value_that_nobody_can_work_with_would_end_a_run(
    kept: Kept, fields: dict[str, object]
) -> None:
    kept.webhooks.hooks.put(replace(hook(), **fields))  # type: ignore[arg-type]
    assert kept.webhooks.hooks.list() == ()
