"""The setting `more`: a second network is asked too, and what both say is believed as it was measured."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from PIL import Image

from imagelabels import wiring, wiring_commands
from imagelabels.domain import taxonomy
from imagelabels.domain.errors import Misconfigured
from imagelabels.ports import LabelDetector
from imagelabels.providers import onnx
from imagelabels.providers.onnx import artifact
from imagelabels.providers.onnx.artifact import LITE0, LITE1
from imagelabels.providers.onnx.decode import decode
from imagelabels.providers.onnx.heads import GRAPHIC, PERSON, Heads
from imagelabels.providers.onnx.networks import FC
from imagelabels.providers.onnx.tensors import tensors_of
from imagelabels.providers.onnx.tree import Tree
from tests.model import PHOTOS, picture
from tests.providers.onnx.pictures import cat, encoded

pytestmark = pytest.mark.story

CLASSES = json.loads(Path(artifact.__file__).with_name("classes.json").read_bytes())
NAMES = sorted(path.name for path in PHOTOS.glob("*.*g"))


@pytest.fixture(scope="module")
def more(model: Path) -> LabelDetector:
    return onnx.open_detector(model, 0, "more")


@pytest.fixture(scope="module")
def second(model: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(LITE1.beside(model).read_bytes(), providers=["CPUExecutionProvider"])


def confidences(detector: LabelDetector, content: bytes) -> dict[str, float]:
    return {label.id: label.confidence for label in detector.detect(picture(content)).labels}


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.exp(logits) / np.exp(logits).sum())


def test_confidences_are_those_of_both_networks_mean_at_the_temperature_that_was_fitted_for_it(
    model: Path, more: LabelDetector, second: onnxruntime.InferenceSession
) -> None:
    first = onnxruntime.InferenceSession(model.read_bytes(), providers=["CPUExecutionProvider"])
    tree = Tree(taxonomy.load(), CLASSES)
    heads = Heads(taxonomy.load()).ids
    with_heads = {*heads, *(above for head in heads for above in taxonomy.load().ancestors(head))}
    for name in NAMES:
        content = (PHOTOS / name).read_bytes()
        decoded = decode(content, 224, 240)
        said = first.run(["logits"], {"image": decoded.pixels[None]})[0][0].astype(np.float64)
        (finer,) = decoded.finer
        said += second.run(["logits"], {"image": finer[None]})[0][0]
        sums = tree.summed(softmax(said / 2 / 0.80))
        expected = {
            tree.concepts[at].id: sums[at]
            for at in np.flatnonzero(sums >= 0.1)
            if tree.concepts[at].id not in with_heads
        }
        found = confidences(more, content)
        assert {label_id: found[label_id] for label_id in expected} == pytest.approx(expected, abs=0.0011)


# By the same weights in floats, run by PyTorch with efficientnet-lite-pytorch 0.1.0 on the same 240 x 240 pixels.
@pytest.mark.parametrize(
    ("name", "surest", "probability"),
    [
        ("astronaut.jpg", "football-helmet", 0.159),
        ("camera.png", "tripod", 0.635),
        ("chelsea.png", "egyptian-cat", 0.418),
        ("china.jpg", "palace", 0.555),
        ("coffee.png", "espresso", 0.530),
        ("flower.jpg", "honeycomb", 0.038),
        ("rocket.jpg", "space-shuttle", 0.127),
    ],
)
def test_the_second_network_in_integers_sees_what_its_original_in_floats_sees(
    second: onnxruntime.InferenceSession, name: str, surest: str, probability: float
) -> None:
    (pixels,) = decode((PHOTOS / name).read_bytes(), 224, 240).finer
    found = softmax(second.run(["logits"], {"image": pixels[None]})[0][0].astype(np.float64))
    assert CLASSES[int(found.argmax())] == surest
    assert found.max() == pytest.approx(probability, abs=0.09)


def test_a_palace_that_one_network_is_not_sure_of_is_found_by_two(more: LabelDetector, detector: LabelDetector) -> None:
    content = (PHOTOS / "china.jpg").read_bytes()
    assert confidences(detector, content)["castle-and-palace"] < 0.7
    assert confidences(more, content)["castle-and-palace"] >= 0.7


def test_people_and_graphics_are_told_by_the_network_that_their_heads_were_fitted_to(
    more: LabelDetector, model: Path
) -> None:
    standard = onnx.open_detector(model, 0)
    for content in ((PHOTOS / "camera.png").read_bytes(), encoded(Image.new("RGB", (300, 300), "grey"), "PNG")):
        alone, together = confidences(standard, content), confidences(more, content)
        for head in (PERSON, GRAPHIC):
            assert together.get(head, 0) == alone.get(head, 0)


def test_the_second_network_gets_the_same_square_with_more_pixels() -> None:
    for name in NAMES:
        decoded = decode((PHOTOS / name).read_bytes(), 224, 240)
        (finer,) = decoded.finer
        assert finer.shape == (240, 240, 3)
        shrunk = np.asarray(Image.fromarray(finer).resize((224, 224), Image.Resampling.BICUBIC))
        assert np.abs(shrunk.astype(int) - decoded.pixels).mean() < 2.5


def test_the_second_network_looks_at_the_ends_of_a_panorama_too(more: LabelDetector, detector: LabelDetector) -> None:
    scene = Image.new("RGB", (1200, 300), (120, 140, 160))
    scene.paste(cat().crop((75, 0, 375, 300)), (900, 0))
    # Were it shown something else than the cat there, the mean of both would be far from sure.
    alone, together = (confidences(one, encoded(scene, "PNG"))["cat"] for one in (detector, more))
    assert together > alone - 0.05
    assert together >= 0.9


def test_a_thumbnail_is_told_with_less_confidence_by_two_networks_as_well(more: LabelDetector) -> None:
    thumbnail = cat().resize((75, 50), Image.Resampling.BICUBIC)
    large = thumbnail.resize((300, 200), Image.Resampling.BICUBIC)
    small, enlarged = (np.array(confidences(more, encoded(image, "PNG"))["mammal"]) for image in (thumbnail, large))
    assert np.log(small / (1 - small)) < np.log(enlarged / (1 - enlarged)) - 0.5


def test_the_answers_of_both_networks_are_kept_apart_from_those_of_one(more: LabelDetector, model: Path) -> None:
    both = f"efficientnet-lite0-int8-{LITE0.sha256[:12]}+efficientnet-lite1-int8-{LITE1.sha256[:12]}"
    assert f" {both} " in more.setting
    assert " T=0.8 " in more.setting
    assert more.setting != onnx.open_detector(model, 0).setting
    assert more.detect(picture((PHOTOS / "coffee.png").read_bytes())).model == both


def test_a_missing_second_network_is_said_with_the_two_commands_that_bring_it(model: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.onnx"
    shutil.copy(model, alone)
    assert "cat" in confidences(onnx.open_detector(alone, 0.1), (PHOTOS / "chelsea.png").read_bytes())
    with pytest.raises(Misconfigured) as refused:
        onnx.open_detector(alone, 0.1, "more").detect(picture((PHOTOS / "chelsea.png").read_bytes()))
    assert str(refused.value) == (
        f"there is no model file at {tmp_path / 'efficientnet-lite1-int8.onnx'}: `{artifact.LITE1.install}` "
        f"and then `{artifact.COMMAND} {alone}` make it"
    )


def test_an_altered_second_network_is_not_used(model: Path, tmp_path: Path) -> None:
    shutil.copy(model, tmp_path / "first.onnx")
    content = bytearray(LITE1.beside(model).read_bytes())
    content[3_000_000] ^= 1
    LITE1.beside(tmp_path / "first.onnx").write_bytes(content)
    with pytest.raises(
        Misconfigured, match=r"efficientnet-lite1-int8\.onnx is not the model efficientnet-lite1-int8 of"
    ):
        onnx.open_detector(tmp_path / "first.onnx", 0.1, "more").detect(picture((PHOTOS / "chelsea.png").read_bytes()))


def test_its_weights_keep_to_seven_bits_so_that_every_processor_adds_them_up_alike(model: Path) -> None:
    names = [f"W{number}" for number in range(64)] + [f"W{FC}"]
    tensors = tensors_of(LITE1.beside(model).read_bytes(), names)
    assert {int(np.abs(values.astype(int)).max()) for values in tensors.values()} == {63}


@pytest.mark.parametrize("asked", ["command line", "function"])
def test_the_setting_reaches_the_detector(
    asked: str, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "RECALL": "more",
        "MODEL": str(model),
        "DETECTOR": "embedded",
        "INDEX": f"sqlite:///{tmp_path}/labels.db",
    }.items():
        monkeypatch.setenv(f"IMAGELABELS_{name}", value)
    wiring._built.cache_clear()
    monkeypatch.setenv("TENCENTCLOUD_SECRETID", "id")
    monkeypatch.setenv("TENCENTCLOUD_SECRETKEY", "secret")
    detector = (
        wiring_commands.local_detector(None, 0.1)
        if asked == "command line"
        else wiring.function("cos").labeler.detector
    )
    wiring._built.cache_clear()
    assert LITE1.sha256[:12] in detector.setting
