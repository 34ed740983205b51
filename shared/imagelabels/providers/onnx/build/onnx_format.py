"""Writes the part of the ONNX format that our models need.

Hand-written protobuf: the `onnx` package is 31 MB for these few messages, and the bytes must be the same everywhere,
because their hash is the model's. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from imagelabels.providers.onnx.tensors import TYPES, VARINT

_BYTES = 2  # the wire type of a byte string, a text or a message within
_IR_VERSION, _OPSET = 8, 13


def tensor(name: str, values: NDArray[Any]) -> bytes:
    """Write a TensorProto with raw little-endian data."""
    raw = values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
    dims = b"".join(_integer(1, side) for side in values.shape)
    return dims + _integer(2, TYPES[values.dtype.name]) + _text(8, name) + _field(9, raw)


def node(op: str, inputs: Sequence[str], output: str, **attributes: int | str | Sequence[int]) -> bytes:
    """Write a NodeProto with one output; attributes are integers, lists of them, or words."""
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
    """Write a ValueInfoProto; a side that is given by name may have any length."""
    sides = (_integer(1, side) if isinstance(side, int) else _text(2, side) for side in shape)
    dims = b"".join(_field(1, side) for side in sides)
    return _text(1, name) + _field(2, _field(1, _integer(1, TYPES[dtype]) + _field(2, dims)))


def model(
    name: str, nodes: Sequence[bytes], tensors: Sequence[bytes], inputs: Sequence[bytes], outputs: Sequence[bytes]
) -> bytes:
    """Write a ModelProto, which is the file."""
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


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _integer(field: int, number: int) -> bytes:
    return _varint(field << 3 | VARINT) + _varint(number)


def _field(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | _BYTES) + _varint(len(content)) + content


def _text(field: int, text: str) -> bytes:
    return _field(field, text.encode())
