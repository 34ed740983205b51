"""Reads the part of the TensorFlow Lite format that one network needs: its operations and its constant tensors.

Flat buffers: a table points back to a list that says where each of its fields lies; a vector begins with its length.
Field numbers: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TYPES = {0: "<f4", 1: "<f2", 2: "<i4"}
"""Constants here have these types of TensorType."""


@dataclass(frozen=True, slots=True)
class Operation:
    """`code` is a BuiltinOperator; `options` is the table that goes with it, whose fields have the schema's numbers."""

    code: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: _Table | None

    def option(self, field: int, form: str = "b", default: int = 0) -> int:
        """Read a number of the options in a format of struct; one that is not stored has its default."""
        return default if self.options is None else self.options.number(field, form, default)


@dataclass(frozen=True, slots=True)
class Graph:
    """Tensors are numbered; `constants` has the values of those that the file stores."""

    operations: tuple[Operation, ...]
    shapes: tuple[tuple[int, ...], ...]
    constants: dict[int, NDArray[Any]]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read(content: bytes) -> Graph:
    """Read the file's first graph. The file's hash must be known: no words would say that one is damaged."""
    model = _Table(content, struct.unpack_from("<I", content)[0])
    codes = [max(code.number(0, "b"), code.number(3, "i")) for code in model.tables(1)]
    buffers = model.tables(4)
    graph = model.tables(2)[0]
    tensors = graph.tables(0)
    shapes = tuple(tensor.numbers(0) for tensor in tensors)
    constants = {}
    for number, (tensor, shape) in enumerate(zip(tensors, shapes, strict=True)):
        if raw := buffers[tensor.number(2, "I")].content(0):
            constants[number] = np.frombuffer(raw, _TYPES[tensor.number(1, "b")]).reshape(shape)
    operations = tuple(
        Operation(codes[one.number(0, "I")], one.numbers(1), one.numbers(2), one.table(4)) for one in graph.tables(3)
    )
    return Graph(operations, shapes, constants, graph.numbers(1), graph.numbers(2))


@dataclass(frozen=True, slots=True)
class _Table:
    data: bytes
    at: int

    def number(self, field: int, form: str, default: int = 0) -> int:
        at = self._field(field)
        return default if at is None else int(struct.unpack_from(f"<{form}", self.data, at)[0])

    def numbers(self, field: int) -> tuple[int, ...]:
        start, count = self._vector(field)
        return struct.unpack_from(f"<{count}i", self.data, start)

    def content(self, field: int) -> bytes:
        start, count = self._vector(field)
        return self.data[start : start + count]

    def table(self, field: int) -> _Table | None:
        at = self._field(field)
        return None if at is None else _Table(self.data, self._follow(at))

    def tables(self, field: int) -> Sequence[_Table]:
        start, count = self._vector(field)
        return [_Table(self.data, self._follow(start + 4 * place)) for place in range(count)]

    def _vector(self, field: int) -> tuple[int, int]:
        """Find where its elements begin, and how many there are."""
        at = self._field(field)
        if at is None:
            return 0, 0
        at = self._follow(at)
        return at + 4, int(struct.unpack_from("<I", self.data, at)[0])

    def _follow(self, at: int) -> int:
        return at + int(struct.unpack_from("<I", self.data, at)[0])

    def _field(self, field: int) -> int | None:
        places = self.at - int(struct.unpack_from("<i", self.data, self.at)[0])
        size: int = struct.unpack_from("<H", self.data, places)[0]
        if 4 + 2 * field >= size:
            return None
        offset: int = struct.unpack_from("<H", self.data, places + 4 + 2 * field)[0]
        return self.at + offset if offset else None
