"""These tests check which files the demo uploads, and that it says why it leaves out the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from demo.files import LARGEST, LONGEST_KEY, DemoFiles, LeftOut, Photo, Unusable, choose

NOWHERE = Path("/nowhere")


def kinds(files: DemoFiles) -> dict[str, str]:
    return {file.key: file.kind for file in files.left_out}


def keys(files: DemoFiles) -> list[str]:
    return [photo.key for photo in files.photos]


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_every_file_is_uploaded_or_left_out_with_its_reason(tmp_path: Path) -> None:
    photos = ["a.JPG", "it's $HOME.png", 'q"uote.gif', "new\nline.webp", "旅行 照片/深/猫 1.jpeg"]
    others = ["IMG_1.HEIC", "drawing.svg", "旅行 照片/notes.txt", "README", ".hidden"]
    put(tmp_path, *photos, *others)
    (tmp_path / "empty.jpg").touch()
    files = choose(tmp_path, NOWHERE)
    assert keys(files) == sorted([*photos, "empty.jpg"])
    assert kinds(files) == {
        "IMG_1.HEIC": "heic",
        "drawing.svg": "svg",
        "旅行 照片/notes.txt": "txt",
        "README": "without an ending",
        ".hidden": "without an ending",
    }
    assert all(file.reason.endswith(".") for file in files.left_out)
    assert files.summary() == "5 of 11 files are left out: 2 without an ending, 1 heic, 1 svg, 1 txt"


def test_one_file_is_spoken_of_in_the_singular() -> None:
    assert DemoFiles((), (LeftOut("a.txt", "txt", "No."),)).summary() == "1 of 1 file is left out: 1 txt"


def test_what_cannot_be_read_is_left_out_and_not_opened(tmp_path: Path) -> None:
    put(tmp_path / "inside", "a.jpg")
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "gone.jpg").symlink_to("nowhere")
    (folder / "elsewhere").symlink_to(tmp_path / "inside")
    (folder / "good.jpg").symlink_to(tmp_path / "inside" / "a.jpg")
    os.mkfifo(folder / "pipe.jpg")
    with (folder / "large.tif").open("wb") as file:
        file.truncate(LARGEST + 1)
    files = choose(folder, NOWHERE)
    assert keys(files) == ["good.jpg"]
    assert kinds(files) == {
        "elsewhere": "linked folder",
        "gone.jpg": "broken link",
        "large.tif": "too large",
        "pipe.jpg": "pipe or device",
    }


def test_a_name_that_no_key_can_be_is_left_out_instead_of_ending_the_demo(tmp_path: Path) -> None:
    put(tmp_path, os.fsdecode(b"bad\xff.jpg"), "/".join(["d" * 200] * 4) + f"/{'k' * (LONGEST_KEY - 808)}.jpg")
    (fits,) = keys(choose(tmp_path, NOWHERE))
    assert len(fits) == LONGEST_KEY
    put(tmp_path, f"{fits[:-4]}k.jpg")
    assert sorted(kinds(choose(tmp_path, NOWHERE)).values()) == ["unnameable", "unnameable"]


def test_a_single_file_is_taken_by_its_name(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "b.jpg")
    assert choose(tmp_path / "a.jpg", NOWHERE) == DemoFiles((Photo("a.jpg", tmp_path / "a.jpg"),), ())


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=rf"there is no file or folder {tmp_path}/none"):
        choose(tmp_path / "none", NOWHERE)


def test_the_demos_own_data_is_not_taken_for_photos(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", ".demo/b.jpg")
    assert keys(choose(tmp_path, tmp_path.resolve() / ".demo")) == ["a.jpg"]
