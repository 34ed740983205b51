"""Archives have the same bytes for the same files, and are written whole or not at all."""

from __future__ import annotations

import os
import resource
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest

from imagelabels.deploy.package import archive
from imagelabels.domain.errors import Misconfigured

FILES = {"b/two.py": b"2\n" * 1000, "a.py": b"1\n", "b/one.so": bytes(1000)}


def test_the_bytes_depend_on_names_and_contents_alone() -> None:
    assert archive.zipped(FILES) == archive.zipped(dict(reversed(FILES.items())))


def test_everybody_may_read_what_is_unpacked_and_nothing_tells_when_it_was_packed() -> None:
    with zipfile.ZipFile(BytesIO(archive.zipped(FILES))) as packed:
        entries = packed.infolist()
        assert [entry.filename for entry in entries] == sorted(FILES)
        assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
        assert {entry.filename: packed.read(entry) for entry in entries} == FILES


def test_an_out_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "dist"
    file.write_text("mine")
    with pytest.raises(Misconfigured, match=r"dist is a file, but a folder is needed.*--out"):
        archive.check_folder(file)
    with pytest.raises(Misconfigured, match="cannot be made: Not a directory"):
        archive.check_folder(file / "deeper")
    assert file.read_text() == "mine"


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """No file can grow above so many bytes meanwhile, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_fills_leaves_the_former_packages_and_nothing_half_written(tmp_path: Path) -> None:
    archive.write(tmp_path, {"code.zip": b"former code", "layer.zip": b"former layer"})
    with disk_of(1000), pytest.raises(Misconfigured, match=f"cannot be written to {tmp_path}: File too large"):
        archive.write(tmp_path, {"code.zip": b"new code", "layer.zip": bytes(2000)})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "code.zip": b"former code",
        "layer.zip": b"former layer",
    }


class InterruptedAt(dict[str, bytes]):
    """Contents of which one cannot be had because the user presses Ctrl-C just then."""

    def __getitem__(self, name: str) -> bytes:
        if name == "layer.zip":
            raise KeyboardInterrupt
        return super().__getitem__(name)


def test_ctrl_c_midway_leaves_the_former_packages_and_nothing_half_written(tmp_path: Path) -> None:
    archive.write(tmp_path, {"code.zip": b"former code", "layer.zip": b"former layer"})
    with pytest.raises(KeyboardInterrupt):
        archive.write(tmp_path, InterruptedAt({"code.zip": b"new code", "layer.zip": b"new layer"}))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "code.zip": b"former code",
        "layer.zip": b"former layer",
    }


def test_new_packages_replace_former_ones(tmp_path: Path) -> None:
    archive.write(tmp_path, {"code.zip": b"former"})
    archive.write(tmp_path, {"code.zip": b"new"})
    assert os.listdir(tmp_path) == ["code.zip"]
    assert (tmp_path / "code.zip").read_bytes() == b"new"


def test_a_folder_in_the_way_of_one_file_would_leave_half_a_package(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"old")
    (tmp_path / "b.zip").mkdir()
    with pytest.raises(Misconfigured, match=r"b\.zip is a folder"):
        archive.write(tmp_path, {"a.zip": b"new", "b.zip": b"new"})
    assert (tmp_path / "a.zip").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "b.zip"]
