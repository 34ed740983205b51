"""docs/add-a-provider.md is followed: its steps are those that the toy cloud and the toy index took."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from imagelabels.clouds import Index, Provider
from tests.toy import cloud, index

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "add-a-provider.md").read_text("utf-8")


def test_every_piece_of_code_on_the_page_stands_in_the_file_that_it_names() -> None:
    pieces = re.findall(r"`(tests/toy/[\w/.]+)`\n\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(pieces) == PAGE.count("```python") == 6
    for path, code in pieces:
        assert code in (ROOT / path).read_text("utf-8"), path


def test_the_toys_have_no_file_that_the_page_does_not_name() -> None:
    files = {str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "toy").rglob("*.py")}
    tests = {path for path in files if Path(path).name.startswith("test_")}
    assert files - tests - {"tests/toy/__init__.py"} == set(re.findall(r"`(tests/toy/[\w/.]+\.py)`", PAGE))


def test_the_toys_take_every_role_that_a_provider_can_have() -> None:
    assert [field.name for field in fields(Provider) if not getattr(cloud.PROVIDER, field.name)] == []
    optional = {"extra", "settings", "own_files"}  # they need none, and the index is not kept in files
    assert {field.name for field in fields(Index) if not getattr(index.INDEX, field.name)} == optional


def test_no_line_of_the_product_knows_the_toys() -> None:
    product = [path for room in ("shared", "functions") for path in (ROOT / room).rglob("*.py")]
    assert [path for path in product if re.search(r"\btoy|\bshelf\b", path.read_text("utf-8"), re.IGNORECASE)] == []


def test_files_and_names_that_the_page_tells_of_are_there() -> None:
    for path in re.findall(r"`((?:shared|functions|tests|docs)/[\w/.]+)`", PAGE):
        assert (ROOT / path).exists(), path
    wiring = (ROOT / "shared" / "imagelabels" / "wiring.py").read_text("utf-8")
    assert "def function(" in wiring
    assert len(wiring.splitlines()) < 100
