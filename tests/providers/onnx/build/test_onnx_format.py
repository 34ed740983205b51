"""The hand-written protobuf, read by onnxruntime."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

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


def test_a_tensor_is_found_again_as_it_was_written() -> None:
    found = onnx.tensors_of(file(), ("zero", "w"))
    assert list(found) == ["zero", "w"]
    assert found["w"].shape == (3, 100)
    assert found["w"][2, 99] == 299
    assert (found["zero"].dtype.name, found["zero"].shape, int(found["zero"])) == ("int8", (), 7)


def test_a_tensor_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match="bias"):
        onnx.tensors_of(file(), ("bias",))
