"""The integer graph against the same arithmetic in floats."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from imagelabels.providers.onnx.build import onnx_format as onnx
from imagelabels.providers.onnx.build.quantized import QuantizedGraph
from imagelabels.providers.onnx.tensors import tensors_of

SCALES = {"image": (1 / 128, 127), "r0": (6 / 255, 0), "c1": (0.05, 128), "a": (0.05, 128), "mean": (0.02, 128)}
SIDE = 5


def weights(seed: int = 0) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(seed)

    def norm(name: str, channels: int) -> dict[str, NDArray[np.float32]]:
        return {
            f"{name}.weight": random.uniform(0.5, 1.5, channels).astype(np.float32),
            f"{name}.bias": random.uniform(-0.5, 0.5, channels).astype(np.float32),
            f"{name}.running_mean": random.uniform(-0.5, 0.5, channels).astype(np.float32),
            f"{name}.running_var": random.uniform(0.5, 1.5, channels).astype(np.float32),
        }

    return {
        "wide.weight": random.uniform(-0.3, 0.3, (4, 3, 3, 3)).astype(np.float32),
        "deep.weight": random.uniform(-0.5, 0.5, (4, 1, 3, 3)).astype(np.float32),
        "dense.weight": random.uniform(-1, 1, (2, 4)).astype(np.float32),
        "dense.bias": random.uniform(-1, 1, 2).astype(np.float32),
        **norm("n0", 4),
        **norm("n1", 4),
    }


def in_integers(floats: dict[str, NDArray[np.float32]], image: NDArray[np.uint8]) -> NDArray[Any]:
    graph = QuantizedGraph(floats, SCALES)
    first = graph.convolution(graph.image("image", SIDE), "wide", "n0", 2)
    second = graph.convolution(first, "deep", "n1", depthwise=True, relu=False)
    graph.dense(graph.mean(graph.sum(second, first, "a"), "mean"), "dense", "last", "out")
    model = onnx.model(
        "small",
        graph.nodes,
        graph.tensors,
        [onnx.value("image", "uint8", ("N", SIDE, SIDE, 3))],
        [onnx.value("out", "float32", ("N", 2))],
    )
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(["out"], {"image": image[None]})[0][0])


def in_floats(floats: dict[str, NDArray[np.float32]], image: NDArray[np.uint8]) -> NDArray[Any]:
    def norm(x: NDArray[Any], name: str) -> NDArray[Any]:
        factor = floats[f"{name}.weight"] / np.sqrt(floats[f"{name}.running_var"] + 1e-3)
        return np.asarray((x - floats[f"{name}.running_mean"]) * factor + floats[f"{name}.bias"])

    def cells(x: NDArray[Any], stride: int, before: int) -> NDArray[Any]:
        padded = np.pad(x, ((before, 1), (before, 1), (0, 0)))
        starts = range(0, x.shape[0], stride)
        return np.array([[padded[i : i + 3, j : j + 3] for j in starts] for i in starts])

    x = (image.astype(np.float64) - 127) / 128
    x = np.einsum("xyijc,ocij->xyo", cells(x, 2, 1), floats["wide.weight"])
    x = first = np.clip(norm(x, "n0"), 0, 6)
    x = norm(np.einsum("xyijc,cij->xyc", cells(x, 1, 1), floats["deep.weight"][:, 0]), "n1")
    return np.asarray((x + first).mean(axis=(0, 1)) @ floats["dense.weight"].T + floats["dense.bias"])


@pytest.mark.parametrize("seed", range(4))
def test_integers_give_what_floats_give(seed: int) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    floats = weights(seed)
    assert np.abs(in_integers(floats, image) - in_floats(floats, image)).max() < 0.08


def test_a_channel_without_weights_keeps_its_bias() -> None:
    image = np.full((SIDE, SIDE, 3), 200, np.uint8)
    floats = weights()
    floats["wide.weight"][1] = 0
    floats["n0.bias"][1] = 2
    assert np.abs(in_integers(floats, image) - in_floats(floats, image)).max() < 0.08


def test_weights_keep_to_seven_bits_so_that_every_processor_adds_them_up_alike() -> None:
    graph = QuantizedGraph(weights(), SCALES)
    graph.convolution(graph.image("image", SIDE), "wide", "n0", 2)
    model = onnx.model("small", graph.nodes, graph.tensors, [], [])
    largest = np.abs(tensors_of(model, ("W0",))["W0"].reshape(4, -1).astype(int)).max(axis=1)
    assert largest.tolist() == [63, 63, 63, 63]
