"""Reading a checkpoint must never run it."""

from __future__ import annotations

import pickle
import struct
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

from imagelabels.providers.onnx.build import build, weights
from imagelabels.providers.onnx.build.weights import BadWeights

HEADER = b"".join(pickle.dumps(part, protocol=2) for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}))


class Named:
    """Pickled as a call of `module.name`, which need not exist here."""

    def __init__(self, module: str, name: str, *arguments: Any) -> None:
        self.module, self.name, self.arguments = module, name, arguments


class Storage:
    def __init__(self, key: str, count: int) -> None:
        self.key, self.count = key, count


def spelled(value: Any) -> bytes:
    """Protocol 0 pickle code, written out because torch is not here to be named."""
    if isinstance(value, Named):
        return b"c%s\n%s\n(%stR" % (value.module.encode(), value.name.encode(), b"".join(map(spelled, value.arguments)))
    if isinstance(value, Storage):
        return b"(V%s\nctorch\nFloatStorage\nV%s\nVcpu\nI%d\nNtQ" % (b"storage", value.key.encode(), value.count)
    if isinstance(value, tuple):
        return b"(" + b"".join(map(spelled, value)) + b"t"
    if isinstance(value, dict):
        return b"(" + b"".join(spelled(key) + spelled(item) for key, item in value.items()) + b"d"
    return {str: b"V%s\n", int: b"I%s\n", bool: b"I0%s\n"}[type(value)] % str(value).encode()


def checkpoint(state: Any, numbers: list[float], keys: tuple[str, ...] = ("0",)) -> bytes:
    storage = struct.pack("<q", len(numbers)) + np.array(numbers, "<f4").tobytes()
    return HEADER + spelled(state) + b"." + pickle.dumps(list(keys), 2) + storage


def tensor(offset: int, shape: tuple[int, ...], stride: tuple[int, ...], count: int = 6) -> Named:
    return Named("torch._utils", "_rebuild_tensor_v2", Storage("0", count), offset, shape, stride)


def test_tensors_come_out_in_order_whatever_their_layout_in_the_file() -> None:
    numbers = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    state = {"rows": tensor(0, (2, 3), (3, 1)), "columns": tensor(0, (3, 2), (1, 3)), "end": tensor(4, (2,), (1,))}
    read = weights.read(checkpoint(state, numbers))
    assert read["rows"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert read["columns"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert read["end"].tolist() == [4, 5]


@pytest.mark.parametrize(
    "named",
    [
        ("os", "system"),
        ("posix", "system"),
        ("builtins", "eval"),
        ("torch", "load"),
        ("torch._utils", "_rebuild_tensor"),
    ],
)
def test_a_checkpoint_that_names_a_function_is_refused_and_the_function_does_not_run(
    named: tuple[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BadWeights, match=f"asks for {named[0]}.{named[1]}"):
        weights.read(checkpoint({"weight": Named(*named, "echo was run")}, [0.0]))
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    "layout",
    [(0, (7,), (1,)), (5, (2,), (1,)), (-1, (2,), (1,)), (0, (2, 2), (5, 1)), (0, (2,), (-1,)), (0, (2, 3), (3,))],
)
def test_a_tensor_cannot_look_beyond_its_storage(layout: tuple[int, tuple[int, ...], tuple[int, ...]]) -> None:
    with pytest.raises(BadWeights, match="storage"):
        weights.read(checkpoint({"weight": tensor(*layout)}, [0.0] * 6))


def test_a_storage_that_is_shorter_than_announced_is_refused() -> None:
    whole = checkpoint({"weight": tensor(0, (6,), (1,))}, [0.0] * 6)
    for cut in (whole[:-1], whole[: len(whole) - 24], checkpoint({"weight": tensor(0, (6,), (1,))}, [0.0] * 5)):
        with pytest.raises(BadWeights):
            weights.read(cut)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"\x80\x02", pickle.dumps(OrderedDict(), 2), HEADER])
def test_what_is_no_checkpoint_gets_an_error_that_says_so(content: bytes) -> None:
    with pytest.raises(BadWeights, match="checkpoint"):
        weights.read(content)


def test_the_pinned_checkpoint_has_the_tensors_of_the_network() -> None:
    read = weights.read(build.source(build.LITE0))
    assert read["_fc.weight"].shape == (1000, 1280)
    assert read["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert all(np.isfinite(values).all() for values in read.values())
    assert sum(values.size for name, values in read.items() if name.endswith(("weight", "bias"))) == 4_652_008
