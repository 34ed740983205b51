"""Writes the part of the ONNX format that our models need, and finds a tensor in it again.

Hand-written protobuf: the `onnx` package is 31 MB for these few messages, and the bytes must be the same everywhere,
because their hash is the model's. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}
_VARINT, _BYTES = 0, 2
_IR_VERSION, _OPSET = 8, 13


def tensor(name: str, values: NDArray[Any]) -> bytes:
    """TensorProto with raw little-endian data."""
    raw = values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
    dims = b"".join(_integer(1, side) for side in values.shape)
    return dims + _integer(2, _TYPES[values.dtype.name]) + _text(8, name) + _field(9, raw)


def node(op: str, inputs: Sequence[str], output: str, **attributes: int | str | Sequence[int]) -> bytes:
    """NodeProto with one output; attributes are integers, lists of them, or words."""
    parts = [_text(1, name) for name in inputs] + [_text(2, output), _text(4, op)]
    for name, value in attributes.items():
        if isinstance(value, int):
            parts.append(_field(5, _text(1, name) + _integer(3, value) + _integer(20, 2)))
        elif isinstance(value, str):
            parts.append(_field(5, _text(1, name) + _text(4, value) + _integer(20, 3)))
        else:
            numbers = b"".join(_integer(8, number) for number in value)
            parts.append(_field(5, _text(1, name) + numbers + _integer(20, 7)))
    return b"".join(parts)


def value(name: str, dtype: str, shape: Sequence[int | str]) -> bytes:
    """ValueInfoProto; a side given by name is open."""
    sides = (_integer(1, side) if isinstance(side, int) else _text(2, side) for side in shape)
    dims = b"".join(_field(1, side) for side in sides)
    return _text(1, name) + _field(2, _field(1, _integer(1, _TYPES[dtype]) + _field(2, dims)))


def model(
    name: str, nodes: Sequence[bytes], tensors: Sequence[bytes], inputs: Sequence[bytes], outputs: Sequence[bytes]
) -> bytes:
    """ModelProto: the file."""
    graph = b"".join(
        (
            *(_field(1, part) for part in nodes),
            _text(2, name),
            *(_field(5, part) for part in tensors),
            *(_field(11, part) for part in inputs),
            *(_field(12, part) for part in outputs),
        )
    )
    return _integer(1, _IR_VERSION) + _text(2, "imagelabels") + _field(7, graph) + _field(8, _integer(2, _OPSET))


def tensors_of(model: bytes, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The tensors of a file that `model` wrote, by name; KeyError if one is not in it."""
    dtypes = {number: name for name, number in _TYPES.items()}
    found: dict[str, NDArray[Any]] = {}
    for graph in _parts(memoryview(model), 7):
        for part in _parts(graph, 5):
            name = bytes(next(_parts(part, 8))).decode()
            if name in names:
                dtype = np.dtype(dtypes[next(_numbers(part, 2))]).newbyteorder("<")
                raw = bytes(next(_parts(part, 9)))
                found[name] = np.frombuffer(raw, dtype).reshape(tuple(_numbers(part, 1)))
    return {name: found[name] for name in names}


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _integer(field: int, number: int) -> bytes:
    return _varint(field << 3 | _VARINT) + _varint(number)


def _field(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | _BYTES) + _varint(len(content)) + content


def _text(field: int, text: str) -> bytes:
    return _field(field, text.encode())


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
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
        if key & 7 == _VARINT:
            yield key >> 3, number
        else:
            yield key >> 3, message[at : at + number]
            at += number


def _parts(message: memoryview, field: int) -> Iterator[memoryview]:
    return (content for number, content in _fields(message) if number == field and not isinstance(content, int))


def _numbers(message: memoryview, field: int) -> Iterator[int]:
    return (content for number, content in _fields(message) if number == field and isinstance(content, int))
