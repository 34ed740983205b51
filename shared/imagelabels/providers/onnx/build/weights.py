"""Reads the tensors of a checkpoint in PyTorch's old format, without PyTorch and without obeying the pickle in it."""

from __future__ import annotations

import io
import pickle
import struct
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# torch/serialization.py, _legacy_save: magic, protocol, system, state, keys, then each storage: a count, raw bytes.
_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_DTYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}


class BadWeights(ValueError):
    """The file is not a checkpoint that we read; the message says what was found."""


@dataclass(slots=True)
class _Storage:
    dtype: str
    count: int
    data: Array | None = None


@dataclass(frozen=True, slots=True)
class _TensorView:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    def array(self) -> Array:
        """Return an ordered copy. Some tensors are stored transposed, so strides are followed, but only inside the
        storage."""
        if self.storage.data is None or len(self.shape) != len(self.stride):
            raise BadWeights("a tensor has no storage or no layout")
        steps = [(side - 1) * step for side, step in zip(self.shape, self.stride, strict=True)]
        if min(self.offset, *self.shape, *self.stride, 1) < 0 or self.offset + sum(steps) >= self.storage.count:
            raise BadWeights("a tensor reaches beyond its storage")
        flat = self.storage.data[self.offset :]
        bytes_apart = [step * flat.itemsize for step in self.stride]
        return np.array(np.lib.stride_tricks.as_strided(flat, self.shape, bytes_apart, writeable=False))


def _tensor(storage: _Storage, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: object) -> _TensorView:
    return _TensorView(storage, offset, shape, stride)


class _Reader(pickle.Unpickler):
    """A pickle can name any function of any module. This reader gives it three names and nothing else."""

    def __init__(self, file: io.BytesIO, storages: dict[str, _Storage]) -> None:
        super().__init__(file)
        self._storages = storages

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        raise BadWeights(f"the file asks for {module}.{name}, which no checkpoint of weights needs")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _device, count = pid[:5]
        if kind != "storage":
            raise BadWeights(f"the file holds a {kind!r} where a storage belongs")
        return self._storages.setdefault(key, _Storage(dtype, count))


def read(content: bytes) -> dict[str, Array]:
    """Read the checkpoint's tensors by name; BadWeights if it is anything else."""
    file = io.BytesIO(content)
    storages: dict[str, _Storage] = {}
    try:
        if _Reader(file, storages).load() != _MAGIC or _Reader(file, storages).load() != _PROTOCOL:
            raise BadWeights("the file is no checkpoint in the old format")
        _Reader(file, storages).load()
        state = _Reader(file, storages).load()
        for key in _Reader(file, storages).load():
            storage = storages[key]
            (count,) = struct.unpack("<q", file.read(8))
            if count != storage.count:
                raise BadWeights(f"storage {key} holds {count} numbers instead of {storage.count}")
            storage.data = np.frombuffer(file.read(count * np.dtype(storage.dtype).itemsize), storage.dtype, count)
        return {name: view.array() for name, view in state.items()}
    except BadWeights:
        raise
    except Exception as error:  # an unpickler fed with garbage raises almost anything
        raise BadWeights(f"the file cannot be read as a checkpoint: {type(error).__name__}") from error
