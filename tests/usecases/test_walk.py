"""Going through many objects: in order, each once, and only a few ahead of who takes the results."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from imagelabels.domain.errors import LabelingError, Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.query import LIMIT
from imagelabels.providers import sqlite
from imagelabels.usecases.walk import AHEAD, Place, each, everything, recorded
from tests.contract.samples import put, record
from tests.world import World

PLACE = Place("oss", "photos", "a/")


def ref(key: str) -> ObjectRef:
    return ObjectRef("oss", "photos", key)


def test_objects_and_rows_are_walked_once_each_in_the_order_of_their_bytes(tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    world, index = World(sqlite.open_ledger(path)), sqlite.open_label_index(path)
    # The fourth one can only have a row: a store's keys are UTF-8, and a file's name need not be.
    keys = ["a/1.jpg", "a/2.jpg", "a/é.jpg", "a/\udcff.jpg", "a/狗.jpg", "a/🐕.jpg"]
    for key in keys[::2]:
        world.user_puts(ref(key), "cat")()
    for key in (*keys[1::2], keys[0], "b/other.jpg"):
        put(world.ledger, record(ref(key)))
    put(world.ledger, record(ref("a/0.jpg"), labels=(), state="skipped", reason="corrupt"))
    walked = [found.key for found in everything(world.objects, index, PLACE)]
    assert sorted(walked) == sorted(["a/0.jpg", *keys])
    assert walked == sorted(walked, key=lambda key: key.encode("utf-8", "surrogatepass"))


def test_rows_of_many_pages_are_all_found(tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    ledger, index = sqlite.open_ledger(path), sqlite.open_label_index(path)
    keys = [f"a/{number:05}.jpg" for number in range(LIMIT + 1)]
    with ledger.together():
        for key in keys:
            put(ledger, record(ref(key)))
    assert [found.key for found in recorded(index, PLACE)] == keys


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


def test_results_and_errors_of_ours_come_in_the_order_of_the_objects(executor: ThreadPoolExecutor) -> None:
    error = Unavailable("throttled")

    def act(ref: ObjectRef) -> str:
        if ref.key == "3":
            raise error
        return ref.key

    refs = [ref(str(number)) for number in range(3 * AHEAD)]
    results: list[tuple[ObjectRef, str | LabelingError]] = [*each(act, refs, executor)]
    assert results == [(one, error if one.key == "3" else one.key) for one in refs]


def test_a_bug_comes_out_as_it_is(executor: ThreadPoolExecutor) -> None:
    def act(ref: ObjectRef) -> str:
        raise KeyError(ref.key)

    with pytest.raises(KeyError):
        list(each(act, [ref("1")], executor))


def test_no_more_objects_are_taken_ahead_than_can_be_remembered(executor: ThreadPoolExecutor) -> None:
    taken: list[str] = []

    def refs() -> Iterator[ObjectRef]:
        for number in range(10 * AHEAD):
            taken.append(str(number))
            yield ref(str(number))

    results = each(lambda ref: ref.key, refs(), executor)
    assert next(results) == (ref("0"), "0")
    assert len(taken) == AHEAD
