"""Reading tensors of a model file back."""

from __future__ import annotations

import numpy as np
import pytest

from imagelabels.providers.onnx.build import onnx_format as onnx
from imagelabels.providers.onnx.tensors import tensors_of


def file() -> bytes:
    tensors = [
        onnx.tensor("w", np.arange(300, dtype=np.float32).reshape(3, 100)),
        onnx.tensor("zero", np.array(7, np.int8)),
    ]
    return onnx.model(
        "two", [onnx.node("Identity", ("w",), "out")], tensors, [], [onnx.value("out", "float32", (3, 100))]
    )


def test_a_tensor_is_found_again_as_it_was_written() -> None:
    tensors = tensors_of(file(), ("zero", "w"))
    assert list(tensors) == ["zero", "w"]
    assert tensors["w"].shape == (3, 100)
    assert tensors["w"][2, 99] == 299
    assert (tensors["zero"].dtype.name, tensors["zero"].shape, int(tensors["zero"])) == ("int8", (), 7)


def test_a_tensor_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match="bias"):
        tensors_of(file(), ("bias",))
