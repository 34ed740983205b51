"""These tests check that a truth file is read correctly, or refused with the number of the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.truth import NAME, BadTruth, read
from imagelabels.domain import taxonomy
from tests.model import PHOTOS

KNOWN = taxonomy.load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a,b.jpg").touch()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "c.jpg").touch()
    return tmp_path


def written(folder: Path, content: bytes) -> dict[Path, frozenset[str]]:
    (folder / NAME).write_bytes(content)
    return read(folder / NAME, folder, KNOWN)


def test_lines_are_photos_with_their_ids_and_one_without_is_off_topic(folder: Path) -> None:
    ids_by_path = written(folder, '\ufeff# remark\r\n"a,b.jpg", dog ,person\r\n\r\ndeep/c.jpg,\r\n'.encode())
    assert ids_by_path == {folder / "a,b.jpg": frozenset({"dog", "person"}), folder / "deep/c.jpg": frozenset()}


def test_an_id_after_an_exclamation_mark_is_kept_with_it_and_must_be_known_too(folder: Path) -> None:
    assert written(folder, b"deep/c.jpg,person,!dog") == {folder / "deep/c.jpg": frozenset({"person", "!dog"})}
    with pytest.raises(BadTruth, match=r"'mamal' is not a label's id: did you mean mammal\?"):
        written(folder, b"deep/c.jpg,!mamal")


def test_an_id_after_a_question_mark_is_kept_with_it_and_must_be_known_too(folder: Path) -> None:
    assert written(folder, b"deep/c.jpg,person,?dog") == {folder / "deep/c.jpg": frozenset({"person", "?dog"})}
    assert written(folder, b"deep/c.jpg,?mammal,!dog") == {folder / "deep/c.jpg": frozenset({"?mammal", "!dog"})}
    with pytest.raises(BadTruth, match=r"'mamal' is not a label's id: did you mean mammal\?"):
        written(folder, b"deep/c.jpg,?mamal")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"deep/c.jpg,?mammal,cat", r"line 1: mammal is both right and not judged: take one"),
        (b"deep/c.jpg,?cat,!cat", r"line 1: cat is both wrong and not judged: take one"),
        (b"deep/c.jpg,!mammal,?cat", r"line 1: cat is both wrong and not judged: take one"),
        (b"deep/c.jpg,!?cat", r"line 1: '\?cat' is not a label's id"),
        (b"deep/c.jpg,cat,!cat", r"line 1: cat is both right and wrong: take one"),
        (b"deep/c.jpg,!mammal,cat", r"line 1: mammal is both right and wrong: take one"),
        (b"deep/c.jpg,Dogs", r"line 1: 'Dogs' is not a label's id: write dog$"),
        (b"\ndeep/c.jpg,person,mamal", r"line 2: 'mamal' is not a label's id: did you mean .*mammal"),
        (b"deep/c.jpg,kitten", r"line 1: 'kitten' is not a label's id: write cat$"),
        ("deep/c.jpg,猫科".encode(), r"write those that you mean of cat, wild-cat$"),
        (
            b"deep/c.jpg,!animal",
            r"line 1: 'animal' is not a label's id: write those that you mean of mammal, bird, aquatic-animal, .*bug$",
        ),
        ("deep/c.jpg,风景".encode(), r"line 1: '风景' is not a label's id: write "),
        (b"deep/c.jpg,birthday", r"there is no label for it, because the embedded model knows no occasions$"),
        (b"deep/c.jpg,xyzzy", r"'xyzzy' is not a label's id: `imagelabels labels` lists the ids of all labels$"),
        (b"nowhere.jpg,dog", r"line 1: there is no photo .*nowhere\.jpg"),
        (b",dog", r"line 1: there is no photo"),
        (b"deep/c.jpg,dog\ndeep/c.jpg,cat", r"line 2: deep/c\.jpg has a line already"),
        (b"# nothing\n", r"names no photo"),
        (b"deep/c.jpg,\xff", r"is not text in UTF-8"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(folder: Path, content: bytes, message: str) -> None:
    with pytest.raises(BadTruth, match=message):
        written(folder, content)


def test_a_folder_without_a_truth_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BadTruth, match=r"truth\.csv cannot be read: No such file or directory\. docs/labels\.md says"):
        read(tmp_path / NAME, tmp_path, KNOWN)


def test_the_repositorys_photos_all_have_their_truth() -> None:
    assert set(read(PHOTOS / NAME, PHOTOS, KNOWN)) == set(PHOTOS.glob("*.*g"))
