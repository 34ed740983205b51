"""A function gets the modules that it can import, and no others."""

from __future__ import annotations

import ast
import re
from importlib.metadata import distributions
from pathlib import Path

import pytest

from imagelabels.deploy.package import lock, needs, sources
from imagelabels.deploy.package.relock import normal
from imagelabels.deploy.package.target import CLOUDS, Cloud, Order, order, orders
from imagelabels.domain.errors import Misconfigured


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    package = tmp_path / "pets"
    for place, text in {
        "__init__.py": "",
        "dog.py": "from pets import cat\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pets.typed\n",
        "cat.py": "def meow():\n    from .voice.loud import sound\n    import pets.cli\n",
        "typed.py": "",
        "cli/__init__.py": "import pets.horse",
        "horse.py": "",
        "voice/__init__.py": "",
        "voice/loud.py": "from ..bird import *",
        "voice/sounds.json": "[]",
        "voice/quiet.py": "",
        "bird.py": "import os",
    }.items():
        (package / place).parent.mkdir(parents=True, exist_ok=True)
        (package / place).write_text(text)
    return package


def test_imports_are_followed_wherever_they_stand_but_not_those_for_the_type_checker(pets: Path) -> None:
    modules = sources.modules(pets, ["pets.dog", "os"], ["pets.cli"])
    assert sorted(modules) == [
        "pets/__init__.py",
        "pets/bird.py",
        "pets/cat.py",
        "pets/dog.py",
        "pets/voice/__init__.py",
        "pets/voice/loud.py",
        "pets/voice/sounds.json",
    ]


def test_what_is_imported_at_once_is_told_from_what_is_opened_later(pets: Path) -> None:
    needed = needed_at_once(pets)
    assert (needed["pets.dog"], needed["pets.cat"]) == (["pets.cat", "pets"], [])


def needed_at_once(package: Path) -> dict[str, list[str]]:
    """Return what each module of the package imports from it as soon as it is loaded itself."""
    files = dict(sources.module_files(package))
    needed = dict[str, list[str]]()
    for module, path in files.items():
        at_once = WithoutFunctions().visit(ast.parse(path.read_bytes()))
        names = sources.imports(at_once, sources.package_of(module, files))
        needed[module] = [name for name in names if name in files]
    return needed


class WithoutFunctions(ast.NodeTransformer):
    """A copy of a module without what runs only when a function is called."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Leave the function out."""

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """Leave the function out."""


@pytest.fixture(scope="module")
def ours() -> dict[str, list[str]]:
    return needed_at_once(sources.PACKAGE)


_FILES: dict[str, dict[str, bytes]] = {}


def files(order: Order) -> dict[str, bytes]:
    """Return what is packed for an order. Parsing the sources takes half a second, so it is done once for each."""
    if order.name not in _FILES:
        _FILES[order.name] = _files(order)
    return _FILES[order.name]


def _files(order: Order) -> dict[str, bytes]:
    entry = sources.entry_points(order.cloud)
    doors = [f"imagelabels.providers.{room}" for room in needs.rooms(order)]
    return sources.modules(sources.PACKAGE, [*sources.roots(entry), *doors], needs.left_out(order))


@pytest.mark.parametrize("order", orders(), ids=lambda one: str(one.name))
def test_no_function_holds_what_invokes_functions(order: Order) -> None:
    sdks = re.compile(rb"^(?:import|from) (?:alibabacloud_fc20230330|fc2|tencentcloud)\b", re.MULTILINE)
    packed = files(order)
    assert [path for path, source in packed.items() if sdks.search(source)] == []
    assert [path for path in packed if "invo" in path or path.endswith(("/fc_meanings.py", "/platform.py"))] == []


@pytest.mark.parametrize("order", orders(), ids=lambda one: str(one.name))
def test_nothing_that_is_imported_at_once_is_left_out(order: Order, ours: dict[str, list[str]]) -> None:
    packed = files(order)
    for path in packed:
        if path.endswith(".py"):
            module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            for needed in ours.get(module, []):
                place = needed.replace(".", "/")
                assert {f"{place}.py", f"{place}/__init__.py"} & packed.keys(), f"{module} imports {needed}"


@pytest.mark.parametrize("order", orders(), ids=lambda one: str(one.name))
def test_a_function_has_no_room_that_its_cloud_detector_and_index_do_not_need(order: Order) -> None:
    rooms = {
        path.split("/")[2] for path in files(order) if path.startswith("imagelabels/providers/") and "/" in path[23:]
    }
    uses_aliyun = order.cloud.name == "aliyun" or order.index == "tablestore"
    assert ("aliyun" in rooms) == uses_aliyun
    assert ("tencent" in rooms) == (order.cloud.name == "tencent")
    assert ("onnx" in rooms) == (order.detector == "embedded")
    assert ("sqlite" in rooms) == (order.index == "sqlite")
    assert "local" not in rooms


@pytest.mark.parametrize("order", orders(), ids=lambda one: str(one.name))
def test_no_function_has_the_command_line_the_deployment_or_what_builds_the_model(order: Order) -> None:
    packed = files(order)
    for place in (
        "cli/",
        "deploy/",
        "wiring_commands.py",
        "wiring_platforms.py",
        "__main__.py",
        "providers/onnx/build/",
    ):
        assert not [path for path in packed if path.startswith(f"imagelabels/{place}")]
    assert "imagelabels/domain/taxonomy.json" in packed
    assert ("imagelabels/providers/onnx/classes.json" in packed) == (order.detector == "embedded")


@pytest.mark.parametrize("cloud", CLOUDS.values(), ids=CLOUDS)
def test_the_album_function_would_find_the_api_but_not_what_asks_stores_with_a_persons_keys(cloud: Cloud) -> None:
    packed = files(order(cloud.name))
    needed = {"imagelabels/api/opened.py", "imagelabels/api/correcting.py", "imagelabels/usecases/correct.py"}
    assert needed | {f"imagelabels/providers/{cloud.name}/http.py"} <= packed.keys()
    assert not {"imagelabels/api/stores.py", "imagelabels/api/serving.py", "imagelabels/api/wsgi.py"} & packed.keys()


@pytest.mark.parametrize("order", orders(), ids=lambda one: str(one.name))
def test_the_api_would_import_a_distribution_that_no_layer_has(order: Order) -> None:
    imported = {
        name.partition(".")[0]
        for path, source in files(order).items()
        if path.startswith("imagelabels/api/")
        for name in sources.roots({path: source})
    }
    # Python 3.10's packages_distributions() does not look at the files of a distribution.
    brought = {
        normal(one.metadata["Name"])
        for one in distributions()
        if {file.parts[0].removesuffix(".py") for file in one.files or ()} & (imported - {"imagelabels"})
    }
    assert "aws-lambda-powertools" in brought
    assert brought <= {one.name for one in lock.load(order)}


def test_the_entry_points_are_found_and_a_function_that_is_not_there_is_named() -> None:
    for cloud in CLOUDS.values():
        assert list(sources.entry_points(cloud)) == ["index.py", "album.py", "webhooks.py"]
    with pytest.raises(Misconfigured, match=r"the sources of the function aliyun_nothing are neither in .* nor in .*"):
        sources.function_folder("aliyun_nothing")
