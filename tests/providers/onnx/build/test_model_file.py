"""The model file: its shape, and that the network in it sees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from imagelabels.providers.onnx.build import model_file
from imagelabels.providers.onnx.networks import FC
from imagelabels.providers.onnx.tensors import tensors_of


@pytest.fixture(scope="module")
def session(model: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(model.read_bytes(), providers=["CPUExecutionProvider"])


def test_it_takes_bytes_and_gives_logits_embedding_and_feature_map(session: onnxruntime.InferenceSession) -> None:
    outputs = session.run(["logits", "emb", "featmap"], {"image": np.zeros((2, 224, 224, 3), np.uint8)})
    assert [output.shape for output in outputs] == [(2, 1000), (2, 1280), (2, 1280, 7, 7)]
    assert [output.dtype for output in outputs] == [np.float32] * 3


def test_the_embedding_is_the_mean_of_the_feature_map(session: onnxruntime.InferenceSession) -> None:
    image = np.random.default_rng(0).integers(0, 256, (1, 224, 224, 3), np.uint8)
    embedding, features = session.run(["emb", "featmap"], {"image": image})
    assert np.abs(embedding[0] - features[0].mean(axis=(1, 2))).max() < 0.01


def test_the_last_layer_read_from_the_file_gives_the_logits(session: onnxruntime.InferenceSession, model: Path) -> None:
    image = np.random.default_rng(1).integers(0, 256, (1, 224, 224, 3), np.uint8)
    logits, embedding = session.run(["logits", "emb"], {"image": image})
    tag = FC
    rows, scale, bias, bias_scale, step = tensors_of(
        model.read_bytes(), (f"W{tag}", f"W{tag}.s", f"B{tag}", f"B{tag}.s", "emb.s")
    ).values()
    rounded = np.clip(np.rint(embedding[0] / step), 0, 255) * step
    assert np.abs((rows * scale[:, None]) @ rounded + bias * bias_scale - logits[0]).max() < 0.001


def test_all_weights_keep_to_seven_bits(model: Path) -> None:
    names = [f"W{number}" for number in range(49)] + [f"W{FC}"]
    tensors = tensors_of(model.read_bytes(), names)
    assert {int(np.abs(values.astype(int)).max()) for values in tensors.values()} == {63}


def test_a_checkpoint_without_a_layer_is_an_error_that_names_it() -> None:
    with pytest.raises(KeyError, match="_bn0"):
        model_file.write(model_file.LITE0, {}, {"image": (1 / 128, 127)})
