"""These tests check that the commands in the documentation exist, with the options that it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import shown

PAGES = [
    shown.ROOT / "README.md",
    shown.ROOT / "emulator" / "README.md",
    *sorted((shown.ROOT / "docs").rglob("*.md")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_would_show_a_command_that_is_refused(page: Path) -> None:
    for command in shown.in_blocks(page.read_text("utf-8")):
        for words in command.simple():
            why = shown.complaint(words)
            assert why is None, f"{page.name}:{command.line}: {' '.join(words)}: {why}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_would_name_a_command_or_an_option_that_does_not_exist(page: Path) -> None:
    for words in shown.in_text(page.read_text("utf-8")):
        assert shown.unknown_in_text(words) is None


def test_all_commands_would_be_overlooked() -> None:
    assert sum(len(shown.in_blocks(page.read_text("utf-8"))) for page in PAGES) > 30
    assert sum(len(shown.in_text(page.read_text("utf-8"))) for page in PAGES) > 30


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("imagelabels serach dog", "there is no command serach dog"),
        ("imagelabels deploy moon", "there is no command deploy moon"),
        ("imagelabels search dog --confidence 0.8", "--confidence"),
        ("imagelabels undo", "Missing argument"),
        ("export IMAGELABELS_INDX=sqlite:///a.db", "there is no setting IMAGELABELS_INDX"),
        ("A=1 .venv/bin/python -m emulator up", "--data"),
        ("imagelabels-emulator up --data DIR --prot 9000", "--prot"),
        ("python -m imagelabels.deploy.template.check", "there is no module imagelabels.deploy.template.check"),
        ('ls && eval "$(imagelabels completion tcsh)"', "tcsh"),
        ("imagelabels search dog | sort > imagelabels", None),
        ("imagelabels detect --help", None),
        ("imagelabels-emulator up --help", None),
        ("imagelabels search dog --min-confidence 0.8", None),
        ("aliyun ros --Whatever", None),
    ],
)
def test_a_mistake_in_a_command_would_not_be_found(line: str, said: str | None) -> None:
    (command,) = shown.in_blocks(f"Text.\n\n```\n{line}\n```\n")
    complaints = [why for words in command.simple() if (why := shown.complaint(words)) is not None]
    assert command.line == 4
    assert bool(complaints) == (said is not None), complaints
    assert said is None or said in complaints[0]


def test_the_output_below_a_prompt_would_be_taken_for_a_command() -> None:
    page = "```\n$ imagelabels labels \\\n    kitten\nimagelabels is no command here\n```\n"
    assert [command.text for command in shown.in_blocks(page)] == ["imagelabels labels     kitten"]


def test_a_block_in_a_list_or_one_of_another_language_would_be_misread() -> None:
    page = (
        "1. A:\n\n   ```\n   # needs an account\n   imagelabels labels\n   ```\n\n```toml\na=1\n```\n\n```\nls\n```\n"
    )
    first, second = shown.blocks(page)
    assert ([command.text for command in first.commands()], first.runs_here) == (["imagelabels labels"], False)
    assert ([command.text for command in second.commands()], second.runs_here) == (["ls"], True)
    assert [command.line for command in shown.in_blocks(page)] == [5, 13]


def test_an_option_in_a_sentence_would_not_be_looked_up() -> None:
    (known, unknown) = shown.in_text("Use `imagelabels undo PREFIX [--yes]`, not `imagelabels undo PREFIX [--force]`.")
    assert shown.unknown_in_text(known) is None
    assert shown.unknown_in_text(unknown) == "imagelabels undo PREFIX --force has no option --force"
    assert shown.unknown_in_text(["imagelabels", "ndo"]) == "there is no command imagelabels ndo"
