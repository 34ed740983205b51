"""All records of one event are tried."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from urllib.parse import quote_plus

from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import ObjectChange, ObjectRef
from imagelabels.providers.aliyun import events
from imagelabels.respond import respond
from imagelabels.usecases.calling import TRIES
from imagelabels.usecases.deliver import deliver
from tests.world import TIMEOUT, World


def test_one_record_that_waits_does_not_keep_the_others_from_being_labelled(world: World) -> None:
    refs = [ObjectRef("oss", "photos", f"{n}.jpg") for n in range(5)]
    for ref in refs:
        world.user_puts(ref, f"picture {ref.key}")()
    worker = world.worker()
    world.detector.fails += [Unavailable("throttled")] * TRIES
    changes = [ObjectChange(ref, "created", f"e{ref.key}") for ref in refs]
    with ThreadPoolExecutor(1) as executor:
        got = deliver(worker.labeler, changes, world.clock.monotonic() + TIMEOUT, executor)
    assert [one.change for one in got] == changes
    assert [one.error.reason if one.error else None for one in got] == ["throttled", None, None, None, None]
    assert [one.outcome.state if one.outcome else None for one in got] == [None] + ["labelled"] * 4


def test_records_of_one_object_do_not_wait_for_each_other(world: World) -> None:
    ref, other = ObjectRef("oss", "photos", "a.jpg"), ObjectRef("oss", "photos", "b.jpg")
    world.user_puts(ref, "cat")()
    world.user_puts(other, "dog")()
    worker = world.worker()
    changes = [ObjectChange(r, "created", f"e{n}") for n, r in enumerate([ref, other, ref])]
    with ThreadPoolExecutor(1) as executor:
        got = deliver(worker.labeler, changes, world.clock.monotonic() + TIMEOUT, executor)
    assert [one.outcome.state for one in got if one.outcome] == ["labelled", "labelled", "unchanged"]
    assert world.clock.store - 1_700_000_000 < 30


def test_records_of_one_object_go_one_after_the_other(world: World) -> None:
    class Counting(ThreadPoolExecutor):
        pieces = 0

        def submit(self, *work: Any, **named: Any) -> Future[Any]:
            self.pieces += 1
            return super().submit(*work, **named)

    ref, other = ObjectRef("oss", "photos", "a.jpg"), ObjectRef("oss", "photos", "b.jpg")
    changes = [ObjectChange(r, "removed", f"e{n}") for n, r in enumerate([ref, other, ref, ref])]
    with Counting(1) as executor:
        deliver(world.worker().labeler, changes, world.clock.monotonic() + TIMEOUT, executor)
    assert executor.pieces == 2


def test_an_event_without_records_is_done_at_once(world: World) -> None:
    with ThreadPoolExecutor(1) as executor:
        assert deliver(world.worker().labeler, [], 0.0, executor) == []


def test_a_cloud_that_encodes_keys_has_its_creations_and_its_removals_acted_on_and_told_by_the_real_key(
    world: World,
) -> None:
    real = ObjectRef("oss", "photos", "enc/cn:1/照片 a+b.jpg")
    world.user_puts(real, "cat")()
    head = world.objects.there[real.uri].head
    told = {"key": quote_plus(real.key), "size": head.size, "eTag": head.etag}

    def delivered(name: str) -> tuple[str, str]:
        record = {"eventName": name, "oss": {"bucket": {"name": "photos"}, "object": told}}
        changes, bad = events.changes({"events": [record]})
        with ThreadPoolExecutor(1) as executor:
            got = deliver(world.worker().labeler, changes, world.clock.monotonic() + TIMEOUT, executor)
        (answer,) = respond("r", got, bad)["records"]
        return answer["uri"], answer["state"]

    assert delivered("ObjectCreated:PutObject") == (real.uri, "labelled")
    world.objects.delete(real)
    assert delivered("ObjectRemoved:DeleteObject") == (real.uri, "removed")
    assert world.ledger.row(real) is None
