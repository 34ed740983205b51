"""A function gets the modules that it can import, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from imagelabels.deploy.package import needs, sources
from imagelabels.deploy.package.target import Order, orders
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
    assert sources.needed_at_once(pets, "pets.dog") == ["pets.cat", "pets"]
    assert sources.needed_at_once(pets, "pets.cat") == []


def files(order: Order) -> dict[str, bytes]:
    entry = sources.entry_point(sources.function_folder(order.cloud.function))
    doors = [f"imagelabels.providers.{room}" for room in needs.rooms(order)]
    return sources.modules(sources.PACKAGE, [*sources.roots(entry), *doors], needs.left_out(order))


@pytest.mark.parametrize("order", orders(), ids=lambda one: str(one.name))
def test_no_function_holds_what_invokes_functions(order: Order) -> None:
    sdks = re.compile(rb"^(?:import|from) (?:alibabacloud_fc20230330|fc2|tencentcloud)\b", re.MULTILINE)
    packed = files(order)
    assert [path for path, source in packed.items() if sdks.search(source)] == []
    assert [path for path in packed if "invo" in path or path.endswith(("/fc_meanings.py", "/platform.py"))] == []


@pytest.mark.parametrize("order", orders(), ids=lambda one: str(one.name))
def test_nothing_that_is_imported_at_once_is_left_out(order: Order) -> None:
    packed = files(order)
    for path in packed:
        if path.endswith(".py"):
            module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            for needed in sources.needed_at_once(sources.PACKAGE, module):
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
    for place in ("cli/", "deploy/", "wiring_commands.py", "__main__.py", "providers/onnx/build/"):
        assert not [path for path in packed if path.startswith(f"imagelabels/{place}")]
    assert "imagelabels/domain/taxonomy.json" in packed
    assert ("imagelabels/providers/onnx/classes.json" in packed) == (order.detector == "embedded")


def test_the_entry_points_are_found_and_a_function_that_is_not_there_is_named() -> None:
    for order in orders():
        assert list(sources.entry_point(sources.function_folder(order.cloud.function))) == ["index.py"]
    with pytest.raises(Misconfigured, match=r"the sources of the function aliyun_nothing are neither in .* nor in .*"):
        sources.function_folder("aliyun_nothing")
