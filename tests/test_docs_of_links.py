"""These tests check that the links between the pages of the documentation lead to a file and to a heading in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "emulator/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
_LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)(?:#([^)\s]+))?\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return what GitHub calls the headings of a page: https://docs.github.com/en/get-started/writing-on-github."""
    headings = _HEADING.findall(re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_would_lead_nowhere(page: Path) -> None:
    for name, anchor in _LINK.findall(page.read_text("utf-8")):
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name}: {name}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {name}#{anchor}"


def test_all_links_would_be_overlooked() -> None:
    assert sum(len(_LINK.findall(page.read_text("utf-8"))) for page in PAGES) > 80


def test_a_folder_of_code_would_be_missing_on_the_map() -> None:
    checked = re.search(
        r"^\[tool\.mypy\].*?^files = \[(.*?)\]", (ROOT / "pyproject.toml").read_text("utf-8"), re.S | re.M
    )
    assert checked is not None
    folders = re.findall(r'"(\w+)"', checked[1])
    assert len(folders) >= 7
    readme = (ROOT / "README.md").read_text("utf-8").partition("## The map")[2].partition("\n## ")[0]
    assert [folder for folder in folders if f"]({folder}" not in readme] == []
