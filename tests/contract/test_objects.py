"""These tests check what every object store promises."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.domain.errors import Gone, LabelingError, NoBucket, Rejected, Unavailable
from imagelabels.domain.model import ObjectHead, ObjectRef
from tests.contract.objects_providers import WORLDS
from tests.contract.world import StoreWorld

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

ODD_KEYS = [
    "照片/狗.jpg",
    "trip 2026/50%+ a&b=c?#.jpg",
    "a%2Fb%20c.jpg",
    "🐶\nnew.jpg",
    "a//b/../c/./d.jpg",
    " leading and trailing ",
    "quotes'\"<xml>&amp;.jpg",
    "照" * 283,  # COS accepts keys of up to 850 bytes
]


@pytest.fixture(params=list(WORLDS.values()), ids=list(WORLDS))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreWorld]:
    with request.param(tmp_path) as world:
        yield world


def seen(world: StoreWorld, key: str) -> ObjectHead:
    head = world.objects.head(world.ref(key)).head
    assert head is not None
    return head


def test_an_object_is_seen_as_it_was_put(world: StoreWorld) -> None:
    world.put("dog.jpg", b"0123456789")
    head = seen(world, "dog.jpg")
    assert head.size == 10
    assert head.etag.upper() == "781E5E245D69B566979B86E28D23F2C7"
    assert not head.archived
    assert not head.symlink
    assert abs(head.last_modified - world.now()) <= 2


def test_the_stores_time_is_told_with_and_without_an_object_and_without_a_bucket(world: StoreWorld) -> None:
    world.put("dog.jpg", b"1")
    missing = ObjectRef(world.store, world.missing, "dog.jpg")
    for ref in (world.ref("dog.jpg"), world.ref("cat.jpg"), missing):
        assert abs(world.objects.head(ref).date - world.now()) <= 2
    assert world.objects.head(world.ref("cat.jpg")).head is None
    assert world.objects.head(missing).head is None


def test_an_object_that_did_not_change_is_seen_the_same_twice(world: StoreWorld) -> None:
    world.put("dog.jpg", b"1")
    assert seen(world, "dog.jpg") == seen(world, "dog.jpg")


def test_an_overwrite_shows(world: StoreWorld) -> None:
    world.put("dog.jpg", b"1")
    before = seen(world, "dog.jpg")
    world.put("dog.jpg", b"2")
    assert seen(world, "dog.jpg") != before


def test_tags_do_not_change_what_is_seen(world: StoreWorld) -> None:
    world.put("dog.jpg", b"1")
    before = seen(world, "dog.jpg")
    world.objects.put_tags(world.ref("dog.jpg"), {"label:dog": "mammal"}, world.now() + 5, world.now() + 30)
    assert seen(world, "dog.jpg") == before


def test_the_same_bytes_under_two_keys_are_seen_as_the_same_content(world: StoreWorld) -> None:
    world.put("a.jpg", b"same")
    world.put("b.jpg", b"same")
    a, b = seen(world, "a.jpg"), seen(world, "b.jpg")
    assert (a.etag, a.size, a.crc64) == (b.etag, b.size, b.crc64)


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (0, 4, b"0123"),
        (3, 4, b"3456"),
        (0, 10, b"0123456789"),
        (0, 65536, b"0123456789"),
        (8, 65536, b"89"),
        (9, 1, b"9"),
        (10, 5, b""),
        (500, 5, b""),
        (3, 0, b""),
    ],
)
def test_a_range_is_exactly_that_and_ends_with_the_object(
    world: StoreWorld, start: int, length: int, expected: bytes
) -> None:
    world.put("dog.jpg", b"0123456789")
    assert world.objects.read(world.ref("dog.jpg"), seen(world, "dog.jpg"), start, length) == expected


def test_an_empty_object_reads_as_nothing(world: StoreWorld) -> None:
    world.put("empty.jpg", b"")
    head = seen(world, "empty.jpg")
    assert head.size == 0
    assert world.objects.read(world.ref("empty.jpg"), head, 0, 100) == b""


def test_a_large_object_is_read_whole(world: StoreWorld) -> None:
    data = bytes(range(256)) * 12_000
    world.put("large.jpg", data)
    assert world.objects.read(world.ref("large.jpg"), seen(world, "large.jpg"), 0, len(data)) == data


def test_bytes_of_another_object_than_the_one_seen_are_never_read(world: StoreWorld) -> None:
    world.put("dog.jpg", b"0123456789")
    head = seen(world, "dog.jpg")
    world.put("dog.jpg", b"abcdefghij")
    with pytest.raises(Gone):
        world.objects.read(world.ref("dog.jpg"), head, 0, 4)
    world.delete("dog.jpg")
    with pytest.raises(Gone):
        world.objects.read(world.ref("dog.jpg"), head, 0, 4)


def test_a_new_object_has_no_tags(world: StoreWorld) -> None:
    world.put("dog.jpg", b"1")
    assert world.objects.tags(world.ref("dog.jpg")) == {}


def test_tags_are_replaced_as_a_whole(world: StoreWorld) -> None:
    ref = world.ref("dog.jpg")
    world.put("dog.jpg", b"1")
    world.tag("dog.jpg", {"owner": "ann", "empty": ""})
    assert world.objects.tags(ref) == {"owner": "ann", "empty": ""}
    wanted = {"label:dog": "mammal", "owner": "a b+c-d=e.f_g:h/i"}
    world.objects.put_tags(ref, wanted, world.now() + 5, world.now() + 30)
    assert world.objects.tags(ref) == wanted
    world.objects.put_tags(ref, {}, world.now() + 5, world.now() + 30)
    assert world.objects.tags(ref) == {}


def test_an_overwritten_object_has_lost_its_tags(world: StoreWorld) -> None:
    world.put("dog.jpg", b"1")
    world.objects.put_tags(world.ref("dog.jpg"), {"a": "1"}, world.now() + 5, world.now() + 30)
    world.put("dog.jpg", b"2")
    assert world.objects.tags(world.ref("dog.jpg")) == {}


def test_an_object_that_is_not_there_has_no_tags_to_read_or_write(world: StoreWorld) -> None:
    with pytest.raises(Gone):
        world.objects.tags(world.ref("dog.jpg"))
    with pytest.raises(Gone):
        world.objects.put_tags(world.ref("dog.jpg"), {"a": "1"}, world.now() + 5, world.now() + 30)


def test_a_tag_too_many_is_refused_and_nothing_is_written(world: StoreWorld) -> None:
    ref = world.ref("dog.jpg")
    world.put("dog.jpg", b"1")
    world.tag("dog.jpg", {"owner": "ann"})
    with pytest.raises(Rejected) as caught:
        world.objects.put_tags(ref, {f"k{n}": "v" for n in range(11)}, world.now() + 5, world.now() + 30)
    assert caught.value.reason == "tags_refused"
    assert world.objects.tags(ref) == {"owner": "ann"}


def test_a_write_whose_time_is_over_is_never_made(world: StoreWorld) -> None:
    ref = world.ref("dog.jpg")
    world.put("dog.jpg", b"1")
    world.tag("dog.jpg", {"owner": "ann"})
    with pytest.raises(Unavailable):
        world.objects.put_tags(ref, {"late": "1"}, world.now() - 3, world.now() - 2)
    assert world.objects.tags(ref) == {"owner": "ann"}


@pytest.mark.parametrize("key", ODD_KEYS)
def test_a_key_means_the_same_object_to_every_call(world: StoreWorld, key: str) -> None:
    ref = world.ref(key)
    world.put(key, b"0123456789")
    head = seen(world, key)
    assert world.objects.read(ref, head, 2, 3) == b"234"
    world.objects.put_tags(ref, {"label:dog": "mammal"}, world.now() + 5, world.now() + 30)
    assert world.objects.tags(ref) == {"label:dog": "mammal"}
    assert [listed.ref for listed in world.objects.list(ref.bucket)] == [ref]
    world.delete(key)
    assert world.objects.head(ref).head is None


def test_keys_that_differ_in_spelling_only_are_different_objects(world: StoreWorld) -> None:
    for key in ("a b.jpg", "a+b.jpg", "a%20b.jpg", "A b.jpg"):
        world.put(key, key.encode())
    for key in ("a b.jpg", "a+b.jpg", "a%20b.jpg", "A b.jpg"):
        head = seen(world, key)
        assert world.objects.read(world.ref(key), head, 0, 100) == key.encode()


def test_a_list_has_every_object_once_in_the_order_of_keys(world: StoreWorld) -> None:
    keys = ["b.jpg", "a/2.jpg", "a/1.jpg", "照片.jpg", "a.jpg", "🐶.jpg"]
    for key in keys:
        world.put(key, key.encode())
    listed = list(world.objects.list(world.ref("").bucket))
    assert [entry.ref.key for entry in listed] == sorted(keys, key=str.encode)
    for entry in listed:
        head = seen(world, entry.ref.key)
        assert (entry.etag, entry.size) == (head.etag, head.size)
        assert entry.modified is not None
        assert int(entry.modified) == head.last_modified
        assert entry.storage_class


def test_a_list_keeps_to_its_prefix_and_starts_behind_a_key(world: StoreWorld) -> None:
    for key in ("a/1", "a/2", "a/3", "b/1"):
        world.put(key, b"x")
    bucket = world.ref("").bucket
    assert [entry.ref.key for entry in world.objects.list(bucket, "a/")] == ["a/1", "a/2", "a/3"]
    assert [entry.ref.key for entry in world.objects.list(bucket, "a/", "a/1")] == ["a/2", "a/3"]
    assert [entry.ref.key for entry in world.objects.list(bucket, after="a/2")] == ["a/3", "b/1"]
    assert list(world.objects.list(bucket, "nothing/")) == []


def test_many_threads_get_their_own_answers(world: StoreWorld) -> None:
    for n in range(8):
        world.put(f"{n}.jpg", bytes([n]) * (n + 1))

    def look(n: int) -> bytes:
        head = seen(world, f"{n}.jpg")
        return world.objects.read(world.ref(f"{n}.jpg"), head, 0, 100)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(look, range(8))) == [bytes([n]) * (n + 1) for n in range(8)]


def test_a_missing_bucket_is_told_from_a_missing_object(world: StoreWorld) -> None:
    world.put("dog.jpg", b"1")
    with pytest.raises(NoBucket):
        world.objects.tags(ObjectRef(world.store, world.missing, "dog.jpg"))
    with pytest.raises(Gone) as caught:
        world.objects.tags(world.ref("cat.jpg"))
    assert not isinstance(caught.value, NoBucket)


def test_every_error_is_one_of_ours(world: StoreWorld) -> None:
    world.put("dog.jpg", b"1")
    head = replace(seen(world, "dog.jpg"), etag="0" * 32)
    missing = ObjectRef(world.store, world.missing, "dog.jpg")
    for call in (
        lambda: world.objects.read(world.ref("dog.jpg"), head, 0, 1),
        lambda: world.objects.tags(missing),
        lambda: world.objects.put_tags(missing, {}, world.now() + 5, world.now() + 30),
    ):
        with pytest.raises((Gone, LabelingError)):
            call()
