"""Writes a network in 8-bit integers as ONNX, operation by operation.

Every activation is rounded to uint8 and taken back to float between two operations (QDQ); onnxruntime turns such a pair
around an operation into the integer operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagelabels.providers.onnx.build import onnx_format as onnx

Array = NDArray[Any]
Scales = Mapping[str, tuple[float, int]]
"""Each activation has a scale and a zero point."""

_EPSILON = 1e-3  # of the batch normalisation: the TensorFlow model's, not PyTorch's default

_WEIGHT_MAX = 63
"""Weights have seven bits and not eight. x86 without VNNI adds two products of uint8 and int8 in saturating 16 bits, so
with 127 the same file gave other answers on other machines (up to .66 in a probability); with 63 they were equal bit
for bit."""


@dataclass(frozen=True, slots=True)
class Activation:
    """It knows a dequantised tensor's name, its scale, its channels, and its height, which is its width."""

    name: str
    scale: float
    channels: int
    side: int


class QuantizedGraph:
    """It collects nodes and tensors. `weights` are the float checkpoint's, by its names."""

    def __init__(self, weights: Mapping[str, Array], scales: Scales) -> None:
        self._weights, self._scales = weights, scales
        self._convolutions = 0
        self.nodes: list[bytes] = []
        self.tensors: list[bytes] = []

    def image(self, name: str, side: int) -> Activation:
        """Add an input of bytes (N, side, side, 3). They stay as they are: 1/128 around 127 is how the network
        normalises."""
        self.nodes.append(onnx.node("Transpose", (name,), f"{name}.q", perm=(0, 3, 1, 2)))
        self.nodes.append(onnx.node("DequantizeLinear", (f"{name}.q", *self._ends(name)), f"{name}.x"))
        return Activation(f"{name}.x", self._scales[name][0], 3, side)

    def convolution(
        self, x: Activation, layer: str, norm: str, stride: int = 1, *, depthwise: bool = False, relu: bool = True
    ) -> Activation:
        """Add a convolution with TensorFlow's SAME padding and its batch normalisation folded in, then ReLU6 if
        wanted."""
        number, self._convolutions = self._convolutions, self._convolutions + 1
        gamma, beta, mean, variance = (
            self._float(f"{norm}.{part}") for part in ("weight", "bias", "running_mean", "running_var")
        )
        factor = gamma / np.sqrt(variance + _EPSILON)
        weight = self._float(f"{layer}.weight") * factor[:, None, None, None]
        parameters = self._parameters(str(number), weight, beta - mean * factor, x.scale)
        kernel = weight.shape[-1]
        side = -(-x.side // stride)
        padding = max((side - 1) * stride + kernel - x.side, 0)
        before, after = padding // 2, padding - padding // 2
        self.nodes.append(
            onnx.node(
                "Conv",
                (x.name, *parameters),
                f"conv{number}",
                kernel_shape=(kernel, kernel),
                strides=(stride, stride),
                pads=(before, before, after, after),
                group=len(weight) if depthwise else 1,
            )
        )
        # ReLU6 needs no node: a uint8 range from 0 to 6 saturates at both ends.
        return self._rounded(f"conv{number}", f"{'r' if relu else 'c'}{number}", len(weight), side)

    def sum(self, x: Activation, y: Activation, name: str) -> Activation:
        self.nodes.append(onnx.node("Add", (x.name, y.name), f"{name}.sum"))
        return self._rounded(f"{name}.sum", name, x.channels, x.side)

    def mean(self, x: Activation, name: str) -> Activation:
        """Add the mean over all cells. Its float values are the tensor `name`; what follows gets them rounded."""
        self.nodes.append(onnx.node("GlobalAveragePool", (x.name,), f"{name}.mean"))
        self.nodes.append(onnx.node("Flatten", (f"{name}.mean",), name))
        return self._rounded(name, name, x.channels, 1)

    def dense(self, x: Activation, layer: str, tag: str, name: str) -> None:
        """Add a fully connected layer. Its float values are the tensor `name`; its integers are W<tag> and B<tag>."""
        parameters = self._parameters(tag, self._float(f"{layer}.weight"), self._float(f"{layer}.bias"), x.scale)
        self.nodes.append(onnx.node("Gemm", (x.name, *parameters), name, transB=1))

    def copy(self, x: Activation, name: str) -> None:
        self.nodes.append(onnx.node("Identity", (x.name,), name))

    def _float(self, name: str) -> Array:
        return self._weights[name].astype(np.float64)

    def _constant(self, name: str, values: Array) -> str:
        self.tensors.append(onnx.tensor(name, values))
        return name

    def _ends(self, name: str) -> tuple[str, str]:
        scale, zero = self._scales[name]
        constant = self._constant(f"{name}.s", np.array(scale, np.float32))
        return constant, self._constant(f"{name}.z", np.array(zero, np.uint8))

    def _rounded(self, x: str, name: str, channels: int, side: int) -> Activation:
        ends = self._ends(name)
        self.nodes.append(onnx.node("QuantizeLinear", (x, *ends), f"{name}.q"))
        self.nodes.append(onnx.node("DequantizeLinear", (f"{name}.q", *ends), f"{name}.x"))
        return Activation(f"{name}.x", self._scales[name][0], channels, side)

    def _parameters(self, tag: str, weight: Array, bias: Array, input_scale: float) -> tuple[str, str]:
        """Add weights in int8 with a scale per output channel, and biases in int32 on the product of both scales."""
        largest = np.abs(weight.reshape(len(weight), -1)).max(axis=1)
        # A dead channel has weights near 0 but a real bias, which must fit into 31 bits all the same.
        scale = np.maximum(np.maximum(largest / _WEIGHT_MAX, np.abs(bias) / (input_scale * 2.0**30)), 1e-12)
        scale = scale.astype(np.float32)
        rounded = np.rint(weight / scale.astype(np.float64).reshape(-1, *(1,) * (weight.ndim - 1)))
        bias_scale = scale * np.float32(input_scale)
        whole = np.rint(bias / bias_scale.astype(np.float64))
        return (
            self._integers(f"W{tag}", np.clip(rounded, -_WEIGHT_MAX, _WEIGHT_MAX).astype(np.int8), scale),
            self._integers(f"B{tag}", whole.astype(np.int32), bias_scale),
        )

    def _integers(self, name: str, values: Array, scale: Array) -> str:
        zeros = self._constant(f"{name}.z", np.zeros(scale.shape, values.dtype))
        inputs = (self._constant(name, values), self._constant(f"{name}.s", scale), zeros)
        self.nodes.append(onnx.node("DequantizeLinear", inputs, f"{name}.x", axis=0))
        return f"{name}.x"
