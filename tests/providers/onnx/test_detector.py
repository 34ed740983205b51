"""The embedded detector as a use case meets it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagelabels.domain import taxonomy
from imagelabels.domain.errors import Misconfigured, Rejected
from imagelabels.domain.model import Detection, ObjectHead, ObjectRef, Picture
from imagelabels.ports import LabelDetector
from imagelabels.providers import onnx
from imagelabels.providers.onnx.artifact import ModelFile
from imagelabels.providers.onnx.detector import EmbeddedDetector, keep_apart
from imagelabels.providers.onnx.recall import Recall
from tests.model import PHOTOS, picture
from tests.providers.onnx.pictures import cat, encoded


def photo(name: str) -> Picture:
    return picture((PHOTOS / name).read_bytes())


def sure(detection: Detection, least: float = 0.7) -> list[str]:
    return [label.id for label in detection.labels if label.confidence >= least]


# Two of these labels are wrong: camera.png was not taken indoors, and coffee.png shows no food.
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("camera.png", ["person", "electronics", "camera-and-optics", "tripod", "surroundings", "indoor"]),
        ("chelsea.png", ["mammal", "cat"]),
        ("china.jpg", ["surroundings", "outdoor", "building-and-structure"]),
        ("coffee.png", ["drink", "beverage", "espresso", "food"]),
        ("rocket.jpg", ["surroundings", "outdoor", "aircraft-and-rocket"]),
        ("astronaut.jpg", ["person", "surroundings", "indoor"]),
        ("flower.jpg", ["plant-and-fungus", "surroundings", "outdoor"]),
    ],
)
def test_the_photos_of_the_demo_keep_the_labels_that_they_have(
    detector: LabelDetector, name: str, expected: list[str]
) -> None:
    assert sure(detector.detect(photo(name))) == expected


def test_confidences_are_those_that_the_temperature_and_the_levels_were_fitted_for(detector: LabelDetector) -> None:
    found = {label.id: label.confidence for label in detector.detect(photo("chelsea.png")).labels}
    assert found["mammal"] == pytest.approx(0.972, abs=0.01)
    assert found["cat"] == pytest.approx(0.952, abs=0.01)
    assert found["tiger-cat"] == pytest.approx(0.408, abs=0.01)


def test_labels_are_sorted_and_complete_and_no_child_is_surer_than_its_parent(detector: LabelDetector) -> None:
    known = taxonomy.load()
    for name in sorted(path.name for path in PHOTOS.glob("*.*g")):
        labels = detector.detect(photo(name)).labels
        assert list(labels) == sorted(labels, key=lambda label: (-label.confidence, label.level, label.id))
        confidences = {label.id: label.confidence for label in labels}
        for label in labels:
            concept = known.concepts[label.id]
            assert (label.name, label.language) == (concept.names["en"], "en")
            assert (label.level, label.parent_id) == (concept.level, concept.parent)
            assert 0.1 <= label.confidence <= confidences.get(label.parent_id or label.id, 0)
            assert label.centric_score is not None
            assert 0 <= label.centric_score <= 1
            assert label.confidence == round(label.confidence, 3)
            assert label.centric_score == round(label.centric_score, 3)


def test_the_floor_cuts_and_changes_nothing_else(model: Path, detector: LabelDetector) -> None:
    everything = onnx.open_detector(model, 0).detect(photo("chelsea.png")).labels
    assert len(everything) > 20
    assert min(label.confidence for label in everything) >= 0.001
    some = detector.detect(photo("chelsea.png")).labels
    assert some == tuple(label for label in everything if label.confidence >= 0.1)


def test_a_detection_says_which_model_answered_and_keeps_the_whole_answer(detector: LabelDetector) -> None:
    detection = detector.detect(photo("rocket.jpg"))
    assert (detection.detector, detection.paid) == ("embedded", False)
    assert detection.model.startswith("efficientnet-lite0-int8-")
    raw = json.loads(detection.raw)
    assert (raw["width"], raw["height"]) == (640, 427)
    assert raw["labels"] == [[label.id, label.confidence, label.centric_score] for label in detection.labels]


def test_a_setting_that_gives_other_answers_has_another_name(model: Path, detector: LabelDetector) -> None:
    assert (detector.name, detector.paid) == ("embedded", False)
    assert "efficientnet-lite0-int8-" in detector.setting
    assert onnx.open_detector(model, 0.1).setting == detector.setting
    assert onnx.open_detector(model, 0.2).setting != detector.setting


# Who changes an answer raises METHOD, or kept answers of the old kind would be given out as the new one's. A changed
# table is noticed by test_traits.py.
def test_the_answers_under_this_setting_stay_what_they_are(detector: LabelDetector) -> None:
    assert detector.setting == "embedded efficientnet-lite0-int8-35701c4aa927 method=7 taxonomy=7 T=0.9 floor=0.1"
    answers = {
        "astronaut.jpg": {"person": 0.999, "clothing": 0.389},
        "camera.png": {"person": 0.99, "electronics": 0.958, "tripod": 0.805},
        "china.jpg": {"building-and-structure": 0.768, "castle-and-palace": 0.473},
        "coffee.png": {"espresso": 0.826},
        "flower.jpg": {"daisy": 0.343, "aquatic-animal": 0.143},
        "rocket.jpg": {"aircraft-and-rocket": 0.756, "missile": 0.432},
    }
    for name, expected in answers.items():
        found = {label.id: label.confidence for label in detector.detect(photo(name)).labels}
        assert {label_id: found.get(label_id) for label_id in expected} == {
            label_id: pytest.approx(confidence, abs=0.01) for label_id, confidence in expected.items()
        }


@pytest.mark.parametrize("name", sorted(path.name for path in PHOTOS.glob("*.*g")))
def test_a_photo_in_all_of_sixteen_bits_has_the_labels_that_it_has_in_eight(detector: LabelDetector, name: str) -> None:
    with Image.open(PHOTOS / name) as opened:
        eight = np.asarray(opened.convert("L"))
    deep = Image.fromarray(eight.astype(np.uint16) * 257)
    expected, labels = (
        {label.id: label.confidence for label in detector.detect(picture(encoded(image, "PNG"))).labels}
        for image in (Image.fromarray(eight), deep)
    )
    for label_id in expected.keys() | labels.keys():
        assert labels.get(label_id, 0.1) == pytest.approx(expected.get(label_id, 0.1), abs=0.03), label_id


def test_a_cat_in_ten_bits_of_sixteen_is_a_cat_and_no_graphic(detector: LabelDetector) -> None:
    grey = np.asarray(cat().convert("L")).astype(np.uint16)
    eight = sure(detector.detect(picture(encoded(cat().convert("L"), "PNG"))))
    assert eight[:2] == ["mammal", "cat"]
    for values in (grey * 4, grey * 16, grey.astype(np.float32) * 4, grey.astype(np.int32) << 20):
        file_format = "PNG" if values.dtype == np.uint16 else "TIFF"
        assert sure(detector.detect(picture(encoded(Image.fromarray(values), file_format)))) == eight


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 6), (118, 123), (250, 255)])
def test_a_photo_of_nothing_is_no_sure_graphic_and_nothing_else_either(
    detector: LabelDetector, low: int, high: int
) -> None:
    noise = np.random.default_rng(0).integers(low, high, (300, 300, 3)).astype(np.uint8)
    found = detector.detect(picture(encoded(Image.fromarray(noise), "PNG")))
    assert sure(found) == []
    assert {label.id for label in found.labels} <= {"graphic"}


# Its left end looks as if it were taken in a room, and its right end was taken outdoors.
def test_no_photo_is_sure_to_be_indoors_and_outdoors_at_once(detector: LabelDetector) -> None:
    wide = Image.new("RGB", (1500, 333))
    for name, left in (("camera.png", 0), ("camera.png", 500), ("china.jpg", 1000)):
        with Image.open(PHOTOS / name) as opened:
            wide.paste(opened.convert("RGB").resize((500, 333)), (left, 0))
    found = {label.id: label.confidence for label in detector.detect(picture(encoded(wide, "PNG"))).labels}
    assert found["surroundings"] == found["outdoor"] >= 0.9
    assert "indoor" not in found


@pytest.mark.parametrize(
    ("indoor", "outdoor", "expected"),
    [
        (0.9, 0.8, {"indoor": 0.9}),
        (0.717, 0.995, {"outdoor": 0.995}),
        (0.8, 0.8, {"indoor": 0.8, "outdoor": 0.2}),
        (0.3, 0.6, {"indoor": 0.3, "outdoor": 0.6}),
        (0.5, 0.6, {"indoor": 0.4, "outdoor": 0.6}),
    ],
)
def test_the_less_sure_of_indoor_and_outdoor_has_what_the_surer_one_leaves(
    indoor: float, outdoor: float, expected: dict[str, float]
) -> None:
    by_id = {"food": (0.9, 0.5), "indoor": (indoor, 0.3), "outdoor": (outdoor, 0.4)}
    keep_apart(by_id, 0.15)
    assert by_id.pop("food") == (0.9, 0.5)
    assert {label_id: confidence for label_id, (confidence, _) in by_id.items()} == expected
    assert {label_id: score for label_id, (_, score) in by_id.items()} == {
        label_id: {"indoor": 0.3, "outdoor": 0.4}[label_id] for label_id in expected
    }


def test_a_photo_that_is_only_indoors_or_neither_stays_as_it_is() -> None:
    for by_id in ({}, {"indoor": (0.9, 0.3)}, {"outdoor": (0.9, 0.3)}):
        before = dict(by_id)
        keep_apart(by_id, 0.1)
        assert by_id == before


@pytest.mark.parametrize(("size", "small"), [((150, 99), True), ((150, 100), False)])
def test_a_picture_is_small_if_its_shorter_side_is(model: Path, size: tuple[int, int], small: bool) -> None:
    wary_of_small = EmbeddedDetector(model, 0.1, Recall(None, 0.9, 50.0))
    found = sure(wary_of_small.detect(picture(encoded(cat().resize(size), "PNG"))))
    assert ("mammal" in found) != small


def test_it_reads_exactly_what_it_says_it_reads(detector: LabelDetector) -> None:
    for file_format in detector.formats:
        assert "cat" in sure(detector.detect(picture(encoded(cat(), file_format.upper()))))
    with pytest.raises(Rejected, match="ico pictures are not read"):
        detector.detect(picture(encoded(cat(), "ICO")))


def test_a_photo_taken_with_the_camera_turned_gets_the_same_labels(detector: LabelDetector) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encoded(cat().transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif)
    assert detector.detect(picture(turned)).labels == detector.detect(photo("chelsea.png")).labels


def test_the_whole_object_is_read_in_one_call(detector: LabelDetector) -> None:
    content = (PHOTOS / "chelsea.png").read_bytes()
    calls: list[tuple[int, int]] = []

    def read(start: int, length: int) -> bytes:
        calls.append((start, length))
        return content[start : start + length]

    head = ObjectHead(etag="", size=len(content), crc64=None, last_modified=0)
    detector.detect(Picture(ObjectRef("file", "", "chelsea"), head, read))
    assert calls == [(0, len(content))]


def test_a_missing_model_is_said_with_the_command_that_builds_it(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.onnx"
    with pytest.raises(Misconfigured, match=r"nowhere\.onnx: .*`.*-m imagelabels\..*\.build .*nowhere\.onnx`"):
        onnx.open_detector(path, 0.1).detect(photo("chelsea.png"))


@pytest.mark.parametrize("place", [0, 2_000_000, -1])
def test_an_altered_model_is_not_used(model: Path, tmp_path: Path, place: int) -> None:
    content = bytearray(model.read_bytes())
    content[place] ^= 1
    path = tmp_path / "altered.onnx"
    path.write_bytes(content)
    with pytest.raises(Misconfigured, match=r"altered\.onnx is not the model .* leave --model and"):
        onnx.open_detector(path, 0.1).detect(photo("chelsea.png"))


def test_a_model_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        onnx.open_detector(tmp_path, 0.1).detect(photo("chelsea.png"))


@pytest.mark.parametrize(
    ("classes", "said"),
    [(["pug"] * 1000, "1000 classes, and not 1"), (["pug"], "and not 1"), ({}, "and not 0"), (7, "TypeError")],
)
def test_another_list_of_classes_is_not_used(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, classes: object, said: str
) -> None:
    path = tmp_path / "classes.json"
    path.write_text(json.dumps(classes))
    monkeypatch.setattr("imagelabels.providers.onnx.detector.CLASS_IDS", path)
    with pytest.raises(Misconfigured, match=rf"classes\.json is not as .*{said}.*: install imagelabels again"):
        onnx.open_detector(model, 0.1).detect(photo("chelsea.png"))


def test_a_model_that_is_mended_is_used_without_a_new_process(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "late.onnx"
    late = onnx.open_detector(path, 0.1)
    with pytest.raises(Misconfigured):
        late.detect(photo("chelsea.png"))
    path.write_bytes(model.read_bytes())
    assert "cat" in sure(late.detect(photo("chelsea.png")))


def test_many_threads_get_the_same_labels_from_a_model_that_is_opened_once(
    model: Path, detector: LabelDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []
    load = ModelFile.load

    def spy(file: ModelFile, path: Path, command: str) -> bytes:
        opened.append(threading.get_ident())
        return load(file, path, command)

    monkeypatch.setattr(ModelFile, "load", spy)
    names = ["chelsea.png", "rocket.jpg", "coffee.png", "china.jpg"] * 2
    expected = [detector.detect(photo(name)).labels for name in names]
    opened.clear()
    shared = onnx.open_detector(model, 0.1)
    with ThreadPoolExecutor(4) as threads:
        assert [found.labels for found in threads.map(shared.detect, map(photo, names))] == expected
    assert len(opened) == 1


@pytest.mark.story
def test_opening_the_providers_door_loads_no_library() -> None:
    heavy = "import sys, imagelabels.providers.onnx; print({'numpy', 'onnxruntime', 'PIL'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert found.stdout == "set()\n"
