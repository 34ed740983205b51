"""These tests check the lists of objects that commands walk: in order, each once, and from any position on."""

from __future__ import annotations

from pathlib import Path

from imagelabels.domain.model import ObjectRef
from imagelabels.domain.query import LIMIT
from imagelabels.providers import sqlite
from imagelabels.usecases.walk import Place, everything, recorded
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


def test_a_walk_that_goes_on_would_see_objects_and_rows_again_or_miss_some(tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    world, index = World(sqlite.open_ledger(path)), sqlite.open_label_index(path)
    keys = [f"a/{number:02}.jpg" for number in range(12)]
    for key in keys[::2]:
        world.user_puts(ref(key), "cat")()
    for key in keys[1::3]:
        put(world.ledger, record(ref(key)))
    whole = [found.key for found in everything(world.objects, index, PLACE)]
    for number, key in enumerate(whole):
        assert [found.key for found in everything(world.objects, index, PLACE, key)] == whole[number + 1 :]
