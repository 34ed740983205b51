"""Writes EfficientNet-Lite as an ONNX file in 8-bit integers: its architecture, layer by layer.

Architecture: https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from imagelabels.providers.onnx.build import onnx_format as onnx
from imagelabels.providers.onnx.build.quantized import QuantizedGraph, Scales
from imagelabels.providers.onnx.networks import CHANNELS, CLASSES, FC, LITE0_SIDE, LITE1_SIDE


@dataclass(frozen=True, slots=True)
class Network:
    name: str
    side: int
    depth: float
    """Every stage but the first and the last repeats its block so many times as often as in LITE0."""


LITE0 = Network("efficientnet-lite0", LITE0_SIDE, 1.0)
LITE1 = Network("efficientnet-lite1", LITE1_SIDE, 1.1)

_STAGES = (  # repeats, stride of the first, expansion, channels out
    (1, 1, 1, 16),
    (2, 2, 6, 24),
    (2, 2, 6, 40),
    (3, 2, 6, 80),
    (3, 1, 6, 112),
    (4, 2, 6, 192),
    (1, 1, 6, 320),
)


def write(network: Network, weights: Mapping[str, NDArray[Any]], scales: Scales) -> bytes:
    """Return the file's content, which is the same on every machine.

    `weights` are those of the network's package, by their names there; KeyError if one is missing.
    """
    graph = QuantizedGraph(weights, scales)
    x = graph.convolution(graph.image("image", network.side), "_conv_stem", "_bn0", 2)
    block = 0
    for stage, (repeats, first_stride, expansion, channels) in enumerate(_STAGES):
        deep = 0 < stage < len(_STAGES) - 1
        for repeat in range(math.ceil(repeats * network.depth) if deep else repeats):
            stride = first_stride if repeat == 0 else 1
            prefix, start = f"_blocks.{block}.", x
            if expansion != 1:
                x = graph.convolution(x, f"{prefix}_expand_conv", f"{prefix}_bn0")
            x = graph.convolution(x, f"{prefix}_depthwise_conv", f"{prefix}_bn1", stride, depthwise=True)
            x = graph.convolution(x, f"{prefix}_project_conv", f"{prefix}_bn2", relu=False)
            if stride == 1 and start.channels == channels:
                x = graph.sum(x, start, f"a{block}")
            block += 1
    x = graph.convolution(x, "_conv_head", "_bn1")
    graph.copy(x, "featmap")
    graph.dense(graph.mean(x, "emb"), "_fc", FC, "logits")
    return onnx.model(
        network.name,
        graph.nodes,
        graph.tensors,
        [onnx.value("image", "uint8", ("N", network.side, network.side, 3))],
        [
            onnx.value("logits", "float32", ("N", CLASSES)),
            onnx.value("emb", "float32", ("N", CHANNELS)),
            onnx.value("featmap", "float32", ("N", CHANNELS, x.side, x.side)),
        ],
    )
