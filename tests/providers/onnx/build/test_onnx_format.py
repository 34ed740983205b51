"""The hand-written protobuf, as onnxruntime reads it."""

from __future__ import annotations

import numpy as np
import onnxruntime

from imagelabels.providers.onnx.build import onnx_format as onnx


def file() -> bytes:
    weight = np.arange(300, dtype=np.float32).reshape(3, 100)
    return onnx.model(
        "times",
        [onnx.node("Gemm", ("x", "w"), "y", transB=1), onnx.node("Transpose", ("y",), "out", perm=(1, 0))],
        [onnx.tensor("w", weight), onnx.tensor("zero", np.array(7, np.int8))],
        [onnx.value("x", "float32", ("N", 100))],
        [onnx.value("out", "float32", (3, "N"))],
    )


def test_onnxruntime_understands_nodes_attributes_tensors_and_open_sides() -> None:
    session = onnxruntime.InferenceSession(file(), providers=["CPUExecutionProvider"])
    (out,) = session.run(["out"], {"x": np.ones((2, 100), np.float32)})
    assert out.tolist() == [[4950, 4950], [14950, 14950], [24950, 24950]]
