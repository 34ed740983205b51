"""These tests run the commands in docs/search.md and docs/labels.md as they are written there."""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.cli.main import main
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.query import STATES
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.ledger import SqliteLedger
from tests.contract.samples import label, put, record

DOCS = Path(__file__).parent.parent / "docs"
REFUSED = (
    *[("unsupported_format", "format_heic")] * 3,
    ("unsupported_format", "format_svg"),
    ("corrupt",),
)


class TerminalOutput(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def index(tmp_path: Path) -> str:
    """An index with a dog on a beach and five pictures that were refused."""
    path = tmp_path / "index.db"
    with closing(Database(path)) as database:
        ledger = SqliteLedger(database)
        put(ledger, record(ObjectRef("oss", "photos", "dog.jpg"), (label("dog"), label("seashore"))))
        for number, (reason, *notes) in enumerate(REFUSED):
            row = record(ObjectRef("oss", "photos", f"{number}"), (), "skipped", reason)
            put(ledger, replace(row, notes=tuple(notes)))
    return f"sqlite:///{path}"


def _printed(arguments: list[str]) -> list[str]:
    with redirect_stdout(TerminalOutput()) as output, redirect_stderr(output):
        assert main(arguments) == 0
    return output.getvalue().splitlines()


def _shown(name: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield each command in the code blocks of a page, with the lines below it."""
    for block in re.findall(r"^```\n(.*?)^```", (DOCS / name).read_text("utf-8"), re.DOTALL | re.MULTILINE):
        for command in re.split(r"^\$ imagelabels ", block, flags=re.MULTILINE)[1:]:
            first, *lines = command.splitlines()
            yield shlex.split(first), lines


@pytest.mark.parametrize("page", ["search.md", "labels.md"])
def test_what_a_page_shows_of_a_command_is_what_the_command_prints(page: str, index: str) -> None:
    commands = list(_shown(page))
    assert len(commands) >= 3
    for arguments, lines in commands:
        where = ["--index", index] if arguments[0] == "search" else []
        printed = _printed([*arguments, *where])
        assert not lines or printed == lines, arguments


def test_every_condition_in_the_table_is_taken(index: str) -> None:
    table = re.findall(r"^\| [a-z ]+ \| (`.*?) \|", (DOCS / "search.md").read_text("utf-8"), re.MULTILINE)
    examples = [example for cell in table for example in re.findall(r"`([^`]+)`", cell)]
    assert len(examples) > 12
    for example in examples:
        assert "TOKEN" in example or _printed(["search", *shlex.split(example), "--index", index])
    assert _printed(["search", "dog", "beach", "--index", index])[0] == "oss://photos/dog.jpg"


def test_every_state_is_named() -> None:
    (line,) = re.findall(r".*`--state skipped` \|.*", (DOCS / "search.md").read_text("utf-8"))
    assert all(state in line for state in (*STATES, "any"))
