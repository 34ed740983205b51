"""Files of this machine as objects."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from imagelabels.domain.errors import Gone, Rejected, Unavailable
from imagelabels.domain.model import ObjectHead, ObjectRef
from imagelabels.pictures.picture import MAX_BYTES
from imagelabels.providers import local
from imagelabels.providers.local import objects as module
from imagelabels.providers.local.objects import LocalObjects

OLD = 1_700_000_000
NOTHING = LocalObjects(lambda ref: None)


def ref(path: Path) -> ObjectRef:
    return ObjectRef("file", "", str(path)[1:])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "狗 [1].jpg"
    path.write_bytes(b"abcdef")
    os.utime(path, (OLD, OLD))
    return path


def head(path: Path, store: LocalObjects = NOTHING) -> ObjectHead:
    found = store.head(ref(path)).head
    assert found is not None
    return found


def test_a_file_is_told_by_its_checksum_size_and_time(file: Path) -> None:
    assert ref(file).uri == f"file://{file}"
    md5 = hashlib.md5(b"abcdef").hexdigest()
    assert head(file) == ObjectHead(md5, 6, None, OLD, version=f"{OLD}000000000")


@pytest.mark.parametrize("path", ["nothing", "狗 [1].jpg/below", "", "a\0b"])
def test_what_is_no_plain_file_is_no_object(file: Path, path: str) -> None:
    if "\0" in path:
        with pytest.raises(Unavailable):
            NOTHING.head(ref(file.parent / path))
        return
    assert NOTHING.head(ref(file.parent / path)).head is None


def test_a_pipe_does_not_keep_us_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert NOTHING.head(ref(tmp_path / "pipe")).head is None


def test_a_file_that_did_not_change_is_not_read_again(file: Path) -> None:
    known = ObjectHead("recorded", 6, None, OLD, version=f"{OLD}000000000")
    store = LocalObjects(lambda _: known)
    assert head(file, store) == known
    os.utime(file, ns=(OLD * 10**9, OLD * 10**9 + 1))
    assert head(file, store).etag == hashlib.md5(b"abcdef").hexdigest()
    os.utime(file, (OLD, OLD))
    file.write_bytes(b"abcdefg")
    os.utime(file, (OLD, OLD))
    assert head(file, store).size == 7


def test_a_file_that_changed_just_now_is_read_again_though_its_time_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "new.jpg"
    path.write_bytes(b"first")
    seen = head(path)
    at = os.stat(path).st_mtime_ns
    path.write_bytes(b"other")
    os.utime(path, ns=(at, at))
    assert head(path, LocalObjects(lambda _: seen)).etag == hashlib.md5(b"other").hexdigest()
    assert NOTHING.read(ref(path), seen, 0, 99) == b"other"  # a time alone cannot tell; the checksum does, next time


def test_a_file_that_is_too_large_for_a_picture_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "video"
    with path.open("wb") as opened:
        opened.truncate(MAX_BYTES + 1)
    os.chmod(path, 0)
    assert (head(path).etag, head(path).size) == ("", MAX_BYTES + 1)


def test_bytes_are_of_the_file_that_was_looked_at_or_none(file: Path) -> None:
    seen = head(file)
    assert NOTHING.read(ref(file), seen, 0, 99) == b"abcdef"
    assert NOTHING.read(ref(file), seen, 2, 3) == b"cde"
    os.utime(file, (OLD, OLD + 1))
    with pytest.raises(Gone):
        NOTHING.read(ref(file), seen, 0, 99)
    file.unlink()
    with pytest.raises(Gone):
        NOTHING.read(ref(file), seen, 0, 99)


def test_a_file_that_changes_again_and_again_is_left_for_later(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_head", lambda *_: None)
    with pytest.raises(Unavailable) as waits:
        NOTHING.head(ref(file))
    assert waits.value.reason == "unsettled"


def test_files_have_no_tags(file: Path) -> None:
    assert NOTHING.tags(ref(file)) == {}
    with pytest.raises(Rejected) as refused:
        NOTHING.put_tags(ref(file), {"label:dog": "mammal"}, 0, 0)
    assert refused.value.reason == "tags_refused"
    file.unlink()
    with pytest.raises(Gone):
        NOTHING.tags(ref(file))


def test_hidden_files_are_listed_only_where_the_prefix_names_them(tmp_path: Path) -> None:
    for name in ("a.jpg", ".b.jpg", ".c/d.jpg", ".c/.e.jpg", "f/.g/h.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"12")
    root = str(tmp_path)[1:]

    def listed(prefix: str) -> list[str]:
        return [found.ref.key.removeprefix(f"{root}/") for found in NOTHING.list("", f"{root}{prefix}")]

    assert listed("/") == listed("") == ["a.jpg"]
    assert listed("/.c/") == [".c/d.jpg"]
    assert listed("/.c/.") == [".c/.e.jpg"]
    assert listed("/.") == [".b.jpg", ".c/d.jpg"]
    assert listed("/f/.g") == ["f/.g/h.jpg"]


def test_files_are_listed_in_the_order_of_their_keys(tmp_path: Path) -> None:
    for name in ("b/c.jpg", "b.jpg", "b0.jpg", "a.jpg", "狗/x", "b/a/z.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"12")
    (tmp_path / "loop").symlink_to(tmp_path)
    root = str(tmp_path)[1:]

    def listed(prefix: str, after: str = "") -> list[str]:
        store = local.open_objects(lambda _: None)
        return [entry.ref.key.removeprefix(f"{root}/") for entry in store.list("", prefix, after) if entry.size == 2]

    everything = ["a.jpg", "b.jpg", "b/a/z.jpg", "b/c.jpg", "b0.jpg", "狗/x"]
    assert listed(f"{root}/") == everything
    assert listed(f"{root}/b") == everything[1:5]
    assert listed(f"{root}/", f"{root}/b/a/z.jpg") == everything[3:]
    assert listed(f"{root}/nothing") == []
