"""Which bytes are looked at: the object's own, or the copy that its store makes."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from imagelabels.domain.errors import Gone, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import ObjectHead, ObjectRef, Picture
from imagelabels.pictures.picture import Head
from imagelabels.ports import LabelDetector
from imagelabels.providers import onnx
from imagelabels.providers.onnx import traits
from imagelabels.providers.onnx.decode import FORMATS
from imagelabels.providers.onnx.fetch import fetched
from tests.model import picture
from tests.providers.onnx.pictures import cat, encoded

WHOLE, COPY = b"the whole object", b"the store's copy"


class FakeShrinker:
    """Makes copies of what it is told to, or fails as it is told to."""

    name = "fake-resized"
    formats = frozenset({"jpeg", "png", "heic", "avif"})

    def __init__(self, copy: bytes | Exception = COPY) -> None:
        self.copy = copy
        self.asked: list[tuple[ObjectRef, ObjectHead, int]] = []

    def shrunk(self, ref: ObjectRef, head: ObjectHead, side: int) -> bytes:
        self.asked.append((ref, head, side))
        if isinstance(self.copy, Exception):
            raise self.copy
        return self.copy


def seen(kind: str | None, width: int | None = 4000, height: int | None = 3000) -> Picture:
    return replace(picture(WHOLE), seen=Head(kind, width, height))


@pytest.mark.parametrize("kind", ["heic", "avif"])
@pytest.mark.parametrize("side", [100, 4000, None])
def test_what_is_not_read_here_is_seen_through_a_copy_of_any_size(kind: str, side: int | None) -> None:
    shrinker, shown = FakeShrinker(), seen(kind, side, side)
    assert fetched(shown, shrinker) == COPY
    assert shrinker.asked == [(shown.ref, shown.head, 1024)]


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [(4000, 3000, COPY), (4000, 2000, COPY), (3999, 2000, WHOLE), (640, 480, WHOLE), (None, None, WHOLE)],
)
def test_a_jpeg_of_8_megapixels_is_not_fetched_whole_and_a_smaller_one_is(
    width: int | None, height: int | None, expected: bytes
) -> None:
    assert fetched(seen("jpeg", width, height), FakeShrinker()) == expected


@pytest.mark.parametrize("kind", [*sorted(FORMATS - {"jpeg"}), "svg", None])
def test_what_a_copy_might_show_otherwise_or_not_at_all_is_fetched_whole(kind: str | None) -> None:
    shrinker = FakeShrinker()
    assert fetched(seen(kind), shrinker) == WHOLE
    assert shrinker.asked == []


def test_without_a_store_that_shrinks_or_a_look_at_the_file_it_is_fetched_whole() -> None:
    assert fetched(seen("jpeg"), None) == fetched(seen("avif"), None) == WHOLE
    assert fetched(picture(WHOLE), FakeShrinker()) == WHOLE


def test_what_the_store_does_not_shrink_is_fetched_whole_where_it_can_be_read() -> None:
    shrinker = FakeShrinker(Rejected("too_large", "the copy of a strip would be too long"))
    assert fetched(seen("jpeg"), shrinker) == WHOLE
    with pytest.raises(Rejected, match="would be too long"):
        fetched(seen("heic"), shrinker)


@pytest.mark.parametrize(
    "error", [Unavailable("throttled"), Misconfigured("forbidden: give the role"), Gone("changed")]
)
def test_a_store_in_trouble_is_not_asked_for_more(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        fetched(seen("jpeg"), FakeShrinker(error))
    assert caught.value is error


def shrunk(image: Image.Image) -> bytes:
    """As a store does it."""
    scale = 1024 / min(image.size)
    return encoded(image.resize((round(image.width * scale), round(image.height * scale))), "JPEG")


def test_answers_through_copies_are_those_of_another_setting_and_of_more_formats(model: Path) -> None:
    whole, through = onnx.open_detector(model, 0.1), onnx.open_detector(model, 0.1, shrinker=FakeShrinker())
    assert through.setting == f"{whole.setting} fake-resized=1024"
    assert through.formats == whole.formats | {"heic", "avif"}


def test_a_large_photo_shows_the_same_through_a_copy(model: Path, detector: LabelDetector) -> None:
    large = cat().resize((3608, 2400), Image.Resampling.BICUBIC)
    data = encoded(large, "JPEG")
    shown = replace(picture(data), seen=Head("jpeg", *large.size))
    through = onnx.open_detector(model, 0.1, shrinker=FakeShrinker(shrunk(Image.open(io.BytesIO(data)))))
    (expected, got) = ({one.id: one.confidence for one in by.detect(shown).labels} for by in (detector, through))
    assert {"mammal", "cat"} <= got.keys()
    for label_id in expected.keys() | got.keys():
        assert got.get(label_id, 0.1) == pytest.approx(expected.get(label_id, 0.1), abs=0.05), label_id


def test_a_photo_in_a_format_that_is_not_read_here_is_labelled_through_its_copy(model: Path) -> None:
    shown = replace(picture(encoded(cat(), "AVIF", speed=10)), seen=Head("avif", 451, 300))
    through = onnx.open_detector(model, 0.1, shrinker=FakeShrinker(shrunk(cat())))
    assert {"mammal", "cat"} <= {one.id for one in through.detect(shown).labels if one.confidence > 0.7}
    with pytest.raises(Rejected) as caught:
        onnx.open_detector(model, 0.1).detect(shown)
    assert caught.value.reason == "unsupported_format"


def test_the_formats_that_are_told_without_the_libraries_would_not_be_those_that_are_read() -> None:
    assert traits.FORMATS == FORMATS
