"""The store of objects: what survives a restart, what is removed then, and that no object is seen incomplete."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from emulator.objectstore.scans import after
from emulator.objectstore.store import KeyTaken, NotEmpty, ObjectStore
from emulator.objectstore.stored import Stored


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ObjectStore]:
    made = ObjectStore(tmp_path)
    made.create_bucket("photos")
    yield made
    made.close()


def put(store: ObjectStore, key: str, content: bytes = b"bytes", tags: dict[str, str] | None = None) -> Stored:
    file = store.new_file()
    file.write_bytes(content)
    new = Stored("photos", key, file, len(content), "E", "1", 7, "Standard", {"content-type": "x/y"}, tags or {})
    store.put(new)
    return new


def reopened(store: ObjectStore, folder: Path) -> ObjectStore:
    store.close()
    return ObjectStore(folder)


def test_objects_tags_and_buckets_survive_a_restart(store: ObjectStore, tmp_path: Path) -> None:
    new = put(store, "照/a b\n.jpg", b"content", {"a": "b"})
    again = reopened(store, tmp_path)
    assert again.object("photos", "照/a b\n.jpg") == new
    assert again.path("photos", "照/a b\n.jpg").read_bytes() == b"content"
    assert [bucket.name for bucket in again.buckets()] == ["photos"]
    again.close()


def test_an_upload_cut_off_by_a_crash_leaves_neither_object_nor_file(store: ObjectStore, tmp_path: Path) -> None:
    store.new_file().write_bytes(b"half of a pict")
    again = reopened(store, tmp_path)
    assert list((tmp_path / "objects").iterdir()) == []
    again.close()


def test_a_row_whose_bytes_were_lost_is_gone_after_a_restart(store: ObjectStore, tmp_path: Path) -> None:
    put(store, "cut").file.write_bytes(b"b")
    put(store, "missing").file.unlink()
    kept = put(store, "kept")
    again = reopened(store, tmp_path)
    assert again.object("photos", "cut") is None
    assert again.object("photos", "missing") is None
    assert again.object("photos", "kept") == kept
    assert list((tmp_path / "objects").iterdir()) == [kept.file]
    again.close()


def test_an_overwrite_unlinks_the_old_bytes_but_an_open_reader_still_has_them(store: ObjectStore) -> None:
    old = put(store, "a", b"old")
    with old.file.open("rb") as reader:
        put(store, "a", b"new")
        assert not old.file.exists()
        assert reader.read() == b"old"
    assert store.path("photos", "a").read_bytes() == b"new"


def test_a_pinned_picture_stays_while_it_is_overwritten_and_leaves_no_file(store: ObjectStore, tmp_path: Path) -> None:
    old = put(store, "a", b"old")
    with store.pinned(old) as path:
        new = put(store, "a", b"new")
        assert path.read_bytes() == b"old"
    assert list((tmp_path / "objects").iterdir()) == [new.file]


def test_a_key_that_is_taken_is_not_overwritten_if_the_writer_says_so(store: ObjectStore) -> None:
    first = put(store, "a", b"first")
    file = store.new_file()
    file.write_bytes(b"second")
    with pytest.raises(KeyTaken):
        store.put(Stored("photos", "a", file, 6, "E", "1", 8, "Standard"), overwrite=False)
    assert store.object("photos", "a") == first


def test_what_was_there_before_is_told_by_put_and_delete(store: ObjectStore) -> None:
    first = put(store, "a", b"first")
    assert store.delete("photos", "a").old == first
    assert store.delete("photos", "a").old is None
    assert not first.file.exists()


def test_tags_change_and_nothing_else_does(store: ObjectStore) -> None:
    before = put(store, "a", tags={"old": ""})
    assert store.set_tags("photos", "a", {"new": "1"})
    now = store.object("photos", "a")
    assert now is not None
    assert now.tags == {"new": "1"}
    assert (now.modified, now.etag, now.file, now.headers) == (
        before.modified,
        before.etag,
        before.file,
        before.headers,
    )


def test_tags_of_no_object_are_not_written(store: ObjectStore) -> None:
    assert not store.set_tags("photos", "a", {"new": "1"})
    assert store.object("photos", "a") is None


def test_path_of_no_object_is_a_key_error(store: ObjectStore) -> None:
    with pytest.raises(KeyError, match="photos/nothing"):
        store.path("photos", "nothing")


def test_a_bucket_with_objects_is_not_deleted(store: ObjectStore) -> None:
    put(store, "a")
    with pytest.raises(NotEmpty):
        store.delete_bucket("photos")
    store.delete("photos", "a")
    assert store.delete_bucket("photos")
    assert not store.delete_bucket("photos")


@pytest.mark.parametrize("name", ["ab", "Photos", "-photos", "photos-", "a_b", "a" * 64, "fotos\n", ""])
def test_a_bucket_name_that_oss_refuses_is_refused_with_the_rule(store: ObjectStore, name: str) -> None:
    with pytest.raises(ValueError, match="3 to 63"):
        store.create_bucket(name)


def test_a_bucket_would_lose_its_settings_though_its_deletion_failed(store: ObjectStore, tmp_path: Path) -> None:
    store.settings.put("photos", "cors", "", "<CORSRule/>")
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as db:
        db.execute("CREATE TRIGGER full BEFORE DELETE ON bucket BEGIN SELECT RAISE(ABORT, 'no space'); END")
    with pytest.raises(sqlite3.IntegrityError, match="no space"):
        store.delete_bucket("photos")
    assert store.bucket("photos") is not None
    assert store.settings.get("photos", "cors") == "<CORSRule/>"


def test_keys_are_scanned_in_the_order_of_their_bytes(store: ObjectStore) -> None:
    keys = ["a", "a\x00b", "a/b", "ab", "z", "é", "照", "\U0001f600"]
    for key in reversed(keys):
        put(store, key)
    assert [listed.key for listed in store.scan("photos", b"", b"", 100)] == keys
    assert [listed.key for listed in store.scan("photos", b"a", b"a/", 2)] == ["a/b", "ab"]
    assert [listed.key for listed in store.scan("other", b"", b"", 100)] == []


def test_the_end_of_a_prefix_lies_behind_every_key_that_has_it() -> None:
    assert after(b"dir/") == b"dir0"
    assert after(b"a\xff\xff") == b"b"
    assert after(b"\xff") is None
    assert after(b"") is None
