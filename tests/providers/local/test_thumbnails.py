"""Small copies of files of this machine."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from imagelabels.domain.model import ObjectHead, ObjectRef
from imagelabels.providers import local
from imagelabels.providers.local import thumbnails
from imagelabels.providers.local.objects import LocalObjects


def head_of(path: Path) -> tuple[ObjectRef, ObjectHead]:
    ref = ObjectRef("file", "", str(path)[1:])
    head = LocalObjects(lambda _: None).head(ref).head
    assert head is not None
    return ref, head


def test_a_copy_is_small_upright_and_that_of_the_present_file(tmp_path: Path) -> None:
    path = tmp_path / "wide.png"
    Image.new("RGBA", (400, 100), (200, 30, 30, 255)).save(path)
    made = local.open_thumbnails().small(*head_of(path), 64, 300)
    assert isinstance(made, bytes)
    copy = Image.open(io.BytesIO(made))
    assert (copy.format, copy.size) == ("JPEG", (64, 16))
    turned = Image.new("RGB", (400, 100))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(path, "JPEG", exif=exif)
    again = local.open_thumbnails().small(*head_of(path), 64, 300)
    assert isinstance(again, bytes)
    assert Image.open(io.BytesIO(again)).size == (16, 64)


def test_a_copy_is_not_larger_than_the_picture(tmp_path: Path) -> None:
    Image.new("RGB", (20, 10)).save(tmp_path / "a.png")
    made = local.open_thumbnails().small(*head_of(tmp_path / "a.png"), 256, 300)
    assert isinstance(made, bytes)
    assert Image.open(io.BytesIO(made)).size == (20, 10)


@pytest.mark.parametrize("octets", [b"", b"\xff\xd8\xff\xe0", b"GIF89a", b"<script>", b"\x89PNG\r\n\x1a\n" + b"x" * 50])
def test_what_is_no_picture_is_refused_with_a_reason(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(octets)
    with pytest.raises(ValueError, match="no small copy"):
        local.open_thumbnails().small(*head_of(tmp_path / "a.jpg"), 64, 300)


@pytest.mark.parametrize("kind", ["EPS", "TGA", "DDS"])
def test_a_file_that_only_pillow_takes_for_a_picture_is_not_opened(tmp_path: Path, kind: str) -> None:
    Image.new("RGB", (20, 10)).save(tmp_path / "a.jpg", kind)
    with pytest.raises(ValueError, match="does not begin as a picture"):
        local.open_thumbnails().small(*head_of(tmp_path / "a.jpg"), 64, 300)


def test_a_picture_that_unpacks_to_too_much_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "MOST_PIXELS", 99)
    Image.new("1", (10, 10)).save(tmp_path / "bomb.png")
    with pytest.raises(ValueError, match="too many pixels"):
        local.open_thumbnails().small(*head_of(tmp_path / "bomb.png"), 64, 300)


def test_a_file_that_is_gone_is_refused_with_a_reason(tmp_path: Path) -> None:
    Image.new("RGB", (20, 10)).save(tmp_path / "a.png")
    ref, head = head_of(tmp_path / "a.png")
    (tmp_path / "a.png").unlink()
    with pytest.raises(ValueError, match="no small copy"):
        local.open_thumbnails().small(ref, head, 63, 300)
