"""This test checks which files are found when a person names a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.local_files import cache_folder, files
from imagelabels.providers.local.objects import LocalObjects


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A photo in nested folders, which are deeper than Python's recursion limit."""
    folders = [tmp_path / "a"]
    for _ in range(1100):
        folders.append(folders[-1] / "a")
    for folder in folders:
        folder.mkdir()
    photo = folders[-1] / "photo.jpg"
    photo.write_bytes(b"x")
    yield photo
    photo.unlink()
    for folder in reversed(folders):
        folder.rmdir()


def test_a_photo_is_found_however_deep_it_lies(deep: Path, tmp_path: Path) -> None:
    assert list(files([str(tmp_path)])) == [str(deep)]
    (listed,) = LocalObjects(lambda ref: None).list("", f"{str(tmp_path)[1:]}/")
    assert (listed.ref, listed.size) == (ObjectRef("file", "", str(deep)[1:]), 1)


def test_the_cache_is_where_the_user_or_the_system_keeps_caches() -> None:
    assert cache_folder({"XDG_CACHE_HOME": "/c", "HOME": "/home/me"}, "linux") == Path("/c/imagelabels")
    assert cache_folder({"HOME": "/home/me"}, "linux") == Path("/home/me/.cache/imagelabels")
    assert cache_folder({"HOME": "/Users/me"}, "darwin") == Path("/Users/me/Library/Caches/imagelabels")
    assert cache_folder({"XDG_CACHE_HOME": "not/absolute", "HOME": "/h"}, "linux") == Path("/h/.cache/imagelabels")


def test_a_user_without_a_home_reads_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(Path, "home", without_home)
    with pytest.raises(Misconfigured, match="you have no home folder: set XDG_CACHE_HOME to a folder"):
        cache_folder({})


def without_home() -> Path:
    raise RuntimeError("Could not determine home directory.")
