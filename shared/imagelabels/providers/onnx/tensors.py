"""Finds tensors in a model file again. It knows the part of the ONNX format that a detector reads.

Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}
"""TensorProto.DataType gives these numbers to numpy's types."""

VARINT = 0
"""A whole number has this wire type. Our files hold only whole numbers and byte strings."""


def tensors_of(model: bytes, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Read the tensors of those names from a file that our builder wrote; KeyError if one is not in it."""
    dtypes = {number: name for name, number in TYPES.items()}
    tensors: dict[str, NDArray[Any]] = {}
    for graph in _parts(memoryview(model), 7):
        for part in _parts(graph, 5):
            name = bytes(next(_parts(part, 8))).decode()
            if name in names:
                dtype = np.dtype(dtypes[next(_numbers(part, 2))]).newbyteorder("<")
                raw = bytes(next(_parts(part, 9)))
                tensors[name] = np.frombuffer(raw, dtype).reshape(tuple(_numbers(part, 1)))
    return {name: tensors[name] for name in names}


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield each field's number and content."""
    at = 0

    def varint() -> int:
        nonlocal at
        number = shift = 0
        while True:
            byte = message[at]
            at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    while at < len(message):
        key, number = varint(), varint()
        if key & 7 == VARINT:
            yield key >> 3, number
        else:
            yield key >> 3, message[at : at + number]
            at += number


def _parts(message: memoryview, field: int) -> Iterator[memoryview]:
    return (content for number, content in _fields(message) if number == field and not isinstance(content, int))


def _numbers(message: memoryview, field: int) -> Iterator[int]:
    return (content for number, content in _fields(message) if number == field and isinstance(content, int))
