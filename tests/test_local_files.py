"""This test checks which files are found when a person names a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from imagelabels.domain.model import ObjectRef
from imagelabels.local_files import files
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
    assert listed == (ObjectRef("file", "", str(deep)[1:]), "", 1)
