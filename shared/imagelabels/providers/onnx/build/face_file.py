"""Writes the face network, BlazeFace in its full-range form, as an ONNX file: the same operations, in ONNX's words.

The network: https://arxiv.org/abs/1907.05047
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imagelabels.providers.onnx.build import onnx_format as onnx
from imagelabels.providers.onnx.build import tflite_format as tflite
from imagelabels.providers.onnx.networks import FACE_CELLS, FACE_SIDE

# BuiltinOperator of the format's schema: tflite_format.py.
_ADD, _CONV, _DEPTHWISE, _DEQUANTIZE, _MAX_POOL, _RELU, _RESHAPE, _RESIZE, _PAD = 0, 3, 4, 6, 17, 19, 22, 23, 34
_CHANNELS_FIRST, _CHANNELS_LAST = (0, 3, 1, 2), (0, 2, 3, 1)


def write(content: bytes) -> bytes:
    """Return face_detection_full_range.tflite as an ONNX file, which is the same on every machine.

    ValueError for a network with other operations.
    """
    graph = tflite.read(content)
    network = _FaceGraph(graph)
    for operation in graph.operations:
        network.add(operation)
    boxes, scores = graph.outputs
    return onnx.model(
        "blazeface-full-range",
        [
            *network.nodes,
            onnx.node("Identity", (f"t{boxes}",), "boxes"),
            onnx.node("Identity", (f"t{scores}",), "scores"),
        ],
        network.tensors,
        [onnx.value("image", "uint8", (1, FACE_SIDE, FACE_SIDE, 3))],
        [
            onnx.value("scores", "float32", (1, FACE_CELLS * FACE_CELLS, 1)),
            onnx.value("boxes", "float32", (1, FACE_CELLS * FACE_CELLS, 16)),
        ],
    )


class _FaceGraph:
    """It collects nodes and tensors. Tensor 7 of the graph is t7 here, with its channels first."""

    def __init__(self, graph: tflite.Graph) -> None:
        self._shapes, self._constants = graph.shapes, dict(graph.constants)
        self.tensors = [
            onnx.tensor("scale", np.array([1 / 127.5], np.float32)),
            onnx.tensor("one", np.ones(1, np.float32)),
        ]
        self.nodes = [
            onnx.node("Transpose", ("image",), "image.first", perm=_CHANNELS_FIRST),
            onnx.node("Cast", ("image.first",), "image.float", to=1),
            onnx.node("Mul", ("image.float", "scale"), "image.scaled"),
            onnx.node("Sub", ("image.scaled", "one"), f"t{graph.inputs[0]}"),
        ]

    def add(self, operation: tflite.Operation) -> None:
        first, out = operation.inputs[0], operation.outputs[0]
        x, y = f"t{first}", f"t{out}"
        if operation.code == _DEQUANTIZE:  # weights are stored in half as many bits
            self._constants[out] = self._constants[first].astype(np.float32)
        elif operation.code in (_CONV, _DEPTHWISE):
            self._convolution(operation, operation.code == _DEPTHWISE)
        elif operation.code == _MAX_POOL:
            strides, kernel = _pair(operation, 2, 1), _pair(operation, 4, 3)
            pads = self._pads(operation, kernel, strides)
            self.nodes.append(onnx.node("MaxPool", (x,), y, kernel_shape=kernel, strides=strides, pads=pads))
        elif operation.code == _ADD:
            self.nodes.append(onnx.node("Add", (x, f"t{operation.inputs[1]}"), y))
        elif operation.code == _RELU:
            self.nodes.append(onnx.node("Relu", (x,), y))
        elif operation.code == _PAD:
            ends = self._constants[operation.inputs[1]][list(_CHANNELS_FIRST)].T
            self.nodes.append(onnx.node("Pad", (x, self._constant(f"{y}.pads", ends.ravel().astype(np.int64))), y))
        elif operation.code == _RESIZE and operation.option(3) == 1:  # half_pixel_centers
            sides = np.array([self._shapes[out][place] for place in _CHANNELS_FIRST], np.int64)
            inputs = (x, "", "", self._constant(f"{y}.sides", sides))
            self.nodes.append(
                onnx.node("Resize", inputs, y, mode="linear", coordinate_transformation_mode="half_pixel")
            )
        elif operation.code == _RESHAPE:
            self.nodes.append(onnx.node("Transpose", (x,), f"{y}.last", perm=_CHANNELS_LAST))
            shape = self._constant(f"{y}.shape", np.array(self._shapes[out], np.int64))
            self.nodes.append(onnx.node("Reshape", (f"{y}.last", shape), y))
        else:
            raise ValueError(f"the network has an operation {operation.code} that is not written")

    def _convolution(self, operation: tflite.Operation, depthwise: bool) -> None:
        source, weights, bias = operation.inputs
        kernels = self._constants[weights].transpose((3, 0, 1, 2) if depthwise else _CHANNELS_FIRST)
        strides = _pair(operation, 2, 1)
        y = f"t{operation.outputs[0]}"
        parameters = (self._constant(f"{y}.w", kernels), self._constant(f"{y}.b", self._constants[bias]))
        self.nodes.append(
            onnx.node(
                "Conv",
                (f"t{source}", *parameters),
                y,
                kernel_shape=kernels.shape[2:],
                strides=strides,
                pads=self._pads(operation, kernels.shape[2:], strides),
                group=len(kernels) if depthwise else 1,
            )
        )

    def _pads(self, operation: tflite.Operation, kernel: Sequence[int], strides: Sequence[int]) -> tuple[int, ...]:
        """Return the padding above, left, below and right: none, or what TensorFlow calls SAME."""
        if operation.option(0) != 0:
            return 0, 0, 0, 0
        sides = self._shapes[operation.inputs[0]][1:3]
        whole = [
            max((-(-side // step) - 1) * step + width - side, 0)
            for side, width, step in zip(sides, kernel, strides, strict=True)
        ]
        before = [pad // 2 for pad in whole]
        return (*before, *(pad - half for pad, half in zip(whole, before, strict=True)))

    def _constant(self, name: str, values: NDArray[np.generic]) -> str:
        self.tensors.append(onnx.tensor(name, np.ascontiguousarray(values)))
        return name


def _pair(operation: tflite.Operation, down: int, across: int) -> tuple[int, int]:
    return operation.option(down, "i"), operation.option(across, "i")
