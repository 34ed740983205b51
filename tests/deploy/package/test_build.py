"""Packages as a whole: made of small wheels here, with the same bytes each time, or refused."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.deploy.package import report
from imagelabels.deploy.package.build import Built, build
from imagelabels.deploy.package.lock import Locked
from imagelabels.deploy.package.target import Order
from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.onnx import artifact
from tests.deploy.package.making import OWN, VERSION, library, own_order, wheel

ORDER = own_order()


class Wheels:
    """Small wheels in place of those that a lock names."""

    def __init__(self, folder: Path, **files: Mapping[str, bytes]) -> None:
        made = [wheel(folder, name, content) for name, content in files.items()]
        self.locked = [locked for locked, _ in made]
        self._paths = {locked.name: path for locked, path in made}

    def __call__(self, locked: Sequence[Locked], order: Order, cache: Path) -> Mapping[str, Path]:
        return {one.name: self._paths[one.name] for one in locked}

    def build(self, out: Path, order: Order = ORDER, policy: Path | None = None) -> Built:
        return build(order, out, os.environ, OWN.path, policy, fetch=self, locked=self.locked)


@pytest.fixture
def wheels(tmp_path: Path) -> Wheels:
    return Wheels(tmp_path, pets={"pets/__init__.py": b"x = {'a', 'b', 'c'}\n"}, birds={"birds.py": b""})


def names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_the_archives_have_each_platforms_shape(wheels: Wheels, tmp_path: Path) -> None:
    on_fc = wheels.build(tmp_path / "fc", own_order("aliyun"))
    on_scf = wheels.build(tmp_path / "scf", own_order("tencent"))
    pyc = f"__pycache__/birds.cpython-{VERSION.replace('.', '')}.pyc"
    assert {"python/birds.py", f"python/{pyc}", "python/pets/__init__.py"} <= names(on_fc.layer.path)
    assert {"birds.py", pyc, "pets/__init__.py"} <= names(on_scf.layer.path)
    for built in (on_fc, on_scf):
        assert {"index.py", "imagelabels/__init__.py", "imagelabels/wiring.py"} <= names(built.code.path)
    assert "imagelabels/providers/aliyun/__init__.py" not in names(on_scf.code.path)
    with zipfile.ZipFile(on_fc.layer.path) as layer, zipfile.ZipFile(on_scf.code.path) as code:
        assert b"/opt/python/birds.py" in layer.read(f"python/{pyc}")
        index = next(name for name in code.namelist() if name.startswith("__pycache__/index."))
        assert b"/var/user/index.py" in code.read(index)


def test_the_same_input_gives_the_same_bytes(wheels: Wheels, tmp_path: Path) -> None:
    first, second = wheels.build(tmp_path / "a"), wheels.build(tmp_path / "b")
    for part in ("code", "layer"):
        one, other = getattr(first, part), getattr(second, part)
        assert one.path.read_bytes() == other.path.read_bytes()
        assert hashlib.sha256(one.path.read_bytes()).hexdigest() == one.sha256 == other.sha256
    assert {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()} == {
        path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()
    }


def test_a_bill_of_materials_lies_beside_each_archive(wheels: Wheels, tmp_path: Path) -> None:
    built = wheels.build(tmp_path / "out")
    layer = json.loads((tmp_path / "out" / f"{built.layer.path.name}.cdx.json").read_text())
    assert [component["name"] for component in layer["components"]] == ["birds", "pets"]
    assert layer["metadata"]["component"]["hashes"][0]["content"] == built.layer.sha256
    code = json.loads((tmp_path / "out" / f"{built.code.path.name}.cdx.json").read_text())
    assert [component["name"] for component in code["components"]] == ["imagelabels"]


def test_sizes_are_said_beside_the_platforms_limits(wheels: Wheels, tmp_path: Path) -> None:
    built = wheels.build(tmp_path / "out")
    lines = report.lines(built)
    assert lines[0] == f"{built.code.path}  sha256 {built.code.sha256}"
    assert lines[2].startswith("the archive of the code 1.")
    assert lines[2].endswith(" MB, of at most 100")
    assert built.code.size == built.code.path.stat().st_size
    assert built.layer.unpacked > len(b"x = {'a', 'b', 'c'}\n")


def test_a_package_that_the_platform_would_refuse_is_never_written(wheels: Wheels, tmp_path: Path) -> None:
    small = replace(ORDER, cloud=replace(ORDER.cloud, unpacked_limit=1000))
    with pytest.raises(Misconfigured, match=r"code and layer, unpacked, has .* MB, but aliyun takes 0 MB"):
        wheels.build(tmp_path / "out", small)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_planted_wheel_that_needs_a_newer_system_is_found_and_nothing_is_written(tmp_path: Path) -> None:
    planted = Wheels(tmp_path, pets={"pets.py": b""}, birds={"birds/_fly.abi3.so": library("2.034")})
    with pytest.raises(
        Misconfigured, match=r"birds/_fly\.abi3\.so of birds 1\.0 needs GLIBC 2\.34, but python.* 2\.28"
    ):
        planted.build(tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_two_distributions_with_the_same_file_are_refused_rather_than_one_of_them_lost(tmp_path: Path) -> None:
    twice = Wheels(tmp_path, pets={"common.py": b"1"}, birds={"common.py": b"2"})
    with pytest.raises(Misconfigured, match=r"birds brings common\.py, which another distribution"):
        twice.build(tmp_path / "out")


def test_an_out_that_is_a_file_is_refused_before_anything_is_fetched(wheels: Wheels, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(Misconfigured, match="out is a file"):
        build(ORDER, tmp_path / "out", os.environ, OWN.path, fetch=lambda *_: pytest.fail("it was fetched"))


def test_the_policy_file_comes_into_the_code_if_the_function_can_read_it(wheels: Wheels, tmp_path: Path) -> None:
    policy = tmp_path / "mine.toml"
    policy.write_text('[[rule]]\nprefix = "oss://photos/"\nthreshold = 0.8\n')
    built = wheels.build(tmp_path / "out", policy=policy)
    with zipfile.ZipFile(built.code.path) as code:
        assert code.read("policy.toml") == policy.read_bytes()
    policy.write_text("[[rule]]\nthreshhold = 2\n")
    with pytest.raises(Misconfigured, match=r"mine\.toml"):
        wheels.build(tmp_path / "out", policy=policy)


@pytest.mark.story
def test_the_model_is_in_the_layer_with_the_embedded_detector_alone(wheels: Wheels, tmp_path: Path) -> None:
    model = f"models/{artifact.LITE0.name}.onnx"
    assert model in names(wheels.build(tmp_path / "a", own_order(detector="embedded")).layer.path)
    assert model not in names(wheels.build(tmp_path / "b").layer.path)
